import { describe, expect, it } from "vitest";
import { readPolicy } from "../../../../shared/config/policy-file.ts";
import { canonicalJson } from "../../../../shared/crypto/digest.ts";
import { policyDifferences, type StatedPolicy } from "../../../../shared/domain/policy-change.ts";
import { gainingPersons, policyGains } from "../../../../shared/domain/policy-gains.ts";
import { edited, SAMPLE } from "../../../support/policy-text.ts";

/** As it is kept when it is accepted: with its properties in another order, and without those that say nothing. */
const kept = (roles = SAMPLE.roles, people = SAMPLE.people): StatedPolicy => {
  const { policy, people: map } = readPolicy(roles, people);
  return JSON.parse(canonicalJson({ policy, persons: map.all() })) as StatedPolicy;
};

function stated(roles = SAMPLE.roles, people = SAMPLE.people): StatedPolicy {
  const { policy, people: map } = readPolicy(roles, people);
  return { policy, persons: map.all() };
}

const gains = (before: StatedPolicy, after: StatedPolicy): readonly string[] =>
  policyGains(before, after).map(({ who, what }) => `${who.kind}: ${what}`);

/** `tight` stands in the sample, or replaces what stands there first. */
type Loosening = readonly [what: string, passage: string, tight: string, loose: string, gain: string];

const HUGO_MAIL = "    mail: hugo.brandt@contoso.example";
const BREAK_GLASS_2 = "  - b0000000-0000-4000-8000-000000000002\n";
const NEW_ACCOUNT = "b0000000-0000-4000-8000-000000000003";
const DOOR = "  nativeDoor: breakGlassAccounts\n";
const OWNER_APPROVAL = `      requirements:
        - name: Directory owners
          from: [group: directoryOwners]
      decideWithin: P1D`;
const HELPDESK = `      unlessSelfMade:
        requirements:
          - name: Security
            from: [group: securityApprovers]
        decideWithin: PT1H`;
const EXCEPTION = `  exceptions: [{ account: ${NEW_ACCOUNT}, role: Global Reader, owner: dev.patel, until: 2027-03-31, because: a display }]\n`;
const REVIEWS = "  reviews: { from: 2027-01-04, reviewers: [group: directoryOwners] }\n";

