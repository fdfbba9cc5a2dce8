import { chainRecord } from "../../shared/crypto/audit-chain.ts";
import type { AuditEvent, AuditEventType, AuditRecord } from "../../shared/domain/audit-event.ts";
import type { PersonKey, PrincipalId } from "../../shared/domain/ids.ts";

export const ACTIVATION = "0123456789abcdef0123456789abcdef";
export const GRANT_ENDS_AT = "2026-11-24T11:00:00.000Z";

export const anAuditEvent = (type: AuditEventType, data: Readonly<Record<string, unknown>> = {}): AuditEvent => ({
  type,
  at: "2026-11-24T09:00:00.000Z",
  actor: {
    kind: "person",
    person: "ada.byron" as PersonKey,
    account: "a0000000-0000-4000-8000-000000000001" as PrincipalId,
  },
  data,
});

/** A whole chain with these events. */
export function chainOf(subject: string, events: readonly AuditEvent[]): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  for (const [index, event] of events.entries())
    records.push(chainRecord(subject, `key-${index}`, event, records.at(-1)));
  return records;
}

/** The events of an activation that was granted and ended. */
export const GRANTED_AND_ENDED: readonly AuditEvent[] = [
  anAuditEvent("ActivationRequested", { reason: 'Zoë said "go" \u0007', durationMs: 7_200_000 }),
  anAuditEvent("GrantIntended", { attempt: 1, durationMs: 7_200_000 }),
  anAuditEvent("RoleGranted", { attempt: 1, endsAt: GRANT_ENDS_AT, outOfBounds: null }),
  anAuditEvent("RoleEnded", { endsAt: GRANT_ENDS_AT }),
];

/** An export with three chains in the service's order. */
export const AN_EXPORT: readonly AuditRecord[] = [
  ...chainOf(ACTIVATION, GRANTED_AND_ENDED),
  ...chainOf("controls", [anAuditEvent("GrantsFrozen"), anAuditEvent("GrantsResumed")]),
  ...chainOf("door-2026-11-24", [anAuditEvent("RequestRefusedAtDoor"), anAuditEvent("RequestRefusedAtDoor")]),
];

/** The file as the service writes it. */
export const fileOf = (records: readonly AuditRecord[]): Buffer =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
