import { availableParallelism } from "node:os";
import { parseTimeSpanMs } from "../time-span.ts";

const CALLS_PER_CORE = 16;

/** `extensions.serviceBus` of host.json. */
export interface ServiceBusHostSettings {
  readonly autoCompleteMessages: boolean;
  readonly maxConcurrentCalls: number;
  readonly prefetchCount: number;
  readonly maxAutoLockRenewalMs: number;
  readonly maxMessageBatchSize: number;
  readonly minMessageBatchSize: number;
  readonly maxBatchWaitMs: number;
  readonly maxConcurrentSessions: number;
  /** As long as a try, unless said otherwise. */
  readonly sessionIdleMs: number;
  readonly retry: RetrySettings;
}

/** About the talk with the broker, not about running a function again. */
export interface RetrySettings {
  readonly mode: "Exponential" | "Fixed";
  readonly tryTimeoutMs: number;
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetries: number;
}

const SECTION = "extensions.serviceBus";
const NUMBER_RANGES = {
  maxConcurrentCalls: 1,
  prefetchCount: 0,
  maxMessageBatchSize: 1,
  minMessageBatchSize: 1,
  maxConcurrentSessions: 1,
} as const;
const RETRY_NAMES = ["mode", "tryTimeout", "delay", "maxDelay", "maxRetries"];
/** What the real host knows too, at the only value that there is here. */
const FIXED: Readonly<Record<string, unknown>> = {
  transportType: "amqpTcp",
  maxConcurrentCallsPerSession: 1,
  enableCrossEntityTransactions: false,
};
const NAMES = [
  "autoCompleteMessages",
  ...Object.keys(NUMBER_RANGES),
  "maxAutoLockRenewalDuration",
  "maxBatchWaitTime",
  "sessionIdleTimeout",
  "clientRetryOptions",
  ...Object.keys(FIXED),
];

/** Reads `extensions.serviceBus`. @throws Error with the place of what cannot be read */
export function readServiceBusSettings(value: unknown): ServiceBusHostSettings {
  const section = new Section(SECTION, value ?? {}, NAMES);
  for (const [name, only] of Object.entries(FIXED)) section.fixed(name, only);
  const retry = retrySettings(section.get("clientRetryOptions") ?? {});
  const settings = {
    autoCompleteMessages: section.boolean("autoCompleteMessages", true),
    maxConcurrentCalls: section.integer("maxConcurrentCalls", CALLS_PER_CORE * availableParallelism()),
    prefetchCount: section.integer("prefetchCount", 0),
    maxAutoLockRenewalMs: section.timeSpanMs("maxAutoLockRenewalDuration", 300_000),
    maxMessageBatchSize: section.integer("maxMessageBatchSize", 1000),
    minMessageBatchSize: section.integer("minMessageBatchSize", 1),
    maxBatchWaitMs: section.timeSpanMs("maxBatchWaitTime", 30_000),
    maxConcurrentSessions: section.integer("maxConcurrentSessions", 8),
    sessionIdleMs: section.timeSpanMs("sessionIdleTimeout", retry.tryTimeoutMs),
    retry,
  };
  if (settings.minMessageBatchSize > settings.maxMessageBatchSize)
    section.fail("minMessageBatchSize", "is larger than maxMessageBatchSize");
  return settings;
}

/** The pause is shorter than the real 0.8 s, and does not grow: a broker on this machine is back soon. */
function retrySettings(value: unknown): RetrySettings {
  const section = new Section(`${SECTION}.clientRetryOptions`, value, RETRY_NAMES);
  const said = section.get("mode") ?? "Fixed";
  const mode = (["Exponential", "Fixed"] as const).find(
    (candidate) => typeof said === "string" && candidate.toLowerCase() === said.toLowerCase(),
  );
  return {
    mode: mode ?? section.fail("mode", 'is "exponential" or "fixed"'),
    tryTimeoutMs: section.timeSpanMs("tryTimeout", 60_000),
    delayMs: section.timeSpanMs("delay", 200),
    maxDelayMs: section.timeSpanMs("maxDelay", 60_000),
    maxRetries: section.integer("maxRetries", 3),
  };
}

/** An object of host.json that says where something in it is wrong. */
class Section {
  readonly #path: string;
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(path: string, value: unknown, names: readonly string[]) {
    this.#path = path;
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Error(`${path} in host.json is not an object`);
    this.#values = new Map(Object.entries(value));
    for (const name of this.#values.keys()) if (!names.includes(name)) this.fail(name, "is not known");
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.get(name) ?? otherwise;
    return typeof value === "boolean" ? value : this.fail(name, "is true or false");
  }

  integer(name: string, otherwise: number): number {
    const value = this.get(name) ?? otherwise;
    const least = new Map<string, number>(Object.entries(NUMBER_RANGES)).get(name) ?? 0;
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    return this.fail(name, `is a whole number from ${least} on`);
  }

  timeSpanMs(name: string, otherwise: number): number {
    const value = this.get(name);
    if (value === undefined) return otherwise;
    const ms = typeof value === "string" ? parseTimeSpanMs(value) : undefined;
    return ms ?? this.fail(name, 'is a time span like "00:05:00"');
  }

  fixed(name: string, only: unknown): void {
    const value = this.get(name) ?? only;
    if (String(value).toLowerCase() !== String(only).toLowerCase()) this.fail(name, `can only be ${String(only)} here`);
  }

  fail(name: string, why: string): never {
    throw new Error(`${this.#path}.${name} in host.json ${why}`);
  }
}
