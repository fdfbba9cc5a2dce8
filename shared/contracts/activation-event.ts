import * as z from "zod";
import type { AuditEventType, AuditRecord } from "../domain/audit-event.ts";
import { auditRecord } from "./audit-record.ts";

/** What is told of an activation, by the type of the record behind it. */
export const EVENT_TYPES = {
  ActivationRequested: "activation.requested",
  ActivationRefused: "activation.refused",
  StepUpProven: "activation.step-up-proven",
  ProofRefused: "activation.sign-in-refused",
  DecisionRecorded: "activation.decided",
  ApproversReminded: "activation.approvers-reminded",
  ApproversEscalated: "activation.approvers-escalated",
  TicketChanged: "activation.ticket-changed",
  ReadyToStart: "activation.ready",
  GrantIntended: "activation.grant-intended",
  GrantAttempted: "activation.grant-attempted",
  RoleGranted: "activation.granted",
  EndRequested: "activation.end-requested",
  RemovalAttempted: "activation.removal-attempted",
  RoleEnded: "activation.ended",
  ActivationClosed: "activation.closed",
  TamperingFound: "activation.tampering-found",
} as const satisfies Partial<Record<AuditEventType, string>>;

const PREFIX = "zero-standing.";

/** A CloudEvents 1.0 event in JSON. `id` is the same however often the event is sent. */
export const activationEvent = z.strictObject({
  specversion: z.literal("1.0"),
  id: z.string().meta({ description: "<activation id>-<sequence>" }),
  source: z.url().meta({ description: "The address of this deployment." }),
  type: z.string().startsWith(PREFIX),
  subject: z.string().meta({ description: "Id of the activation." }),
  time: z.iso.datetime(),
  datacontenttype: z.literal("application/json"),
  data: z.strictObject({
    sequence: auditRecord.shape.sequence.meta({ description: "Place in the activation's audit chain, from 1." }),
    hash: auditRecord.shape.hash.meta({ description: "Of the audit record: what `zs audit verify` checks." }),
    actor: auditRecord.shape.actor,
    details: auditRecord.shape.data,
  }),
});

export type ActivationEvent = z.output<typeof activationEvent>;

/** The event that tells of a record. Pure. */
export const eventOf = (record: AuditRecord, source: string): ActivationEvent => ({
  specversion: "1.0",
  id: `${record.subject}-${record.sequence}`,
  source,
  type: `${PREFIX}${typeOf(record.type)}`,
  subject: record.subject,
  time: record.at,
  datacontenttype: "application/json",
  data: { sequence: record.sequence, hash: record.hash, actor: record.actor, details: { ...record.data } },
});

const typeOf = (type: AuditEventType): string =>
  type in EVENT_TYPES ? EVENT_TYPES[type as keyof typeof EVENT_TYPES] : `other.${type}`;
