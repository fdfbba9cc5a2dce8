import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { HistoryEvent } from "../../local/host/durable/history.ts";
import type { TypedData } from "../../local/host/typed-data.ts";

/** One scenario as it ran on the real engine. */
export interface Trace {
  readonly scenario: string;
  readonly about: string;
  readonly orchestrator: string | Readonly<Record<string, string>>;
  readonly exchanges: readonly Exchange[];
  readonly activities: readonly ActivityRun[];
  readonly http: readonly HttpExchange[];
  readonly finalStatus: Readonly<Record<string, { readonly httpStatus: number; readonly body: unknown }>>;
}

/** One call of an orchestrator: what the host sent and what the SDK answered. */
export interface Exchange {
  readonly at: string;
  readonly function: string;
  readonly sent: {
    readonly history: readonly HistoryEvent[];
    readonly instanceId: string;
    readonly parentInstanceId: string | null;
    readonly [field: string]: unknown;
  };
  readonly returned: Readonly<Record<string, unknown>>;
}

export interface ActivityRun {
  readonly at: string;
  readonly name: string;
  readonly instanceId: string;
  readonly sentRaw: TypedData;
  readonly returnedRaw: (TypedData & { readonly exception?: ThrownError }) | null;
}

export interface ThrownError {
  readonly message: string;
  readonly stackTrace: string;
}

export interface HttpExchange {
  readonly note: string;
  readonly at: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const RECORDED = join(import.meta.dirname, "../fixtures/durable-traces");

/** The recorded scenarios, and those of a folder that DURABLE_TRACES names. */
export function loadTraces(): Trace[] {
  const folders = [RECORDED, ...(process.env["DURABLE_TRACES"] ? [process.env["DURABLE_TRACES"]] : [])];
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => join(folder, file)),
  );
  return files.map((file) => ({
    ...(JSON.parse(readFileSync(file, "utf8")) as Trace),
    scenario: basename(file, ".json"),
  }));
}

/** The sources of a scenario by name; code before and after a change has both under one name. */
export const sourcesOf = ({ orchestrator }: Trace): readonly [string, string][] =>
  typeof orchestrator === "string" ? [["app.js", orchestrator]] : Object.entries(orchestrator);

/** The state that an orchestrator returned or threw. */
export const stateOf = ({ returned }: Exchange): Readonly<Record<string, unknown>> =>
  (returned["outOfProcData"] as Record<string, unknown> | undefined) ?? returned;

export const executionOf = ({ sent }: Exchange): string => {
  const started = sent.history.find((event) => event.EventType === 0);
  return started?.OrchestrationInstance.ExecutionId ?? "";
};

const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\{\\*"\$type.*$/s, "<details>"],
  [/,? ?StackTrace.*$/s, "<stack>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?/g, "<time>"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<guid>"],
  [/\b[0-9a-f]{32}\b/g, "<guid>"],
  [/ Additional info: .*$/s, ""],
  [/https?:\/\/[^/]+/g, "<origin>"],
  [/\b1[78]\d{11}\b/g, "<ms>"],
  [/"passedMs":\d+/g, '"passedMs":0'],
  [/taskHub=\w+/g, "taskHub=<hub>"],
];

/** A value without what differs from run to run: times, generated ids, stack traces, ports. */
export function withoutVolatile(value: unknown): unknown {
  if (typeof value === "string") {
    return VOLATILE.reduce((text, [pattern, mark]) => text.replace(pattern, mark), value);
  }
  if (Array.isArray(value)) return value.map(withoutVolatile);
  if (typeof value === "number" && value > 1.7e12) return "<ms>";
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, key === "passedMs" ? 0 : withoutVolatile(field)]),
  );
}
