import { approvalGains } from "./approval-gains.ts";
import { governanceGains } from "./governance-gains.ts";
import type { PersonKey } from "./ids.ts";
import { peopleMap, type Person } from "./people.ts";
import type { StatedPolicy } from "./policy-change.ts";
import { EVERYBODY, type Gainer, type PolicyGain } from "./policy-gain.ts";
import type { HoursPolicy, Policy, RolePolicy, TicketRule, TicketSystemPolicy } from "./policy.ts";
import { formatDuration } from "./time.ts";

const MOST_NAMED = 20;

/**
 * Who gains what when the second policy takes the place of the first: more roles, longer, with less proof or fewer eyes,
 * or out of sight. It errs on the side of calling something a gain. Pure.
 */
export function policyGains(before: StatedPolicy, after: StatedPolicy): readonly PolicyGain[] {
  const [was, is] = [before.policy, after.policy];
  return [
    ...personGains(before.persons, after.persons),
    ...is.roles.flatMap((role) =>
      roleGains(
        was.roles.find(({ roleDefinitionId }) => roleDefinitionId === role.roleDefinitionId),
        role,
      ),
    ),
    ...governanceGains(was.governance, is.governance),
    ...tenantGains(was, is),
    ...ticketSystemGains(was, is),
    ...senderGains(was, is),
  ];
}

/** Persons who gain for themselves, not as members of a group or as one of all who are eligible. */
export function gainingPersons(gains: readonly PolicyGain[], persons: readonly Person[]): readonly PersonKey[] {
  const people = peopleMap(persons);
  const keys = gains.flatMap(({ who }) => {
    if (who.kind === "person") return [who.person];
    return who.kind === "user" ? (people.byAccount(who.account)?.key ?? []) : [];
  });
  return [...new Set(keys)];
}

function personGains(before: readonly Person[], after: readonly Person[]): readonly PolicyGain[] {
  const known = new Map(before.map((person) => [person.key, person]));
  const fresh = after.filter(({ key }) => !known.has(key));
  const names = fresh.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = fresh.length - names.length;
  const added: PolicyGain = {
    who: { kind: "named", name: `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}` },
    what: "may ask for roles with their admin accounts, and decide where they are named (new in people.yaml)",
  };
  return [
    ...(fresh.length === 0 ? [] : [added]),
    ...after.flatMap((person) => {
      const was = known.get(person.key);
      if (!was) return [];
      const gain = (what: string): PolicyGain => ({
        who: { kind: "person", name: person.name, person: person.key },
        what,
      });
      const accounts = person.adminAccounts.filter((account) => !was.adminAccounts.includes(account));
      const moved = (what: string, old: string | undefined, now: string | undefined): readonly PolicyGain[] =>
        now === undefined || now === old
          ? []
          : [gain(`${what} ${now}${old === undefined ? "" : ` instead of ${old}`}`)];
      return [
        ...accounts.map((account) => gain(`may hold roles with the account ${account} too`)),
        ...moved("signs decisions with the account", was.dailyAccount, person.dailyAccount),
        ...moved("gets mail, and the links in it, at", was.mail, person.mail),
        ...moved("owns the tickets of the ServiceNow user", was.servicenowUser, person.servicenowUser),
        ...moved("owns the tickets of the Jira account", was.jiraAccount, person.jiraAccount),
      ];
    }),
  ];
}

