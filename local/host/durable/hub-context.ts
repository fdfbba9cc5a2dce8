import type { HttpCaller } from "./call-http.ts";
import type { Database } from "./database.ts";
import type { Faults } from "./faults.ts";
import type { FunctionRunner } from "./runner.ts";
import type { TaskHubSettings } from "./settings.ts";
import type { OutgoingMessage } from "./messages.ts";
import type { Store } from "./store.ts";
import type { HubAddress } from "./urls.ts";

/** What the parts of one task hub share. */
export interface HubContext {
  readonly db: Database;
  readonly store: Store;
  readonly runner: FunctionRunner;
  readonly settings: TaskHubSettings;
  readonly faults: Faults;
  readonly callHttp: HttpCaller;
  /** Call after a commit: looks at these instances now, without waiting for a poll. */
  deliver(messages: readonly OutgoingMessage[]): void;
  /** The same for work items that were put down as taken. */
  take(workItems: readonly number[]): void;
  /** The host goes down: what ends now may have been cut off, and is done again. */
  readonly isStopping: () => boolean;
  /** Looks for work that has become due. */
  poke(): void;
}

/** The part of a hub that answers HTTP requests. */
export interface HttpHub extends HubContext {
  readonly hubName: string;
  readonly address: HubAddress;
}

const PARK_AFTER_FAULTS = 10;
const LONGEST_BACKOFF_MS = 60_000;

export const mustPark = (faults: number): boolean => faults >= PARK_AFTER_FAULTS;

export const backoffMs = (faults: number): number => Math.min(LONGEST_BACKOFF_MS, 1000 * 2 ** (faults - 1));

export const parkedText = (faults: number, error: unknown): string =>
  `Parked after ${faults} platform faults, the last one: ${error instanceof Error ? error.message : String(error)}`;

export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
