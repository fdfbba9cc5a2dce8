import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { ControlOperations, LocalService } from "../service.ts";
import { hostEnvironment } from "./host-environment.ts";
import { HostApi } from "./host-api.ts";
import { QuietHost } from "./quiet-host.ts";

export interface FuncHostOptions {
  /** Path of `func`. */
  readonly command: string;
  readonly appDirectory: string;
  /** Where everything goes that it says. */
  readonly logFile: string;
  /** Base URL of the app. */
  readonly address: string;
  /** Settings of the app. */
  readonly environment: Readonly<Record<string, string>>;
  readonly taskHubKey: string;
}

const LOOK_MS = 100;
/** The first start downloads the extension bundle. */
const START_DEADLINE_MS = 300_000;
const TOLD_LINES = 3;
const STOP_DEADLINE_MS = 10_000;

/**
 * The real Functions host: `func start` in the folder of the built app, with the settings in its environment. What is asked
 * of it goes through its own HTTP doors. See README.md, "The real host".
 */
export class FuncHost implements LocalService {
  readonly name = "host";
  readonly #options: FuncHostOptions;
  readonly #api: HostApi;
  readonly #quiet: QuietHost;
  #func: ChildProcess | undefined;
  #isStopping = false;

  constructor(options: FuncHostOptions) {
    this.#options = options;
    this.#api = new HostApi(options.address, options.taskHubKey, options.environment);
    this.#quiet = new QuietHost(this.#api);
  }

  /** Of the embedded host's operations those that every Functions host has a door for. */
  get control(): ControlOperations {
    return {
      functions: () => this.#api.functions(),
      receives: () => this.#api.receives(),
      runTimer: async ({ name }) => {
        await this.#api.runTimer(String(name));
        await this.#quiet.wait();
      },
      settle: async () => {
        await this.#quiet.wait();
        return { nextDueAt: null };
      },
    };
  }

  /** When `func` ends by itself, so does this process, with its exit code. */
  async start(): Promise<void> {
    const { command, appDirectory, address, environment, logFile } = this.#options;
    const log = openSync(logFile, "a");
    const func = spawn(command, ["start", "--port", new URL(address).port], {
      cwd: appDirectory,
      env: { ...process.env, ...hostEnvironment(environment) },
      stdio: ["ignore", log, log],
      shell: command.endsWith(".cmd"),
    });
    closeSync(log);
    this.#func = func;
    func.once("error", (error) => {
      console.error(error.message);
      process.exit(1);
    });
    func.once("exit", (code) => {
      if (this.#isStopping) return;
      console.error(lastWords(readFileSync(logFile, "utf8")));
      process.exit(code === null || code === 0 ? 1 : code);
    });
    await within(START_DEADLINE_MS, "func does not answer as a running host", () => this.#api.isRunning());
  }

  /** As Ctrl-C does it. What does not end by itself in time is ended, this process included. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    signalGroup(this.#func, "SIGINT");
    const isGone = async (): Promise<boolean> => hasEnded(this.#func) && !(await this.#api.isListening());
    await within(STOP_DEADLINE_MS, "func does not stop", isGone).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      signalGroup(this.#func, "SIGKILL");
    });
  }
}

/** This process leads a group in which nobody is but `func` and what it started. */
function signalGroup(func: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (process.platform === "win32") func?.kill(signal);
  else process.kill(-process.pid, signal);
}

/** Its last lines, without where in its code that was. */
function lastWords(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s+at |^\s*[{}]\s*$|^Node\.js v/.test(line));
  return lines.slice(-TOLD_LINES).join("\n");
}

const hasEnded = (func: ChildProcess | undefined): boolean => func?.exitCode !== null || func.signalCode !== null;

async function within(ms: number, problem: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`${problem} after ${ms / 1000} s`);
    await pause(LOOK_MS);
  }
}
