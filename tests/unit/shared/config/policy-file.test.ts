import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PolicyError, readPolicy } from "../../../../shared/config/policy-file.ts";
import { formatDuration, HOUR_MS, MINUTE_MS } from "../../../../shared/domain/time.ts";
import { edited, problemsOf, SAMPLE } from "../../../support/policy-text.ts";

const { roles, people } = SAMPLE;
const GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10";
const TICKETS = "    tickets: [servicenow/change_request]\n";

const saying = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

/** What stands at the place that a problem names. */
const pointedAt = (text: string, { line, column }: { readonly line: number; readonly column: number }): string =>
  text.split("\n")[line - 1]?.slice(column - 1) ?? "";

describe("a role", () => {
  it.each([
    ["maximum: PT2H", "maximum: PT4H1M", "PT4H1M", /from PT5M to PT4H/],
    ["maximum: PT2H", "maximum: PT4M", "PT4M", /from PT5M to PT4H/],
    ["maximum: PT2H", "maximum: P1M", "P1M", /ISO 8601 duration/],
    ["maximum: PT2H", "maximum: 2 hours", "2 hours", /not "2 hours"/],
    ["    tier0: true\n    maximum: PT2H", "    maximum: PT2H", "role: Global", /can take every other role/],
    ["    tier0: true\n", "    tier0: false\n", "false", /can take every other role/],
    ["PT2H\n" + TICKETS, "PT2H\n    tickets: []\n", "[]", /a list of 1 or more/],
    [
      "PT2H\n" + TICKETS,
      "PT2H\n    tickets: [servicenow/problem]\n",
      "servicenow/problem",
      /known: change_request, incident/,
    ],
    ["PT2H\n" + TICKETS, "PT2H\n    tickets: [remedy/incident]\n", "remedy", /<system>\/<type>/],
    ["PT2H\n" + TICKETS, "PT2H\n    usesPerTicket: 0\n" + TICKETS, "0", /from 1 to 20/],
    ["role: Global Administrator", "role: security reader", "Security Reader", /is there already/],
    [GLOBAL_ADMINISTRATOR, "5d6b6bb7-de71-4623-b4af-96380a352509", "5d6b6bb7", /is there already, at roles\[0\]\.id/],
    ["zone: Europe/Berlin, f", "zone: Europe/Berlyn, f", "Europe/Berlyn", /IANA time zone/],
    ["zone: Europe/Berlin, f", 'zone: "+02:00", f', '"+02:00"', /IANA time zone/],
    ['to: "19:00"', 'to: "07:00"', '"07:00"', /later than 07:00/],
    ["onTicketClosed: notify", "onTicketClosed: grace PT2H", "grace PT2H", /at most PT1H/],
    ["roles: [Exchange Administrator], open: 5", "roles: [Nobody], open: 5", "Nobody", /is no role of this file/],
    ["people: [ada.byron, dev.patel]", "people: [ada.byron, dave]", "dave", /is nobody in people\.yaml/],
    ["  pipeline: { people", "  Pipe_line: { people", "Pipe_line", /lower-case letters/],
    ["scopes: [/,", "scopes: [/groups/all,", "/groups/all", /administrativeUnits/],
    ["start: onStart", "start: later", "later", /one of immediate, onStart/],
    ["stepUp: { maxAge: PT2M }", "stepUp: { context: acrs1 }", "acrs1", /c1 to c99/],
  ])("with %j as %j is refused at %j", (passage, replacement, place, message) => {
    const text = edited(roles, passage, replacement);
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(message);
    expect(problems.map((problem) => pointedAt(text, problem))[0]).toMatch(place.slice(0, 8));
  });

  it("of tier 0 needs a manual approval, whether the product or the file says that it is tier 0", () => {
    const automatic = edited(roles, "    approval: automatic\n", "    approval: automatic\n    tier0: true\n");
    expect(problemsOf(automatic)).toMatchObject([
      { path: "roles[6].approval", message: saying(/manual for a tier-0 role/) },
    ]);
  });
});