const LOOSENINGS: readonly Loosening[] = [
  ["a longer maximum", "maximum: PT4H", "maximum: PT1H", "maximum: PT4H", "eligible: Security Administrator: may hold it for up to PT4H instead of PT1H"],
  ["a scope more", "scopes: [/, ", "scopes: [", "scopes: [/, ", "eligible: User Administrator: may hold it also at /"],
  ["no scopes", "    scopes: [/, /administrativeUnits/40000000-0000-4000-8000-000000000001]\n", "    scopes: [/]\n", "", "eligible: User Administrator: may hold it wherever they are eligible, no longer only at /"],
  ["hours gone", `    hours: { zone: Europe/Berlin, from: "07:00", to: "19:00" }\n`, `    hours: { zone: Europe/Berlin, from: "07:00", to: "19:00" }\n`, "", "eligible: Conditional Access Administrator: may hold it at any hour"],
  ["longer hours", `from: "07:00", to: "19:00"`, `from: "07:00", to: "19:00"`, `from: "06:00", to: "19:00"`, "eligible: Conditional Access Administrator: may hold it Mon, Tue, Wed, Thu, Fri 06:00 to 19:00 (Europe/Berlin)"],
  ["an older sign-in", "maxAge: PT2M", "maxAge: PT2M", "maxAge: PT5M", "eligible: Conditional Access Administrator: step up with a sign-in of up to PT5M"],
  ["no second person", `    approval:\n${OWNER_APPROVAL}`, `    approval:\n${OWNER_APPROVAL}`, "    approval: automatic", "eligible: Conditional Access Administrator: get it without a second person"],
  ["one approval of two", "          from: [manager]\n", "          from: [manager]\n        - { name: Owners, count: 2, from: [group: directoryOwners] }\n", "          from: [manager]\n        - { name: Owners, from: [group: directoryOwners] }\n", 'eligible: Security Administrator: get it with 1 instead of 2 of "Owners"'],
  ["a requirement gone", "        - name: Manager\n          from: [manager]\n", "        - name: Manager\n          from: [manager]\n", "", 'eligible: Security Administrator: get it without the approval "Manager"'],
  ["an approver more", "from: [group: securityApprovers, group: directoryOwners]\n\n  - role: Privileged", "from: [group: directoryOwners]\n\n  - role: Privileged", "from: [group: securityApprovers, group: directoryOwners]\n\n  - role: Privileged", "group: may approve Global Administrator (Security or directory owners)"],
  ["a backup", "      backups: [group: directoryOwners]\n", "", "      backups: [group: directoryOwners]\n", "group: may approve Security Administrator (when nobody else answered)"],
  ["a self-made ticket", HELPDESK, "", HELPDESK, "eligible: Helpdesk Administrator: get it for a ticket that they made themselves, if somebody approves"],
  ["a ticket type more", "tickets: [servicenow/change_request, jira/Change, jira/Task]", "tickets: [servicenow/change_request, jira/Change]", "tickets: [servicenow/change_request, jira/Change, jira/Task]", "eligible: Exchange Administrator: may bring a ticket jira/Task, whatever its window, not approved in its own system, that need not name the role"],
  ["a weaker ticket", "namesRole: false }\n    fields:\n      role: u_role", "namesRole: true }\n    fields:\n      role: u_role", "namesRole: false }\n    fields:\n      role: u_role", "eligible: Helpdesk Administrator: may bring a ticket servicenow/incident, whatever its window, not approved in its own system, that need not name the role"],
  ["a role kept", "    onTicketClosed: notify\n", "    onTicketClosed: end\n", "    onTicketClosed: notify\n", "eligible: Security Reader: keep it longer, or for good, when its ticket is closed"],
  ["more uses", "usesPerTicket: 3", "usesPerTicket: 1", "usesPerTicket: 3", "eligible: Helpdesk Administrator: may use one ticket 3 times"],
  ["an open state", `open: ["-2", "-1"]`, `open: ["-1"]`, `open: ["-2", "-1"]`, "everybody: servicenow/change_request counts as open in the states -2"],
  ["a cancelled state", `cancelled: ["8"]`, `cancelled: ["8", "9"]`, `cancelled: ["8"]`, "everybody: servicenow/incident ends nothing at once in the states 9"],
  ["another field", "role: u_role", "role: u_role", "role: short_description", "everybody: tickets of servicenow are read otherwise"],
  ["a project", "projects: [OPS]", "projects: [OPS]", "projects: [OPS, TOY]", "everybody: tickets of the jira projects TOY count"],
  ["a sender's people", "people: [ada.byron, dev.patel]", "people: [dev.patel]", "people: [ada.byron, dev.patel]", "named: may ask for ada.byron"],
  ["a sender for all", "people: [ada.byron, dev.patel]", "people: [ada.byron, dev.patel]", "people: [all]", "named: may ask for everybody"],
  ["a sender's roles", "roles: [Security Administrator, Exchange Administrator]", "roles: [Exchange Administrator]", "roles: [Security Administrator, Exchange Administrator]", "named: may ask for Security Administrator"],
  ["a sender's requests", "open: 5", "open: 5", "open: 6", "named: may have 6 activations open"],
  ["caps", "openPerPerson: 3", "openPerPerson: 3", "openPerPerson: 4", "everybody: 4 requests may be open at once"],
  ["the breaker", "grants: 10, within", "grants: 10, within", "grants: 900, within", "everybody: all grants stop only after 900 in PT10M"],
  ["no more watching", "mode: enforce", "mode: observe", "mode: enforce", "everybody: roles are given, and changes are worked"],
  ["what PIM gave", "# selfActivated: end", "selfActivated: end", "selfActivated: report", "everybody: keep what they activate in PIM itself"],
  ["a break-glass account", BREAK_GLASS_2, BREAK_GLASS_2, `${BREAK_GLASS_2}  - ${NEW_ACCOUNT}\n`, "user: is a break-glass account: may stand permanently, and nothing is ended or reviewed"],
  ["a second person", "  approvers: [group: securityApprovers, group: directoryOwners]", "  approvers: [group: directoryOwners]", "  approvers: [group: directoryOwners, person: hugo.brandt]", "user: may be the second person for every change, also of the policy"],
  ["an owner", "  owners: [group: directoryOwners]", "  owners: [group: directoryOwners]", "  owners: [group: directoryOwners, person: hugo.brandt]", "user: may ask for changes of eligibility"],
  ["the door", DOOR, DOOR, "", "everybody: any approver in PIM itself will do to go past this system"],
  ["grants in a gap", DOOR, `${DOOR}  stopGrantsOnContextGap: true\n`, DOOR, "everybody: get roles also while Conditional Access behind the step-up falls short"],
  ["longer eligibility", DOOR, `${DOOR}  longestEligibility: P90D\n`, DOOR, "everybody: may be eligible for P365D at a time"],
  ["an exception", DOOR, DOOR, DOOR + EXCEPTION, "user: may hold the role f2ef992c-3afb-46b9-b7cf-a126ee74c451 permanently until 2027-04-01T00:00:00.000Z: a display"],
  ["no reviews", DOOR, DOOR + REVIEWS, DOOR, "everybody: keep eligibility that nobody reviews"],
  ["silence that keeps", DOOR, DOOR + REVIEWS, DOOR + REVIEWS.replace("] }", "], noAnswer: keep }"), "everybody: keep eligibility that no reviewer answers for"],
  ["rare reviews", DOOR, DOOR + REVIEWS, DOOR + REVIEWS.replace("] }", "], every: P180D }"), "everybody: keep eligibility longer before it is reviewed"],
  ["own identities", "  ownIdentities:\n", "  ownIdentities:\n", `  ownIdentities:\n    - ${NEW_ACCOUNT}\n`, "user: is never touched, as one of our own"],
]; // prettier-ignore

