import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ActivationFacts, ActivationState } from "../../shared/domain/activation.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingBody, PendingRow } from "../../shared/ports/activation-store.ts";

const GIVE_UP_MS = 30 * MINUTE_MS;

/** The state in force; a claim that nobody opened yet is `Requested`. */
export const stateOf = (record: Pick<ActivationRecord, "claim" | "row">): ActivationState =>
  record.row?.state ?? {
    status: "Requested",
    since: record.claim.claimedAt,
    giveUpAt: plus(record.claim.claimedAt, GIVE_UP_MS),
  };

/** What people and systems ask of the activation and nobody has recorded yet; stops first, tickets last. */
export function asksOf(record: ActivationRecord, now: Instant): readonly PendingRow[] {
  const order = ["stop", "freeze", "proof", "ticket"];
  return record.pending
    .filter(({ body }) => order.includes(body.kind) && !(body.kind === "ticket" && (body.notBefore ?? "") > now))
    .toSorted(
      (a, b) => order.indexOf(a.body.kind) - order.indexOf(b.body.kind) || a.createdAt.localeCompare(b.createdAt),
    );
}

/** Messages and announcements that may be tried now; announcements only all together, or they would overtake each other. */
export function unsentOf({ pending }: ActivationRecord, now: Instant): readonly PendingRow[] {
  const mayBeTried = ({ body, dueAt }: PendingRow): boolean => attemptsOf(body) === 0 || dueAt <= now;
  const announcements = pending.filter(({ body }) => body.kind === "publish");
  return [
    ...pending.filter((row) => row.body.kind === "send" && mayBeTried(row)),
    ...(announcements.every(mayBeTried) ? announcements : []),
  ];
}

const attemptsOf = (body: PendingBody): number => ("attempts" in body ? body.attempts : 0);

/** What the process needs for its next step. */
export const factsOf = (record: ActivationRecord, now: Instant): ActivationFacts => ({
  state: stateOf(record),
  asks: nameOf(asksOf(record, now)),
  unsent: nameOf(unsentOf(record, now)),
});

const nameOf = (rows: readonly PendingRow[]): string =>
  rows.length === 0
    ? ""
    : sha256Hex(rows.map(({ key, body }) => `${key} ${"attempts" in body ? body.attempts : ""}`).join()).slice(0, 16);
