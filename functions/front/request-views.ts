import type { ActivationRequest, Door } from "../../shared/domain/activation.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { MINIMUM_DURATION_MS } from "../../shared/domain/opening.ts";
import { evidenceChanges, type EvidenceChange, type TicketEvidence } from "../../shared/domain/ticket.ts";
import { HOUR_MS, MINUTE_MS, parseDuration, type Instant } from "../../shared/domain/time.ts";
import type { ActivationOutline } from "../../shared/ports/activation-store.ts";
import { shownDecisions } from "../activation/view.ts";
import { durationText, instantText } from "../pages/format.ts";
import type { DecisionView, Fact, Form, StartView, StepUpView, Summary } from "../pages/views.ts";
import type { FoundLink } from "./find-link.ts";
import type { Front } from "./front.ts";

type Shown = Pick<ActivationRequest, "roleName" | "directoryScopeId" | "durationMs" | "ticket">;

export const summaryOf = (request: Shown): Summary => ({
  role: request.roleName,
  scope: scopeText(request.directoryScopeId),
  durationMs: request.durationMs,
  ticket: `${request.ticket.number} (${SYSTEM[request.ticket.system]})`,
});

const SYSTEM = { servicenow: "ServiceNow", jira: "Jira" } as const;

export const scopeText = (scope: string): string =>
  scope === "/" ? "The whole tenant" : scope.replace("/administrativeUnits/", "Administrative unit ");

/** Who triggered it, without naming anybody. */
const DOOR: Readonly<Record<Exclude<Door, "message">, string>> = {
  http: "The request came through the API, with a sign-in of yours.",
  servicenow: "The request was triggered by a ticket in ServiceNow.",
  jira: "The request was triggered by a ticket in Jira.",
};

const doorText = ({ door, sender = "" }: ActivationRequest): string =>
  door === "message" ? `The request was sent for you by the system ${sender}.` : DOOR[door];

export const stepUpView = ({ request, record }: FoundLink, until: Instant, form: Form): StepUpView => ({
  kind: "stepUp",
  summary: summaryOf(request),
  door: doorText(request),
  until,
  changedFields: changesIn(record).map(({ field }) => field),
  form,
});

export const startView = (
  { request }: FoundLink,
  state: { readonly opensAt: Instant; readonly lapsesAt: Instant; readonly durationMs: number },
  form: Form | undefined,
): StartView => ({
  kind: "start",
  summary: { ...summaryOf(request), durationMs: state.durationMs },
  opensAt: state.opensAt,
  lapsesAt: state.lapsesAt,
  form,
});

/** Everything an approver needs to decide. */
export function decisionView(
  { policies }: Pick<Front, "policies">,
  { request, record }: FoundLink,
  asked: DecisionView["asked"],
  until: Instant,
  form: Form,
): DecisionView {
  const nameOf = (person: PersonKey): string => policies.people.byKey(person)?.name ?? person;
  const nameOfTicketUser = (user: string): string =>
    policies.people.byTicketUser(request.ticket.system, user)?.name ?? user;
  const approved = shownDecisions(record)
    .filter(({ verdict }) => verdict.kind === "approve")
    .map(({ person }) => person);
  const backups = request.approvers.filter(({ backup }) => backup).map(({ person }) => person);
  return {
    kind: "decision",
    asked,
    summary: summaryOf(request),
    requester: { name: nameOf(request.person), account: request.principalId },
    justification: request.justification,
    requestedAt: request.claimedAt,
    until,
    evidence: evidenceFacts(request.evidence, nameOfTicketUser),
    changes: changesIn(record),
    requirements: request.requirements.map(({ name, count, persons }) => ({
      name,
      count,
      approved: approved.filter((person) => persons.includes(person) || backups.includes(person)).map(nameOf),
      others: persons.filter((person) => !approved.includes(person)).map(nameOf),
    })),
    backups: backups.filter((person) => !approved.includes(person)).map(nameOf),
    shorterMs: shorterThan(request.durationMs),
    form,
  };
}

const OFFERED_MS = [
  4 * HOUR_MS,
  3 * HOUR_MS,
  2 * HOUR_MS,
  HOUR_MS,
  30 * MINUTE_MS,
  15 * MINUTE_MS,
  MINIMUM_DURATION_MS,
];

/** Durations an approver may choose instead of the one that was asked for. */
export const shorterThan = (askedMs: number): readonly number[] => OFFERED_MS.filter((ms) => ms < askedMs);

/** What the last revision of the request changed, old and new. */
function changesIn({ requests }: ActivationOutline): readonly EvidenceChange[] {
  const [before, after] = requests.slice(-2).map(({ body }) => (JSON.parse(body) as ActivationRequest).evidence);
  return before && after ? evidenceChanges(before, after) : [];
}

/** What the ticket system calls it, with the id that counts. */
const named = (id: string | undefined, name: string | undefined): string | undefined =>
  id !== undefined && name !== undefined && name !== id ? `${name} (${id})` : id;

const durationAsked = (text: string): string => {
  const ms = parseDuration(text.trim());
  return ms === undefined ? text : durationText(ms);
};

function evidenceFacts(evidence: TicketEvidence, nameOfTicketUser: (user: string) => string): readonly Fact[] {
  const { window, asks } = evidence;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Type", evidence.type],
    ["Summary", evidence.summary],
    ["Configuration item", named(evidence.configurationItem, evidence.names?.configurationItem)],
    ["Window", window && `${instantText(window.startsAt)} to ${instantText(window.endsAt)}`],
    ["Assigned to", evidence.assignee && nameOfTicketUser(evidence.assignee)],
    ["Group", named(evidence.assignmentGroup, evidence.names?.assignmentGroup)],
    ["Approval there", evidence.approval],
    ["Asks for role", asks.role],
    ["Asks for duration", asks.duration && durationAsked(asks.duration)],
    ["Asks for scope", asks.scope && scopeText(asks.scope)],
  ];
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]));
}