function roleGains(was: RolePolicy | undefined, is: RolePolicy): readonly PolicyGain[] {
  const gain = (what: string): PolicyGain => ({
    who: { kind: "eligible", roleDefinitionId: is.roleDefinitionId },
    what: `${is.name}: ${what}`,
  });
  const when = (applies: boolean, what: string): readonly PolicyGain[] => (applies ? [gain(what)] : []);
  const approval = approvalGains(was?.approval, is, gain);
  if (!was) return [gain(`may activate it, for up to ${formatDuration(is.maximumDurationMs)}`), ...approval];
  const { stepUp } = is;
  const scopes = (is.scopes ?? []).filter((scope) => was.scopes?.includes(scope) === false);
  return [
    ...when(
      is.maximumDurationMs > was.maximumDurationMs,
      `may hold it for up to ${formatDuration(is.maximumDurationMs)} instead of ${formatDuration(was.maximumDurationMs)}`,
    ),
    ...when(
      was.scopes !== undefined && is.scopes === undefined,
      `may hold it wherever they are eligible, no longer only at ${was.scopes?.join(", ") ?? ""}`,
    ),
    ...when(scopes.length > 0, `may hold it also at ${scopes.join(", ")}`),
    ...approval,
    ...is.tickets.flatMap((rule) =>
      when(!was.tickets.some((old) => allows(old, rule)), `may bring a ticket ${ticketText(rule)}`),
    ),
    ...when(
      stepUp.authenticationContext !== was.stepUp.authenticationContext,
      `step up with the authentication context ${stepUp.authenticationContext} instead of ${was.stepUp.authenticationContext}`,
    ),
    ...when(
      stepUp.maxAgeMs > was.stepUp.maxAgeMs,
      `step up with a sign-in of up to ${formatDuration(stepUp.maxAgeMs)}`,
    ),
    ...when(!within(is.hours, was.hours), `may hold it ${is.hours ? hoursText(is.hours) : "at any hour"}`),
    ...when(keeps(is) > keeps(was), "keep it longer, or for good, when its ticket is closed"),
    ...when(is.usesPerTicket > was.usesPerTicket, `may use one ticket ${is.usesPerTicket} times`),
    ...when(was.tier0 && !is.tier0, "it is no longer treated as a role that can take every other"),
  ];
}

/** Whether the old rule let everything in that the new one does. */
const allows = (old: TicketRule, rule: TicketRule): boolean =>
  old.system === rule.system &&
  old.type === rule.type &&
  (old.window === "ignored" || (rule.window === "required" && rule.graceMs <= old.graceMs)) &&
  (!old.approved || rule.approved) &&
  (!old.namesRole || rule.namesRole);

const ticketText = ({ system, type, window, graceMs, approved, namesRole }: TicketRule): string =>
  [
    `${system}/${type}`,
    ...(window === "ignored"
      ? ["whatever its window"]
      : graceMs > 0
        ? [`${formatDuration(graceMs)} around its window`]
        : []),
    ...(approved ? [] : ["not approved in its own system"]),
    ...(namesRole ? [] : ["that need not name the role"]),
  ].join(", ");

/** Whether the new hours are inside the old ones; hours over midnight, or in another zone, are not compared. */
function within(is: HoursPolicy | undefined, was: HoursPolicy | undefined): boolean {
  if (!was) return true;
  if (is?.zone !== was.zone || !is.days.every((day) => was.days.includes(day))) return false;
  if (is.from === was.from && is.to === was.to) return true;
  return was.from <= was.to && is.from <= is.to && is.from >= was.from && is.to <= was.to;
}

const hoursText = ({ zone, days, from, to }: HoursPolicy): string => `${days.join(", ")} ${from} to ${to} (${zone})`;

function keeps({ onTicketClosed }: RolePolicy): number {
  if (onTicketClosed.kind === "grace") return onTicketClosed.ms;
  return onTicketClosed.kind === "end" ? 0 : Number.POSITIVE_INFINITY;
}

type Stated = StatedPolicy["policy"];