describe("what may stand permanently", () => {
  const DOOR = "  nativeDoor: breakGlassAccounts\n";
  const WHO = "account: a0000000-0000-4000-8000-000000000001, role: Global Reader";
  const withException = (entry: string): string => edited(roles, DOOR, `${DOOR}  exceptions: [{ ${entry} }]\n`);

  it("has somebody who answers for it, and a last day, through which it holds", () => {
    const text = withException(`${WHO}, owner: dev.patel, until: 2027-03-31, because: a migration`);
    expect(readPolicy(text, people).policy.governance?.exceptions).toMatchObject([
      { owner: "dev.patel", until: "2027-04-01T00:00:00.000Z", because: "a migration" },
    ]);
  });

  it.each([
    [`${WHO}, until: 2027-03-31, because: a migration`, "owner"],
    [`${WHO}, owner: dev.patel, because: a migration`, "until"],
    [`${WHO}, owner: dev.patel, until: never, because: a migration`, "until"],
    [`${WHO}, owner: dev.patel, until: 2027-02-30, because: a migration`, "until"],
    [`${WHO}, owner: dev.patel, until: 2027-03-31`, "because"],
    [`${WHO}, owner: nobody.here, until: 2027-03-31, because: a migration`, "owner"],
  ])("is refused with { %s }", (entry, member) => {
    expect(problemsOf(withException(entry))).toMatchObject([{ path: `governance.exceptions[0].${member}` }]);
  });
});

