import type { Instant } from "./time.ts";

export type TicketSystemName = "servicenow" | "jira";

/** Where a ticket is: system and number as people write it, upper case. */
export interface TicketReference {
  readonly system: TicketSystemName;
  readonly number: string;
}

/** A ticket as its system has it now, in our words; free text is untrusted everywhere. */
export interface Ticket extends TicketReference {
  /** The id that never changes: `sys_id`, issue id. */
  readonly id: string;
  /** Table or issue type: `change_request`, `incident`, `Change`. */
  readonly type: string;
  readonly summary: string;
  readonly configurationItem: string | undefined;
  readonly status: "open" | "closed" | "cancelled";
  readonly onHold: boolean;
  readonly approval: "approved" | "rejected" | "pending" | "notRequired" | "unknown";
  readonly window: { readonly startsAt: Instant; readonly endsAt: Instant } | undefined;
  /** Users of the ticket system, never display names. */
  readonly assignee: string | undefined;
  readonly assignmentGroup: string | undefined;
  readonly creator: string | undefined;
  /** What the system calls the things that it names by id; for the eye only, nothing is decided on it. */
  readonly names?: { readonly configurationItem: string | undefined; readonly assignmentGroup: string | undefined };
  /** What the ticket asks for, as written in the mapped fields. */
  readonly asks: {
    readonly role: string | undefined;
    readonly duration: string | undefined;
    readonly scope: string | undefined;
  };
}

/** The fields that decisions rest on. Compared field by field; `updated` stamps and notes are not among them. */
export type TicketEvidence = Pick<
  Ticket,
  "type" | "summary" | "configurationItem" | "window" | "assignee" | "assignmentGroup" | "approval" | "asks" | "names"
>;

export const evidenceOf = (ticket: Ticket): TicketEvidence => ({
  type: ticket.type,
  summary: ticket.summary,
  configurationItem: ticket.configurationItem,
  window: ticket.window,
  assignee: ticket.assignee,
  assignmentGroup: ticket.assignmentGroup,
  approval: ticket.approval,
  asks: ticket.asks,
  ...(ticket.names === undefined ? {} : { names: ticket.names }),
});

type EvidenceField = Exclude<keyof TicketEvidence, "names">;

export interface EvidenceChange {
  readonly field: EvidenceField;
  readonly before: string;
  readonly after: string;
}

/** Each evidence field as text; the order of members and absent ones make no difference. */
const EVIDENCE_TEXT: Readonly<Record<EvidenceField, (evidence: TicketEvidence) => string>> = {
  type: ({ type }) => type,
  summary: ({ summary }) => summary,
  configurationItem: ({ configurationItem }) => configurationItem ?? "",
  window: ({ window }) => (window ? `${window.startsAt} to ${window.endsAt}` : ""),
  assignee: ({ assignee }) => assignee ?? "",
  assignmentGroup: ({ assignmentGroup }) => assignmentGroup ?? "",
  approval: ({ approval }) => approval,
  asks: ({ asks }) => [asks.role ?? "", asks.duration ?? "", asks.scope ?? ""].join(" | "),
};

/** The evidence fields that differ, with both values as text. */
export function evidenceChanges(before: TicketEvidence, after: TicketEvidence): readonly EvidenceChange[] {
  const fields = Object.keys(EVIDENCE_TEXT) as EvidenceField[];
  return fields
    .map((field) => ({ field, before: EVIDENCE_TEXT[field](before), after: EVIDENCE_TEXT[field](after) }))
    .filter((change) => change.before !== change.after);
}
