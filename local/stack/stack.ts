import type { ClockSetting } from "../clock.ts";
import type { StackAddresses } from "../service.ts";

export interface StackOptions {
  /** Everything the stack keeps; made if absent. One stack at a time. */
  readonly dataDirectory: string;
  /** A built Functions app; this project unless said otherwise. */
  readonly appDirectory?: string;
  /** The app in three processes, each with the rights of `infra/permissions.yaml`, in place of one that may do all. */
  readonly split?: boolean;
  /** The app runs on the real Functions host, by Core Tools, in place of the embedded one; its clock cannot be moved. */
  readonly realHost?: boolean;
  /** First of fourteen consecutive ports; free ones unless said otherwise. */
  readonly portBase?: number;
  readonly clock?: ClockSetting["mode"];
  /** Processes and parts of `world` to start; all unless said otherwise. */
  readonly only?: readonly string[];
  /** Settings of the app that win over its own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told when a process ends without having been asked to. */
  readonly onProcessLost?: (name: string, exitCode: number | null) => void;
}

/** A running stack. See README.md for parts, operations and what a clock move does. */
export interface Stack {
  readonly addresses: StackAddresses;
  /** Base URL of the process that holds the task hub. */
  readonly taskHubAddress: string;
  readonly taskHubKey: string;
  /** What the app and its hosts said and printed. */
  readonly hostLogs: readonly string[];
  readonly dataDirectory: string;
  readonly clock: {
    now(): number;
    /** Each answers the new instant in milliseconds since the epoch. */
    advance(ms: number): Promise<number>;
    to(instant: number): Promise<number>;
    setMode(mode: ClockSetting["mode"]): Promise<number>;
  };
  /** Runs an operation of a part, as `POST /parts/<part>/<operation>` of the control API does. */
  call(part: string, operation: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The process is gone when this resolves (SIGSTOP and SIGCONT aside). */
  kill(process: string, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a process again, on the addresses it had. */
  start(process: string): Promise<void>;
  stopProcess(process: string): Promise<void>;
  /** Settings of the app, beside or instead of those it has, from its next start on. */
  configure(settings: Readonly<Record<string, string>>): void;
  /** Waits until the host has nothing left to run at this instant. */
  settle(): Promise<void>;
  describe(): StackDescription;
  /** Throws away what all parts keep, but for the secrets, and starts them again where they were, with these settings. */
  reset(settings?: Readonly<Record<string, string>>): Promise<void>;
  /** Stops everything. No process, socket or lock is left. */
  stop(): Promise<void>;
}

export interface StackDescription {
  readonly addresses: StackAddresses;
  readonly processes: Readonly<Record<string, { readonly pid: number | null; readonly state: string }>>;
  readonly clock: { readonly now: string; readonly mode: string };
  /** The app runs on the real Functions host. */
  readonly isRealHost: boolean;
  readonly taskHubAddress: string;
  readonly taskHubKey: string;
  readonly dataDirectory: string;
  readonly hostLogs: readonly string[];
}

export const WORLD_PARTS = ["graph", "login", "servicenow", "jira", "mailbox", "azure"] as const;
/** In a split stack `front`, `worker` and `sweeper` run in place of `host`, which then names all three. */
export const PROCESSES = ["storage", "world", "broker", "host"] as const;