describe("the access review", () => {
  const withReviews = (more: string, reviewers = "group: directoryOwners"): string =>
    edited(
      roles,
      "  # reviews: { from: 2027-01-04, reviewers: [group: directoryOwners, group: securityApprovers] }",
      `  reviews: { from: 2027-01-04, reviewers: [${reviewers}]${more} }`,
    );

  it("by managers names somebody else, or to whom it escalates, for who has no manager", () => {
    const escalating = ", escalateAfter: P10D, escalateTo: [group: securityApprovers]";
    expect(problemsOf(withReviews("", "manager"))).toMatchObject([
      { path: "governance.reviews.reviewers", message: saying(/for those who have none/) },
    ]);
    for (const text of [withReviews("", "manager, group: directoryOwners"), withReviews(escalating, "manager")])
      expect(readPolicy(text, people).policy.governance?.reviews?.reviewers[0]).toEqual({ kind: "manager" });
  });

  it("is held in Entra where the policy says so, but not by managers", () => {
    const where = (text: string) => readPolicy(text, people).policy.governance?.reviews?.where;
    expect([where(withReviews(", where: entra")), where(withReviews(", where: here"))]).toEqual(["entra", undefined]);
    expect(problemsOf(withReviews(", where: entra", "manager, group: directoryOwners"))).toMatchObject([
      { path: "governance.reviews.where", message: saying(/where managers review/) },
    ]);
  });

  it("escalates to whom it names, or to nobody", () => {
    const more = ", escalateAfter: P10D, escalateTo: [group: securityApprovers]";
    expect(readPolicy(withReviews(more), people).policy.governance?.reviews?.escalation).toMatchObject({
      afterMs: 240 * HOUR_MS,
      to: [{ kind: "group" }],
    });
    expect(readPolicy(withReviews(""), people).policy.governance?.reviews?.escalation).toBeUndefined();
  });

  it.each([
    [", escalateAfter: P10D", "escalateTo", /belong together/],
    [", escalateTo: [group: securityApprovers]", "escalateTo", /belong together/],
    [", escalateAfter: P7D, escalateTo: [group: securityApprovers]", "escalateAfter", /longer than remindAfter/],
    [", escalateAfter: P14D, escalateTo: [group: securityApprovers]", "escalateAfter", /shorter than within/],
    [", escalateAfter: P10D, escalateTo: [group: strangers]", "escalateTo[0].group", /is no known group/],
    [", escalateAfter: P10D, escalateTo: [manager]", "escalateTo[0]", /must be `group/],
    [", escalateAfter: P10D, escalateTo: [group: securityApprovers], where: entra", "where", /where it escalates/],
    [", where: elsewhere", "where", /here/],
    [", within: PT200H, where: entra", "within", /whole days/],
  ])("with %s is refused", (more, path, message) => {
    expect(problemsOf(withReviews(more))).toMatchObject([
      { path: `governance.reviews.${path}`, message: saying(message) },
    ]);
  });
});

describe("an approval", () => {
  const withApproval = (approval: string): string =>
    edited(roles, "    approval: automatic\n    onTicketClosed: notify", `    approval: ${approval}`);

  it.each([
    ["{ requirements: [{ name: Manager, from: [manager] }] }", "requirements", /manager alone/],
    ["{ requirements: [{ name: Any, from: [manager, group: directoryOwners] }] }", "requirements", /manager alone/],
    [
      "{ mode: automatic, unlessSelfMade: { requirements: [{ name: M, from: [manager] }] } }",
      "unlessSelfMade.requirements",
      /manager alone/,
    ],
    ["{ requirements: [{ name: O, from: [group: directoryOwners] }], backups: [manager] }", "backups", /backups count/],
    [
      "{ requirements: [{ name: O, from: [group: strangers] }] }",
      "requirements[0].from[0].group",
      /known: securityApprovers, directoryOwners/,
    ],
    ["{ requirements: [{ name: O, from: [person: nobody] }] }", "requirements[0].from[0].person", /known: ada\.byron/],
    [
      "{ requirements: [{ name: O, from: [group: directoryOwners] }], decideWithin: PT1H, remindAfter: PT1H }",
      "remindAfter",
      /shorter than decideWithin/,
    ],
    [
      "{ requirements: [{ name: O, from: [group: directoryOwners] }], decideWithin: PT1H, escalateAfter: PT2H }",
      "escalateAfter",
      /shorter than decideWithin/,
    ],
    [
      "{ requirements: [{ name: O, count: 0, from: [group: directoryOwners] }] }",
      "requirements[0].count",
      /from 1 to 10/,
    ],
    ["{ requirements: [] }", "requirements", /a list of 1 or more/],
    ["sometimes", "", /`automatic`, or a map with `requirements`/],
  ])("of %s is refused", (approval, path, message) => {
    expect(problemsOf(withApproval(approval))).toMatchObject([
      { path: `roles[7].approval${path && "."}${path}`, message: saying(message) },
    ]);
  });

  it("counts a manager as one person", () => {
    const two =
      "{ requirements: [{ name: M, count: 2, from: [manager] }, { name: O, from: [group: directoryOwners] }] }";
    expect(problemsOf(withApproval(two))).toMatchObject([{ message: saying(/there is one manager/) }]);
  });

  it("takes a manager beside somebody else who must agree", () => {
    const both = "{ requirements: [{ name: Both, count: 2, from: [manager, group: directoryOwners] }] }";
    expect(problemsOf(withApproval(both))).toEqual([]);
  });

  it("turns a person into the daily account, and leaves reminder and escalation to the deadline", () => {
    const text = withApproval("{ requirements: [{ name: Cora, from: [person: cora.lindt] }], decideWithin: PT2H }");
    expect(readPolicy(text, people).policy.roles[7]?.approval).toEqual({
      mode: "manual",
      requirements: [
        { name: "Cora", count: 1, from: [{ kind: "user", account: "d0000000-0000-4000-8000-000000000003" }] },
      ],
      decideWithinMs: 2 * HOUR_MS,
      remindAfterMs: 30 * MINUTE_MS,
      escalateAfterMs: HOUR_MS,
      backups: [],
    });
  });
});

describe("a ticket system", () => {
  it("refuses a number pattern that does not compile", () => {
    expect(problemsOf(edited(roles, String.raw`(CHG|INC)\d{7,10}`, "(CHG"))).toMatchObject([
      { path: "ticketSystems.servicenow.numbers", message: saying(/regular expression/) },
    ]);
  });

  it("matches numbers as a whole, whatever the pattern", () => {
    const { policy } = readPolicy(edited(roles, String.raw`(CHG|INC)\d{7,10}`, String.raw`CHG\d+|INC\d+`), people);
    const pattern = new RegExp(policy.ticketSystems.servicenow?.numberPattern ?? "");
    expect(["CHG1", "INC1", "xCHG1", "CHG1x", "INC1^ORactive=true"].map((number) => pattern.test(number))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("must know its window fields before a role can need a window", () => {
    const text = edited(roles, "      windowStart: start_date\n", "");
    expect(problemsOf(text).map(({ path }) => path)).toContain("roles[0].tickets[0]");
    expect(problemsOf(text)[0]?.message).toMatch(/no fields windowStart and windowEnd/);
  });

  it("of Jira has no approval of its own to ask for", () => {
    const text = edited(roles, 'cancelled: ["10013", "10014"], grace', 'approved: true, cancelled: ["10013"], grace');
    expect(problemsOf(text)[0]).toMatchObject({ path: "roles[4].tickets[1]", message: saying(/under `open`/) });
    const exchange = readPolicy(roles, people).policy.roles[4];
    expect(exchange?.tickets.map(({ system, approved }) => [system, approved])).toEqual([
      ["servicenow", true],
      ["jira", false],
      ["jira", false],
    ]);
  });

  it("says once what its tickets must fulfil, and a role may say otherwise", () => {
    const text = edited(
      roles,
      TICKETS,
      "    tickets: [{ ticket: servicenow/change_request, window: ignored, approved: false }]\n",
    );
    const [first, second] = readPolicy(text, people).policy.roles;
    expect(first?.tickets).toMatchObject([{ window: "ignored", approved: false, graceMs: 10 * MINUTE_MS }]);
    expect(second?.tickets).toMatchObject([{ window: "required", approved: true, namesRole: true }]);
  });
});

describe("people", () => {
  it.each([
    ["d0000000-0000-4000-8000-000000000002", "d0000000-0000-4000-8000-000000000001", "people.ben.okafor.daily"],
    [
      "admin: [a0000000-0000-4000-8000-000000000002]",
      "admin: [a0000000-0000-4000-8000-0000000000f1]",
      "people.ben.okafor.admin[0]",
    ],
    ["5e0c0000000000000000000000000002", "5e0c0000000000000000000000000001", "people.ben.okafor.servicenow"],
    ["712020:00000002-jira", "712020:00000001-jira", "people.ben.okafor.jira"],
  ])("may not share %s", (passage, replacement, path) => {
    expect(problemsOf(roles, edited(people, passage, replacement))).toMatchObject([
      { file: "people.yaml", path, message: saying(/is there already/) },
    ]);
  });

  it("may not own a break-glass account", () => {
    const text = edited(people, "[a0000000-0000-4000-8000-000000000002]", "[b0000000-0000-4000-8000-000000000001]");
    expect(problemsOf(roles, text)).toMatchObject([
      { file: "roles.yaml", path: "breakGlass[0]", line: 13, column: 5, message: saying(/nobody, not to ben\.okafor/) },
    ]);
  });

  it("may lack admin accounts and ticket users", () => {
    const text = "people:\n  a: { name: A, mail: a@b.example, daily: d0000000-0000-4000-8000-000000000001 }\n";
    const asking = edited(roles, "people: [ada.byron, dev.patel]", "people: [a]");
    const person = readPolicy(asking, text).people.byKey("a");
    expect(person).toMatchObject({ adminAccounts: [] });
    expect(person).not.toHaveProperty("jiraAccount");
  });
});

describe("the files", () => {
  it("have all their problems listed at once, of both files", () => {
    const text = edited(edited(roles, "maximum: PT2H", "maximum: P2D"), "start: onStart", "strat: onStart");
    const problems = problemsOf(text, edited(people, "name: Ada Byron", "name: 7"));
    expect(problems.map(({ file, path }) => `${file} ${path}`)).toEqual([
      "roles.yaml roles[0].maximum",
      "roles.yaml roles[3].strat",
      "people.yaml people.ada.byron.name",
    ]);
  });

  it("have their problems printed as file, line and column", () => {
    const text = edited(roles, "start: onStart", "strat: onStart");
    expect(() => readPolicy(text, people)).toThrow(PolicyError);
    expect(() => readPolicy(text, people)).toThrow(
      /\n {2}roles\.yaml:\d+:5 roles\[3\]\.strat is unknown; known here: role, id, tier0/,
    );
  });

  it.each([
    ["roles: [", /is no valid YAML/],
    ["tenant: a\ntenant: b\n", /unique/],
    ["tenant: !!js/function x\n", /is no valid YAML/],
    ["a: 1\n---\nb: 2\n", /is no valid YAML/],
    ["", /must be a map/],
    ["- a list\n", /must be a map/],
  ])("are refused when they hold %j", (text, message) => {
    expect(problemsOf(text)[0]).toMatchObject({
      file: "roles.yaml",
      message: saying(message),
    });
  });

  it.each([
    [
      "aliases that multiply",
      `l0: &l0 [x]\n${[1, 2, 3, 4, 5]
        .map(
          (n) =>
            `l${n}: &l${n} [${Array(9)
              .fill(`*l${n - 1}`)
              .join()}]`,
        )
        .join("\n")}`,
    ],
    ["a depth without end", "[".repeat(20_000)],
    ["very many keys", Array.from({ length: 40_000 }, (_, n) => `k${n}: 1`).join("\n")],
    ["very many equal keys", "k: 1\n".repeat(40_000)],
  ])("are refused, soon, with %s", { timeout: 10_000 }, (_what, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });

  it("keep their hash when only comments and short forms change", () => {
    const { hash } = readPolicy(roles, people).policy;
    const longer = edited(roles, "    approval: automatic\n", "    # by itself\n    approval: { mode: automatic }\n");
    expect(readPolicy(longer, people).policy.hash).toBe(hash);
    expect(readPolicy(edited(roles, "maximum: PT2H", "maximum: PT120M"), people).policy.hash).toBe(hash);
  });

  it("say whether the tenant is only watched, which is no default", () => {
    expect(readPolicy(edited(roles, "mode: enforce", "mode: observe"), people).policy.mode).toBe("observe");
    const silent = readPolicy(edited(roles, "mode: enforce\n", ""), people).policy;
    expect(silent).toMatchObject({ mode: "enforce", hash: readPolicy(roles, people).policy.hash });
    expect(problemsOf(edited(roles, "mode: enforce", "mode: watch"))).toMatchObject([
      { path: "mode", message: saying(/one of enforce, observe, not "watch"/) },
    ]);
  });

  it("say whether what is activated in PIM itself is ended, which is no default", () => {
    const ending = edited(roles, "# selfActivated: end", "selfActivated: end");
    expect(readPolicy(roles, people).policy.selfActivated).toBe("report");
    expect(readPolicy(ending, people).policy.selfActivated).toBe("end");
    expect(readPolicy(ending, people).policy.hash).not.toBe(readPolicy(roles, people).policy.hash);
    expect(problemsOf(edited(ending, "selfActivated: end", "selfActivated: kill"))).toMatchObject([
      { path: "selfActivated", message: saying(/one of report, end, not "kill"/) },
    ]);
  });

  it("change their hash with everything that means something else", () => {
    const { hash } = readPolicy(roles, people).policy;
    expect(readPolicy(edited(roles, "maximum: PT2H", "maximum: PT1H"), people).policy.hash).not.toBe(hash);
    expect(readPolicy(edited(roles, "mode: enforce", "mode: observe"), people).policy.hash).not.toBe(hash);
    expect(readPolicy(roles, edited(people, "name: Ada", "name: Ida")).policy.hash).not.toBe(hash);
  });

  it("take every maximum from five minutes to four hours, and no other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (minutes) => {
        const text = edited(roles, "maximum: PT2H", `maximum: ${formatDuration(minutes * MINUTE_MS)}`);
        expect(problemsOf(text).length).toBe(minutes >= 5 && minutes <= 240 ? 0 : 1);
      }),
      { numRuns: 60 },
    );
  });
});

describe("senders", () => {
  it("name roles by their names and people by their keys, or all of them", () => {
    expect(readPolicy(roles, people).policy.senders).toMatchObject({
      chatbot: { people: "all", openAtMost: 20 },
      pipeline: {
        people: ["ada.byron", "dev.patel"],
        roles: ["29232cdf-9323-42fd-ade2-1d097af3e4de"],
        openAtMost: 5,
      },
    });
  });

  it("are part of the policy's hash, and may be left out", () => {
    const fewer = edited(roles, "people: [ada.byron, dev.patel]", "people: [ada.byron]");
    expect(readPolicy(fewer, people).policy.hash).not.toBe(readPolicy(roles, people).policy.hash);
    const none = roles.replace(/^senders:\n(?: {2}.*\n)+/m, "");
    expect(readPolicy(none, people).policy.senders).toEqual({});
  });
});
