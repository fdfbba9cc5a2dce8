import type { Assignment } from "../domain/directory.ts";
import type { ActivationId, PersonKey, PrincipalId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";
import type { SealedRow } from "./activation-store.ts";

/** Rows that stop need no MAC; rows that permit carry one. */
export interface Controls {
  /** The freeze in force, if any. */
  freeze(): Promise<Freeze | undefined>;
  /** The same, with when a sealed lift last resumed the grants: one request. */
  standing(): Promise<Standing>;
  /**
   * For the page: the freeze in force; else, where the seals of lifts cannot be checked, the newest one that a row says was
   * lifted, because anybody with the table could have written that.
   */
  shown(): Promise<{ readonly freeze: Freeze; readonly saidToBeLifted: boolean } | undefined>;
  /** Stops all grants; another freeze while one is in force changes nothing. */
  startFreeze(freeze: Freeze): Promise<Freeze>;
  /** Lifts a freeze: a sealed row that names it. */
  liftFreeze(id: string, seal: { readonly body: string; readonly mac: string }): Promise<void>;
  /** Keeps a verified sign-in (JSON of `ResumeVerdict`) for the freeze. The same again changes nothing. */
  keepResumeVerdict(freezeId: string, key: string, verdict: SealedRow): Promise<void>;
  /** Who agreed to lift the freeze, as stored: a row without a valid MAC is as good as absent. */
  resumeVerdicts(freezeId: string): Promise<readonly SealedRow[]>;
  /** Number of grants recorded since the instant, and the seal under which they were. */
  grantsSince(at: Instant): Promise<number>;
  /** Insert-only, before the grant. */
  recordGrant(activationId: ActivationId, attempt: number, at: Instant): Promise<void>;
  block(person: PersonKey, until: Instant, because: string): Promise<void>;
  isBlocked(person: PersonKey, at: Instant): Promise<boolean>;
}

export interface Standing {
  readonly freeze: Freeze | undefined;
  /** `undefined`: never. */
  readonly resumedAt: Instant | undefined;
}

export interface Freeze {
  /** 128 bits as 32 hexadecimal digits, like an activation's. */
  readonly id: string;
  readonly at: Instant;
  readonly by: PersonKey | "breaker";
  readonly account: PrincipalId | undefined;
  readonly because: string;
}

/** At most one activation holds a (principal, role, scope) at a time. */
export interface Holders {
  /** Insert-only. Answers who holds it afterwards: ourselves or another activation. */
  take(assignment: Assignment, activationId: ActivationId): Promise<ActivationId>;
  /** Who holds it, if anybody. */
  holder(assignment: Assignment): Promise<ActivationId | undefined>;
  /** Deletes the row only if it is this activation's. May run twice. */
  release(assignment: Assignment, activationId: ActivationId): Promise<void>;
}

/** Remembers what was delivered, so that a repetition is known. */
export interface Deliveries {
  /** Insert-only; `true` for the first time. */
  first(source: string, id: string, at: Instant): Promise<boolean>;
  seen(source: string, id: string): Promise<boolean>;
  /** Removes what was delivered before the instant, at most so many; answers how many there were. May run twice. */
  forget(source: string, before: Instant, most: number): Promise<number>;
}
