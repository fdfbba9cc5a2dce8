import type { Decision } from "./approval.ts";
import type { ActivationId, PersonKey, PrincipalId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** What the worker keeps of a sign-in that it verified itself; stored with the worker's MAC. */
export type Verdict = {
  readonly activationId: ActivationId;
  /** Digest of the frozen request that the sign-in was bound to. */
  readonly requestDigest: string;
  readonly nonce: string;
  readonly authenticatedAt: Instant;
  readonly verifiedAt: Instant;
  readonly authenticationContexts: readonly string[];
} & (
  | { readonly purpose: "stepUp" | "start"; readonly account: PrincipalId }
  | { readonly purpose: "decision"; readonly slot: number; readonly decision: Decision }
);

/** A verified sign-in of somebody who agrees to lift a freeze; stored with the worker's MAC. */
export interface ResumeVerdict {
  readonly freezeId: string;
  /** Digest of the freeze as it was stored and shown. */
  readonly freezeDigest: string;
  readonly nonce: string;
  readonly person: PersonKey;
  readonly account: PrincipalId;
  readonly authenticatedAt: Instant;
  readonly verifiedAt: Instant;
  readonly authenticationContexts: readonly string[];
}

/** Written before the directory is asked, and read back after a crash. */
export interface GrantIntent {
  readonly activationId: ActivationId;
  readonly attempt: number;
  readonly durationMs: number;
  readonly at: Instant;
}