function tenantGains(was: Stated, is: Stated): readonly PolicyGain[] {
  const gain = (applies: boolean, what: string, who: Gainer = EVERYBODY): readonly PolicyGain[] =>
    applies ? [{ who, what }] : [];
  return [
    ...gain(was.mode === "observe" && is.mode === "enforce", "roles are given, and changes are worked"),
    ...gain(was.selfActivated === "end" && is.selfActivated === "report", "keep what they activate in PIM itself"),
    ...gain(
      was.identityTeamGroup !== is.identityTeamGroup,
      "is the identity team: ends activations, freezes and resumes, reads the trail, asks for changes",
      { kind: "group", group: is.identityTeamGroup },
    ),
    ...is.breakGlassAccounts
      .filter((account) => !was.breakGlassAccounts.includes(account))
      .flatMap((account) =>
        gain(true, "is a break-glass account: may stand permanently, and nothing is ended or reviewed", {
          kind: "user",
          account,
        }),
      ),
    ...gain(was.alertMail !== is.alertMail, `gets the alerts, no longer ${was.alertMail}`, {
      kind: "named",
      name: is.alertMail,
    }),
    ...gain(is.caps.openPerPerson > was.caps.openPerPerson, `${is.caps.openPerPerson} requests may be open at once`),
    ...gain(
      is.caps.openPerTicketCreator > was.caps.openPerTicketCreator,
      `${is.caps.openPerTicketCreator} requests may be open for tickets that one person made`,
    ),
    ...gain(
      is.breaker.grants > was.breaker.grants || is.breaker.withinMs < was.breaker.withinMs,
      `all grants stop only after ${is.breaker.grants} in ${formatDuration(is.breaker.withinMs)}`,
    ),
  ];
}

function ticketSystemGains(was: Stated, is: Stated): readonly PolicyGain[] {
  const gain = (what: string): PolicyGain => ({ who: EVERYBODY, what });
  return Object.entries(is.ticketSystems).flatMap(([system, now]) => {
    const old = was.ticketSystems[system as keyof Policy["ticketSystems"]];
    if (!old) return [gain(`tickets of ${system} count`)];
    const { types: oldTypes, projects: oldProjects } = old;
    const { types, projects } = now;
    const fresh = projects?.filter((project) => !oldProjects?.includes(project)) ?? [];
    return [
      ...(isReadAlike(old, now) ? [] : [gain(`tickets of ${system} are read otherwise`)]),
      ...(fresh.length === 0 ? [] : [gain(`tickets of the ${system} projects ${fresh.join(", ")} count`)]),
      ...Object.entries(types).flatMap(([type, { openStates, cancelledStates }]) => {
        const open = openStates.filter((state) => !oldTypes[type]?.openStates.includes(state));
        const kept = oldTypes[type]?.cancelledStates.filter((state) => !cancelledStates.includes(state)) ?? [];
        return [
          ...(open.length === 0 ? [] : [gain(`${system}/${type} counts as open in the states ${open.join(", ")}`)]),
          ...(kept.length === 0
            ? []
            : [gain(`${system}/${type} ends nothing at once in the states ${kept.join(", ")}`)]),
        ];
      }),
    ];
  });
}

const isReadAlike = (a: TicketSystemPolicy, b: TicketSystemPolicy): boolean =>
  a.numberPattern === b.numberPattern &&
  [...Object.keys(a.fields), ...Object.keys(b.fields)].every((name) => {
    const field = name as keyof TicketSystemPolicy["fields"];
    return a.fields[field] === b.fields[field];
  });

function senderGains(was: Stated, is: Stated): readonly PolicyGain[] {
  return Object.entries(is.senders).flatMap(([name, { people, roles, openAtMost }]) => {
    const old = was.senders[name];
    const gain = (what: string): PolicyGain => ({ who: { kind: "named", name: `the system ${name}` }, what });
    const persons =
      old?.people === "all"
        ? []
        : people === "all"
          ? ["everybody"]
          : people.filter((one) => !old?.people.includes(one));
    const fresh = roles.filter((role) => !old?.roles.includes(role));
    const roleNames = fresh.map((id) => is.roles.find(({ roleDefinitionId }) => roleDefinitionId === id)?.name ?? id);
    return [
      ...(persons.length === 0 ? [] : [gain(`may ask for ${persons.join(", ")}`)]),
      ...(fresh.length === 0 ? [] : [gain(`may ask for ${roleNames.join(", ")}`)]),
      ...(openAtMost > (old?.openAtMost ?? 0) ? [gain(`may have ${openAtMost} activations open`)] : []),
    ];
  });
}
