import { parsePersonKey } from "../domain/ids.ts";
import type { Person } from "../domain/people.ts";
import type {
  ApprovalPolicy,
  ApproverSource,
  Governance,
  ManualApproval,
  Policy,
  RolePolicy,
  TicketRule,
  TicketSystemPolicy,
} from "../domain/policy.ts";
import { MINUTE_MS } from "../domain/time.ts";
import type { ManualEntry, NamedSource } from "./approval-schema.ts";
import type { GovernanceEntry } from "./governance-schema.ts";
import type { PeopleFile } from "./people-schema.ts";
import type { RoleEntry, RolesFile, TicketSystemEntry } from "./roles-schema.ts";

/** The persons of a checked `people.yaml`. */
export const personsOf = ({ people }: PeopleFile): readonly Person[] =>
  Object.entries(people).map(([key, person]) => ({
    key: known(parsePersonKey(key)),
    name: person.name,
    dailyAccount: person.daily,
    mail: person.mail,
    adminAccounts: person.admin,
    ...(person.servicenow === undefined ? {} : { servicenowUser: person.servicenow }),
    ...(person.jira === undefined ? {} : { jiraAccount: person.jira }),
  }));

/** The policy that checked files state: names resolved, defaults filled in. */
export function policyOf(file: RolesFile, people: PeopleFile): Omit<Policy, "hash"> {
  const { servicenow, jira } = file.ticketSystems;
  return {
    tenantId: file.tenant,
    mode: file.mode,
    selfActivated: file.selfActivated,
    breakGlassAccounts: file.breakGlass,
    identityTeamGroup: file.identityTeam,
    alertMail: file.alertMail,
    caps: file.caps,
    breaker: { grants: file.breaker.grants, withinMs: file.breaker.within },
    ticketSystems: {
      ...(servicenow && { servicenow: ticketSystem(servicenow) }),
      ...(jira && { jira: { ...ticketSystem(jira), projects: jira.projects } }),
    },
    senders: Object.fromEntries(
      Object.entries(file.senders).map(([name, { people: persons, roles, open }]) => [
        name,
        {
          people: persons.includes("all") ? "all" : persons,
          roles: roles.map((role) => known(roleNamed(file, role)).id),
          openAtMost: open,
        },
      ]),
    ),
    governance: file.governance && governance(file.governance, file, people),
    roles: file.roles.map((role) => rolePolicy(role, file, people)),
  };
}

const governance = (entry: GovernanceEntry, file: RolesFile, people: PeopleFile): Governance => ({
  owners: entry.owners.map(sourceIn(file, people)),
  approvers: entry.approvers.map(sourceIn(file, people)),
  decideWithinMs: entry.decideWithin,
  longestEligibilityMs: entry.longestEligibility,
  ownIdentities: entry.ownIdentities,
  nativeDoorGroup: entry.nativeDoor === undefined ? undefined : known(file.groups[entry.nativeDoor]),
  reviews: entry.reviews && {
    from: entry.reviews.from,
    everyMs: entry.reviews.every,
    withinMs: entry.reviews.within,
    remindAfterMs: entry.reviews.remindAfter,
    reviewers: entry.reviews.reviewers.map(sourceIn(file, people)),
    escalation:
      entry.reviews.escalateAfter === undefined
        ? undefined
        : {
            afterMs: entry.reviews.escalateAfter,
            to: (entry.reviews.escalateTo ?? []).map(sourceIn(file, people)),
          },
    noAnswer: entry.reviews.noAnswer,
    ...(entry.reviews.where === "entra" ? { where: entry.reviews.where } : {}),
  },
  stopGrantsOnContextGap: entry.stopGrantsOnContextGap,
  exceptions: entry.exceptions.map(({ account, role, owner, until, because }) => ({
    principalId: account,
    roleDefinitionId: known(roleNamed(file, role)).id,
    owner,
    until,
    because,
  })),
});

export const roleNamed = ({ roles }: RolesFile, name: string): RoleEntry | undefined =>
  roles.find(({ role }) => role.toLowerCase() === name.toLowerCase());

const ticketSystem = ({ numbers, types, fields }: TicketSystemEntry): TicketSystemPolicy => ({
  types: Object.fromEntries(
    Object.entries(types).map(([name, { open, cancelled }]) => [
      name,
      { openStates: open, cancelledStates: cancelled },
    ]),
  ),
  numberPattern: numbers,
  fields,
});

function rolePolicy(role: RoleEntry, file: RolesFile, people: PeopleFile): RolePolicy {
  const { stepUp } = role;
  return {
    roleDefinitionId: role.id,
    name: role.role,
    tier0: role.tier0,
    maximumDurationMs: role.maximum,
    scopes: role.scopes,
    tickets: role.tickets.map((rule) => ticketRule(rule, file)),
    stepUp: {
      authenticationContext: stepUp.context ?? file.authenticationContext,
      maxAgeMs: stepUp.maxAge ?? 5 * MINUTE_MS,
      withinMs: stepUp.within ?? 30 * MINUTE_MS,
    },
    approval: approvalPolicy(role.approval, file, people),
    start: role.start,
    hours: role.hours,
    onTicketClosed: role.onTicketClosed,
    usesPerTicket: role.usesPerTicket,
  };
}

/** What the role says, else what the type of ticket says, else the strictest that its system allows. */
function ticketRule(rule: RoleEntry["tickets"][number], { ticketSystems }: RolesFile): TicketRule {
  const { system, type } = rule.ticket;
  const usual = ticketSystems[system]?.types[type];
  return {
    system,
    type,
    window: rule.window ?? usual?.window ?? "required",
    graceMs: rule.grace ?? usual?.grace ?? 0,
    approved: rule.approved ?? usual?.approved ?? system === "servicenow",
    namesRole: rule.namesRole ?? usual?.namesRole ?? true,
  };
}

function approvalPolicy(approval: RoleEntry["approval"], file: RolesFile, people: PeopleFile): ApprovalPolicy {
  if (approval.mode === "manual") return { mode: "manual", ...manualApproval(approval, file, people) };
  const { unlessSelfMade } = approval;
  return { mode: "automatic", unlessSelfMade: unlessSelfMade && manualApproval(unlessSelfMade, file, people) };
}

function manualApproval(entry: ManualEntry, file: RolesFile, people: PeopleFile): ManualApproval {
  const source = sourceIn(file, people);
  return {
    requirements: entry.requirements.map(({ name, count, from }) => ({ name, count, from: from.map(source) })),
    decideWithinMs: entry.decideWithin,
    remindAfterMs: entry.remindAfter ?? entry.decideWithin / 4,
    escalateAfterMs: entry.escalateAfter ?? entry.decideWithin / 2,
    backups: entry.backups.map(source),
  };
}

const sourceIn =
  ({ groups }: RolesFile, { people }: PeopleFile) =>
  (named: NamedSource): ApproverSource => {
    switch (named.kind) {
      case "manager":
        return { kind: "manager" };
      case "group":
        return { kind: "group", group: known(groups[named.group]) };
      case "person":
        return { kind: "user", account: known(people[named.person]?.daily) };
    }
  };

/** For what the checks before have made sure of. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the policy was used before it was checked");
  return value;
}
