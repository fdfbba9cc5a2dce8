import type { ActivationState, Closing, UnheldEnd } from "../../shared/domain/activation.ts";
import type { AuditActor, AuditEvent, AuditEventType } from "../../shared/domain/audit-event.ts";
import type { PersonKey, PrincipalId } from "../../shared/domain/ids.ts";
import type { ReasonCode } from "../../shared/domain/reasons.ts";
import type { Instant } from "../../shared/domain/time.ts";

export const WORKER: AuditActor = { kind: "system", part: "worker" };

export const byPerson = (person: PersonKey, account: PrincipalId): AuditActor => ({ kind: "person", person, account });

export const event = (
  type: AuditEventType,
  at: Instant,
  data: Readonly<Record<string, unknown>>,
  actor: AuditActor = WORKER,
): AuditEvent => ({ type, at, actor, data });

export const closingOf = (reason: ReasonCode, detail: string | null = null, by: PersonKey | null = null): Closing => ({
  reason,
  detail,
  by,
});

/** The end of an activation that never held the role. */
export const closed = (status: UnheldEnd, closing: Closing, since: Instant): ActivationState => ({
  status,
  since,
  closing,
});
