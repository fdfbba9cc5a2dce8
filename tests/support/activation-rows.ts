import { randomBytes, randomUUID } from "node:crypto";
import type { ActivationClaim, ActivationState } from "../../shared/domain/activation.ts";
import type { AuditEvent } from "../../shared/domain/audit-event.ts";
import {
  parseActivationId,
  parseDirectoryScopeId,
  parsePersonKey,
  parsePrincipalId,
  parseRoleDefinitionId,
  type ActivationId,
  type PersonKey,
} from "../../shared/domain/ids.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";

const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("not an id");
  return value;
};

export const at = (time: string): Instant => `2026-11-24T${time}:00.000Z`;
export const newActivationId = (): ActivationId => known(parseActivationId(randomBytes(16).toString("hex")));
export const personKey = (text: string): PersonKey => known(parsePersonKey(text));
export const newPrincipalId = () => known(parsePrincipalId(randomUUID()));

let tickets = 0;

/** A claim for a ticket of its own. */
export const aClaim = (changes: Partial<ActivationClaim> = {}): ActivationClaim => ({
  activationId: newActivationId(),
  door: "http",
  claimedAt: at("09:00"),
  ticket: { system: "servicenow", number: `CHG${String(++tickets).padStart(7, "0")}` },
  person: personKey("ada.l"),
  principalId: known(parsePrincipalId("11111111-1111-4111-8111-111111111111")),
  roleDefinitionId: known(parseRoleDefinitionId("fe930be7-5e62-47db-91af-98c3a49a38b1")),
  directoryScopeId: known(parseDirectoryScopeId("/")),
  use: 1,
  requestKey: null,
  durationMs: 3_600_000,
  justification: "Replace the certificate of the mail gateway",
  ...changes,
});

export const aProof = (activationId: ActivationId, name: string, changes: Partial<PendingRow> = {}): PendingRow => ({
  activationId,
  key: `proof-${name}`,
  createdAt: at("09:01"),
  dueAt: at("09:02"),
  body: { kind: "proof", sealed: `sealed ${name}` },
  ...changes,
});

export const aMessage = (activationId: ActivationId, name: string): PendingRow => ({
  activationId,
  key: `send-${name}`,
  createdAt: at("09:01"),
  dueAt: at("09:02"),
  body: {
    kind: "send",
    message: { channel: "mail", to: ["a@example.test"], subject: name, html: `<p>${name}</p>` },
    attempts: 0,
  },
});

export const awaitingStepUp: ActivationState = { status: "AwaitingStepUp", since: at("09:01"), stepUpBy: at("10:00") };
export const cancelled: ActivationState = {
  status: "Cancelled",
  since: at("09:05"),
  closing: { reason: "CancelledByRequester", detail: null, by: null },
};

export const anEvent = (type: AuditEvent["type"], data: AuditEvent["data"] = {}): AuditEvent => ({
  type,
  at: at("09:01"),
  actor: { kind: "system", part: "worker" },
  data,
});

/** A record without what only the call that changed it knows. */
export const asStored = (record: ActivationRecord): ActivationRecord => {
  if (!record.row) return record;
  return { ...record, row: { ...record.row, written: undefined } as unknown as typeof record.row };
};