/** What somebody may do for others, or is said because two ways of reading a ticket cannot be compared. */
const NEW_DUTY =
  /: (may approve |alone approves |answers in |tickets of \S+ are read otherwise|.*, if somebody approves$)/;

describe("who gains by a changed policy", () => {
  it.each(LOOSENINGS)("is said for %s, and not for the way back", (_what, passage, tight, loose, gain) => {
    const [before, after] = [tight, loose].map((text) => edited(SAMPLE.roles, passage, text)) as [string, string];
    expect(gains(kept(before), stated(after))).toContain(gain);
    expect(gains(kept(after), stated(before)).filter((line) => !NEW_DUTY.test(line))).toEqual([]);
  });

  it.each([
    ["an account", "admin: [a0000000-0000-4000-8000-000000000008]", "admin: [a0000000-0000-4000-8000-000000000008, a0000000-0000-4000-8000-0000000000aa]", "may hold roles with the account a0000000-0000-4000-8000-0000000000aa too"],
    ["a mailbox", HUGO_MAIL, "    mail: someone@else.example", "gets mail, and the links in it, at someone@else.example instead of hugo.brandt@contoso.example"],
    ["an everyday account", "daily: d0000000-0000-4000-8000-000000000008", "daily: d0000000-0000-4000-8000-0000000000aa", "signs decisions with the account d0000000-0000-4000-8000-0000000000aa instead of d0000000-0000-4000-8000-000000000008"],
    ["a user of tickets", `jira: "712020:00000008-jira"`, `jira: "712020:aa"`, "owns the tickets of the Jira account 712020:aa instead of 712020:00000008-jira"],
  ])("is said for %s of a person, who then does not decide", (_what, passage, by, what) => {
    const after = stated(SAMPLE.roles, edited(SAMPLE.people, passage, by));
    const found = policyGains(kept(), after);
    expect(found).toEqual([{ who: { kind: "person", name: "Hugo Brandt", person: "hugo.brandt" }, what }]);
    expect(gainingPersons(found, after.persons)).toEqual(["hugo.brandt"]);
  }); // prettier-ignore

  it("is said for a role, its approvers and a person that were not there", () => {
    const role = SAMPLE.roles.slice(SAMPLE.roles.indexOf("  - role: Global Reader"));
    const person = SAMPLE.people.slice(SAMPLE.people.indexOf("  hugo.brandt:"), SAMPLE.people.indexOf("  iris.novak:"));
    const before = kept(edited(SAMPLE.roles, role, ""), edited(SAMPLE.people, person, ""));
    expect(gains(before, stated())).toEqual([
      "named: may ask for roles with their admin accounts, and decide where they are named (new in people.yaml)",
      "eligible: Global Reader: may activate it, for up to PT4H",
      "eligible: Global Reader: get it without a second person",
    ]);
  });

  it("names whom it names as a person by an account of theirs", () => {
    const after = stated(edited(SAMPLE.roles, "  owners: [group: directoryOwners]", "  owners: [person: hugo.brandt]"));
    expect(gainingPersons(policyGains(kept(), after), after.persons)).toEqual(["hugo.brandt"]);
  });

  it("is nobody by the same policy, however it is kept", () => {
    expect(gains(kept(), stated())).toEqual([]);
    expect(policyDifferences(kept(), stated())).toEqual([]);
  });
});
