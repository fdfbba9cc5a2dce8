import * as z from "zod";
import { parseDirectoryScopeId, parsePrincipalId, parseRoleDefinitionId } from "../domain/ids.ts";
import type { RolePolicy } from "../domain/policy.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, parseDuration } from "../domain/time.ts";
import { APPROVAL, GROUP_NAME } from "./approval-schema.ts";
import { GOVERNANCE } from "./governance-schema.ts";
import { mailAddress, objectId } from "./people-schema.ts";
import {
  duration,
  list,
  map,
  matching,
  named,
  oneOf,
  shortText,
  textForm,
  wholeNumber,
  yesNo,
} from "./policy-forms.ts";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** What a ticket must fulfil: written once per type of ticket, and again in a role that wants something else. */
const TICKET_CONDITIONS = {
  window: oneOf("required", "ignored").optional(),
  grace: duration(MINUTE_MS, DAY_MS).optional(),
  approved: yesNo.optional(),
  namesRole: yesNo.optional(),
};

const TICKET_TYPES = named(
  "a table or an issue type, such as change_request",
  /^[A-Za-z][A-Za-z0-9_ -]{0,63}$/,
  map({ open: list(shortText(60)), cancelled: list(shortText(60), 0).default([]), ...TICKET_CONDITIONS }),
);

const fieldName = matching("the name of a field", /^[A-Za-z][A-Za-z0-9_.]{0,79}$/);

const TICKET_SYSTEM = {
  numbers: textForm("a regular expression for the whole number of a ticket", anchored),
  types: TICKET_TYPES,
  fields: map({
    role: fieldName,
    duration: fieldName,
    scope: fieldName,
    windowStart: fieldName.exactOptional(),
    windowEnd: fieldName.exactOptional(),
    configurationItem: fieldName.exactOptional(),
  }),
};

function anchored(pattern: string): string | undefined {
  try {
    return pattern === "" ? undefined : new RegExp(`^(?:${pattern})$`).source;
  } catch {
    return undefined;
  }
}

/** `servicenow/incident` is short for `ticket: servicenow/incident`. */
const TICKET_RULE = z.preprocess(
  (value) => (typeof value === "string" ? { ticket: value } : value),
  map({
    ticket: textForm("<system>/<type>, such as servicenow/incident", (text) => {
      const [, system, type] = /^(servicenow|jira)\/(.+)$/.exec(text) ?? [];
      return type === undefined
        ? undefined
        : { system: system === "jira" ? ("jira" as const) : ("servicenow" as const), type };
    }),
    ...TICKET_CONDITIONS,
  }),
);

const HOURS = map({
  zone: textForm("an IANA time zone, such as Europe/Berlin", (zone) => (isZone(zone) ? zone : undefined)),
  days: list(oneOf(...DAYS)).default(DAYS.slice(0, 5)),
  from: matching('a time in quotes, such as "08:00"', /^([01]\d|2[0-3]):[0-5]\d$/),
  to: matching('a time in quotes, such as "18:00"', /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/),
}).superRefine(({ from, to }, context) => {
  if (from >= to) context.addIssue({ code: "custom", path: ["to"], message: `must be later than ${from}` });
});

function isZone(zone: string): boolean {
  try {
    return (
      /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== ""
    );
  } catch {
    return false;
  }
}

const ON_TICKET_CLOSED = textForm(
  "`end`, `notify` or `grace <duration>` of at most PT1H, such as grace PT10M",
  (text): RolePolicy["onTicketClosed"] | undefined => {
    if (text === "end" || text === "notify") return { kind: text };
    const ms = text.startsWith("grace ") ? parseDuration(text.slice("grace ".length)) : undefined;
    return ms !== undefined && ms <= HOUR_MS ? { kind: "grace", ms } : undefined;
  },
);

const CONTEXT = matching("an authentication context, c1 to c99", /^c[1-9]\d?$/);

/** Global, Privileged Role and Privileged Authentication Administrator: who holds one can take everything else. */
const TIER0_ROLES: readonly string[] = [
  "62e90394-69f5-4237-9190-012177145e10",
  "e8611ab8-c189-46e8-94e1-60213ab1f814",
  "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
];

const ROLE = map({
  role: shortText(100),
  id: textForm("the template id of a role (a GUID)", parseRoleDefinitionId),
  tier0: yesNo.default(false),
  maximum: duration(5 * MINUTE_MS, 4 * HOUR_MS),
  scopes: list(textForm("/, /administrativeUnits/<guid> or /<guid>", parseDirectoryScopeId)).optional(),
  tickets: list(TICKET_RULE),
  stepUp: map({
    context: CONTEXT.optional(),
    maxAge: duration(MINUTE_MS, HOUR_MS).optional(),
    within: duration(MINUTE_MS, DAY_MS).optional(),
  }).default({}),
  approval: APPROVAL,
  start: oneOf("immediate", "onStart").default("immediate"),
  hours: HOURS.optional(),
  onTicketClosed: ON_TICKET_CLOSED.default({ kind: "grace", ms: 10 * MINUTE_MS }),
  usesPerTicket: wholeNumber(1, 20).default(1),
}).superRefine(({ id, tier0, approval }, context) => {
  const issue = (key: string, message: string): void => context.addIssue({ code: "custom", path: [key], message });
  const mustBeTier0 = TIER0_ROLES.includes(id);
  if (mustBeTier0 && !tier0) issue("tier0", "must be true: this role can take every other role");
  if ((mustBeTier0 || tier0) && approval.mode !== "manual") issue("approval", "must be manual for a tier-0 role");
});

const PERSONS = list(matching("all, or the key of a person in people.yaml", /^[a-z0-9][a-z0-9.-]{0,63}$/));

const SENDERS = named(
  "lower-case letters, digits and hyphens, a letter first, and not `rejected`, whose queue is for something else",
  /^(?!rejected$)[a-z][a-z0-9-]{0,39}$/,
  map({ people: PERSONS, roles: list(shortText(100)), open: wholeNumber(1, 1000) }),
);

/** The shape of `roles.yaml`; short forms are spelled out, durations are milliseconds. */
export const ROLES_FILE = map({
  tenant: textForm("the id of the tenant (a GUID)", parsePrincipalId),
  mode: oneOf("enforce", "observe").default("enforce"),
  selfActivated: oneOf("report", "end").default("report"),
  alertMail: mailAddress,
  identityTeam: objectId,
  breakGlass: list(objectId, 0),
  authenticationContext: CONTEXT,
  caps: map({ openPerPerson: wholeNumber(1, 100), openPerTicketCreator: wholeNumber(1, 1000) }),
  breaker: map({ grants: wholeNumber(1, 1000), within: duration(MINUTE_MS, DAY_MS) }),
  groups: named("a word of letters and digits", GROUP_NAME, objectId).default({}),
  ticketSystems: map({
    servicenow: map(TICKET_SYSTEM).optional(),
    jira: map({
      ...TICKET_SYSTEM,
      projects: list(matching("a project key, such as OPS", /^[A-Z][A-Z0-9_]{1,9}$/)),
    }).optional(),
  }),
  senders: SENDERS.default({}),
  governance: GOVERNANCE.optional(),
  roles: list(ROLE),
});

export type RolesFile = z.infer<typeof ROLES_FILE>;
export type RoleEntry = RolesFile["roles"][number];
export type TicketSystemEntry = z.infer<z.ZodObject<typeof TICKET_SYSTEM>>;
