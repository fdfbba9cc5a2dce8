import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { AuditActor, AuditEventType, AuditRecord } from "../../shared/domain/audit-event.ts";
import { keptMessageIdText, type KeptMessageId, type Shelf } from "../../shared/domain/kept-message.ts";
import { DAY_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { KeptMessage } from "../../shared/ports/kept-messages.ts";
import { event } from "../activation/change.ts";
import type { Door } from "../door.ts";

/** What is written before something becomes of a message, and after it has. */
export type MessageRecord = Extract<AuditEventType, `Message${"Resubmit" | "Discard"}${string}`>;

const OUTCOMES: readonly string[] = ["MessageResubmitted", "MessageDiscarded"] satisfies MessageRecord[];

/** Written once for each account, however often it is tried. @throws DependencyError */
export async function recordMessage(
  { audit, clock }: Pick<Door, "audit" | "clock">,
  type: MessageRecord,
  shelf: Shelf,
  message: KeptMessage,
  actor: AuditActor & { readonly kind: "person" },
): Promise<void> {
  const at = clock.now();
  const id = keptMessageIdText(message.id);
  const data = { shelf, id, queue: message.origin ?? null, message: sha256Hex(message.originalId).slice(0, 32) };
  const key = keyOf(type, `${shelf} ${id} ${message.enqueuedAt} ${actor.account}`);
  await audit.append(chainOf(at), key, event(type, at, data, actor));
}

/**
 * Writes down that a message is discarded, if somebody meant to do that not long ago and only its record is missing.
 * To be called when the message is gone. Answers whether it was so. May run twice. @throws DependencyError
 */
export async function finishDiscard(
  { audit, clock }: Pick<Door, "audit" | "clock">,
  shelf: Shelf,
  id: KeptMessageId,
): Promise<boolean> {
  const at = clock.now();
  const ofMessage: AuditRecord[] = [];
  for (const subject of [chainOf(plus(at, -DAY_MS)), chainOf(at)])
    for await (const record of audit.read({ subject }))
      if (record.data["shelf"] === shelf && record.data["id"] === keptMessageIdText(id)) ofMessage.push(record);
  const intended = ofMessage.findLast(({ type }) => type === "MessageDiscardIntended");
  if (!intended || ofMessage.some(({ type }) => OUTCOMES.includes(type))) return false;
  const done = event("MessageDiscarded", at, intended.data, intended.actor);
  await audit.append(chainOf(at), keyOf("MessageDiscarded", intended.key), done);
  return true;
}

const chainOf = (at: Instant): string => `door-${at.slice(0, 10)}`;
const keyOf = (type: MessageRecord, of: string): string => `${type}-${sha256Hex(of).slice(0, 32)}`;
