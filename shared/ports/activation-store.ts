import type { ActivationClaim, ActivationState } from "../domain/activation.ts";
import type { AuditEvent, AuditRecord } from "../domain/audit-event.ts";
import type { ActivationId, PersonKey, PrincipalId } from "../domain/ids.ts";
import type { TicketReference } from "../domain/ticket.ts";
import type { Instant } from "../domain/time.ts";

/**
 * A promise not yet kept: something the worker has still to record, send or see end. The row stays until that is done;
 * the timers of every minute find it when it is due. What somebody asks for is such a row first, and only then a bell.
 */
export interface PendingRow {
  readonly activationId: ActivationId;
  /** Unique within the activation, `[A-Za-z0-9_-]`, begins with the kind: `proof-…`. */
  readonly key: string;
  readonly createdAt: Instant;
  readonly dueAt: Instant;
  readonly body: PendingBody;
}

export type PendingBody =
  /** The claim, which is found by its ticket, has no orchestration yet. */
  | { readonly kind: "start"; readonly ticket: TicketReference }
  /** A sign-in, encrypted to the worker: step-up, decision or start. */
  | { readonly kind: "proof"; readonly sealed: string }
  /** Somebody asks to end, withdraw or disown; the front's word is enough to stop something. */
  | {
      readonly kind: "stop";
      readonly how: "end" | "withdraw" | "disown";
      readonly person: PersonKey;
      readonly account: PrincipalId;
    }
  /** Something happened to the ticket: a hint to read it again, not before the instant if there is one. */
  | { readonly kind: "ticket"; readonly deliveryId: string; readonly notBefore: Instant | null }
  | { readonly kind: "freeze"; readonly freezeId: string }
  /** A change of eligibility or standing access is under way: its orchestration must run. */
  | { readonly kind: "change" }
  /** A message to send or a note to write. */
  | { readonly kind: "send"; readonly message: OutgoingMessage; readonly attempts: number }
  /** Records from this place of the chain on that nobody was told of yet. */
  | { readonly kind: "publish"; readonly from: number; readonly attempts: number }
  /** The access must be gone by `dueAt`; deleted when its absence was read back. */
  | { readonly kind: "watch" };

export type OutgoingMessage =
  | OutgoingMail
  | {
      readonly channel: "ticketNote";
      readonly ticket: TicketReference & { readonly id: string };
      readonly text: string;
    };

export interface OutgoingMail {
  readonly channel: "mail";
  readonly to: readonly string[];
  readonly subject: string;
  readonly html: string;
}

/** Text and the worker's MAC over it (see `Sealing` in `sealing.ts`). A row without a valid MAC is as good as absent. */
export interface SealedRow {
  readonly body: string;
  readonly mac: string;
}

/** The state row: ETag, and where the audit chain of this activation ends. */
export interface StateRow {
  readonly state: ActivationState;
  readonly etag: string;
  readonly chain: ChainHead;
  /** Keys of records that stand in the chain though their transition did not finish; they are not written twice. */
  readonly orphans: readonly string[];
  /** Records written since the activation was loaded, without gaps. */
  readonly written?: readonly AuditRecord[];
}

export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Everything stored about one activation, read in one go. */
export interface ActivationRecord {
  readonly id: ActivationId;
  readonly claim: ActivationClaim;
  /** `undefined` until the worker wrote it first. */
  readonly row: StateRow | undefined;
  /** Frozen requests (JSON of `ActivationRequest`), oldest revision first; the last one is in force. */
  readonly requests: readonly SealedRow[];
  /** Grant intents (JSON of `GrantIntent`), oldest attempt first. */
  readonly intents: readonly SealedRow[];
  /** Verified sign-ins (JSON of `Verdict`). */
  readonly verdicts: readonly SealedRow[];
  readonly pending: readonly PendingRow[];
}

/** What is known of an activation, without what is still to be done about it. */
export type ActivationOutline = Omit<ActivationRecord, "pending">;

/**
 * One change of an activation with everything that belongs to it, in this order: pending rows and audit records, then
 * request, intent, verdicts and state together (compare-and-set), then the deletion of what is done. A crash in between is
 * repaired by running it again: nothing is written twice.
 */
export interface Transition {
  /** Names the change within the activation: `granted-1`. `[A-Za-z0-9_-]`. */
  readonly key: string;
  readonly state: ActivationState;
  readonly events: readonly AuditEvent[];
  readonly request?: SealedRow & { readonly revision: number };
  readonly intent?: SealedRow & { readonly attempt: number };
  readonly verdicts?: readonly (SealedRow & { readonly key: string })[];
  /** Inserted or replaced. */
  readonly pending?: readonly PendingRow[];
  /** Keys of pending rows to delete after the state is written. */
  readonly done?: readonly string[];
  /** Persons in whose list the activation shows from now on. */
  readonly listedFor?: readonly PersonKey[];
  /** Names under which the activation counts as open until it is finished. Only with the first transition. */
  readonly countedFor?: readonly string[];
}

export interface ActivationStore {
  /** Insert-only: the winner starts the activation, everybody else gets the winner's claim. Also adds the `start` pending row of the winner. */
  claim(candidate: ActivationClaim): Promise<{ readonly won: boolean; readonly claim: ActivationClaim }>;
  /** Every claim that names the ticket. */
  claimsOf(ticket: TicketReference): Promise<readonly ActivationClaim[]>;
  /** `undefined`: no such activation. Two requests side by side. */
  load(id: ActivationId): Promise<ActivationRecord | undefined>;
  /** Enough to show it or to know where it stands: one request. */
  outline(id: ActivationId): Promise<ActivationOutline | undefined>;
  /**
   * Answers the record as it is afterwards, and the hash of the last audit record written.
   * @throws ConflictError when somebody else changed the state meanwhile: load again
   * @throws Error when the stored state is final (I6)
   */
  transition(record: ActivationRecord, transition: Transition): Promise<ActivationRecord>;
  /** Insert-only; `false` when the key is there already. */
  ask(row: PendingRow): Promise<boolean>;
  /** Replaces a pending row, for example to try a message again later. */
  postpone(row: PendingRow): Promise<void>;
  settle(id: ActivationId, keys: readonly string[]): Promise<void>;
  /** The pending rows of one id, which may also be a freeze's: sign-ins that are to lift it wait here. */
  waiting(id: ActivationId): Promise<readonly PendingRow[]>;
  /** All pending rows with `dueAt` up to the instant: one query. */
  due(at: Instant): Promise<readonly PendingRow[]>;
  /** The `watch` rows: one per role held now. */
  watched(): Promise<readonly PendingRow[]>;
  /** Activations that count as open under the name; after a crash one that is finished may still be among them. */
  openFor(name: string): Promise<readonly ActivationId[]>;
  /** Activations in the person's list, newest first, at most `limit`. */
  listFor(person: PersonKey, limit: number): Promise<readonly ActivationId[]>;
  /** Activations in the lists of these persons, each once, newest first, at most `limit`. A request or more for each person. */
  newestFor(persons: readonly PersonKey[], limit: number): Promise<readonly ActivationId[]>;
}

/** Thrown by `transition` when the state row changed meanwhile. Safe to load and decide again. */
export class ConflictError extends Error {
  readonly code = "Conflict";
}
