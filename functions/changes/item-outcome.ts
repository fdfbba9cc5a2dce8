import type { Instant } from "../../shared/domain/time.ts";

/** What working one item of a change came to. */
export type ItemOutcome =
  | { readonly kind: "finished" }
  /** `paced`: for others who write in bulk, and nothing was sent. */
  | { readonly kind: "wait"; readonly until: Instant; readonly paced?: true }
  | { readonly kind: "stop"; readonly because: string };

/** After a write the read side lags: it is asked again so often, in milliseconds, before the item waits. */
export const LOOKS_MS: readonly number[] = [0, 50, 150, 400, 1_000];
