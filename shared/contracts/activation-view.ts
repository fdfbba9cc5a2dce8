import * as z from "zod";
import { REASONS, type ReasonCode } from "../domain/reasons.ts";

const instant = z.iso.datetime();
const person = z.object({ key: z.string(), name: z.string() });
const reason = z.enum(Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]]);

const STATUSES = [
  "Requested",
  "AwaitingStepUp",
  "AwaitingApproval",
  "Ready",
  "Granting",
  "Active",
  "Ending",
  "Ended",
  "Refused",
  "Denied",
  "Expired",
  "Cancelled",
  "Failed",
] as const;

/** One activation as its requester, its approvers and the identity team see it. */
export const activationView = z.object({
  id: z.string(),
  status: z.enum(STATUSES),
  since: instant,
  role: z.object({ id: z.string(), name: z.string() }),
  scope: z.string(),
  person,
  account: z.string(),
  door: z.enum(["http", "servicenow", "jira", "message"]),
  ticket: z.object({ system: z.string(), number: z.string() }),
  justification: z.string(),
  requestedAt: instant,
  duration: z.string(),
  /** When the present state ends by itself, if it does. */
  until: instant.nullable(),
  /** The assignment as read back from the directory. */
  held: z.object({ startsAt: instant, endsAt: instant }).nullable(),
  waitingFor: z.array(z.object({ requirement: z.string(), persons: z.array(person), since: instant })),
  decisions: z.array(
    z.object({ person, decision: z.enum(["approve", "deny"]), at: instant, detail: z.string().nullable() }),
  ),
  closing: z.object({ reason, sentence: z.string(), detail: z.string().nullable(), by: person.nullable() }).nullable(),
  links: z.object({
    page: z.string(),
    stepUp: z.string().optional(),
    decide: z.string().optional(),
    start: z.string().optional(),
  }),
});

export type ActivationView = z.output<typeof activationView>;

/** Answer of `GET /api/activations`. */
export const activationList = z.object({ own: z.array(activationView), waitingForMe: z.array(activationView) });
