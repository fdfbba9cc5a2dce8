import type { Assignment } from "../domain/directory.ts";
import type { ActivationId, PersonKey, PrincipalId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";

/** Rows that stop need no MAC; rows that permit carry one. */
export interface Controls {
  /** The freeze in force, if any. */
  freeze(): Promise<Freeze | undefined>;
  /** Stops all grants; another freeze while one is in force changes nothing. */
  startFreeze(freeze: Freeze): Promise<Freeze>;
  /** Lifts a freeze: a sealed row that names it. */
  liftFreeze(id: string, seal: { readonly body: string; readonly mac: string }): Promise<void>;
  /** Number of grants recorded since the instant, and the seal under which they were. */
  grantsSince(at: Instant): Promise<number>;
  /** Insert-only, before the grant. */
  recordGrant(activationId: ActivationId, attempt: number, at: Instant): Promise<void>;
  block(person: PersonKey, until: Instant, because: string): Promise<void>;
  isBlocked(person: PersonKey, at: Instant): Promise<boolean>;
}

export interface Freeze {
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
}
