import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestActivationBody } from "../../../../shared/contracts/request-activation.ts";
import { formatDuration, HOUR_MS, MINUTE_MS } from "../../../../shared/domain/time.ts";

const GOOD = {
  role: "Global Administrator",
  scope: "/",
  duration: "PT2H",
  justification: "Rotate the federation certificate",
  ticket: { system: "servicenow", number: "CHG0030192" },
};

/** The members that are complained about. */
const complaints = (body: unknown): readonly string[] =>
  requestActivationBody.safeParse(body).error?.issues.map(({ path, code }) => path.join(".") || code) ?? [];

describe("the body of a request", () => {
  it("is parsed into what the domain works with", () => {
    expect(requestActivationBody.parse({ ...GOOD, justification: "  Rotate the certificate  " })).toEqual({
      ...GOOD,
      duration: 2 * HOUR_MS,
      justification: "Rotate the certificate",
    });
  });

  it("may leave scope and account out", () => {
    const { scope, ...rest } = GOOD;
    expect([scope, complaints(rest)]).toEqual(["/", []]);
  });

  it.each(["role", "duration", "justification", "ticket"])("must have %s", (name) => {
    expect(complaints(Object.fromEntries(Object.entries(GOOD).filter(([key]) => key !== name)))).toEqual([name]);
  });

  it.each([
    [
      "role",
      ["", "GA", "x".repeat(101), "Global\u0000Administrator", "Global \u202erotartsinimdA", 7, null, ["a role"]],
    ],
    ["scope", ["", "/users", "tenant", "/ ", `/${"a".repeat(90)}`, 1, "/administrativeUnits/1"]],
    ["account", ["", "ada", "A0000000-0000-4000-8000-00000000000g", "a".repeat(40), 7]],
    [
      "duration",
      ["", "0", "PT0S", "P0D", "-PT1H", "PT-1H", "P1M", "P1Y", "P1W", "2 hours", "PT", "P", "PT1.5H", 7_200_000],
    ],
    [
      "justification",
      ["", "too short", " ".repeat(20), "x".repeat(501), "line\nand another line", "a\u009Bb is no plain text", 7],
    ],
    ["ticket", ["CHG0030192", null, []]],
  ])("refuses a bad %s", (name, values) => {
    const accepted = values.filter((value) => complaints({ ...GOOD, [name]: value })[0] !== name);
    expect(accepted).toEqual([]);
  });

  it.each([
    "CHG0030192^ORactive=true",
    "CHG0030192^EQ",
    "javascript:gs.log()",
    "CHG 0030192",
    "chg0030192",
    "CHG0030192\n",
    "OPS-142/../OPS-1",
    "OPS-142?expand=all",
    "OPS-142%2F1",
    "=CHG0030192",
    "@CHG0030192",
    "142",
    "",
    `CHG${"0".repeat(50)}1`,
  ])("refuses the ticket number %j", (number) => {
    expect(complaints({ ...GOOD, ticket: { system: "servicenow", number } })).toContain("ticket.number");
  });

  it.each([
    [{ system: "remedy", number: "CHG0030192" }, "ticket.system"],
    [{ number: "CHG0030192" }, "ticket.system"],
    [{ system: "jira" }, "ticket.number"],
    [{ system: "jira", number: "OPS-142", url: "http://169.254.169.254/" }, "ticket"],
  ])("refuses the ticket %j", (ticket, complaint) => {
    expect(complaints({ ...GOOD, ticket })).toEqual([complaint]);
  });

  it.each(["person", "principalId", "approver", "__proto__x", "use"])(
    "knows no member %s: who asks is in the token",
    (name) => {
      expect(complaints({ ...GOOD, [name]: "ada.byron" })).toEqual(["unrecognized_keys"]);
    },
  );

  it.each([null, [], "text", 7, undefined])("is not %j", (body) => {
    expect(complaints(body)).toEqual(["invalid_type"]);
  });

  it("reads every duration back as it was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6_000 }), (minutes) => {
        const parsed = requestActivationBody.parse({ ...GOOD, duration: formatDuration(minutes * MINUTE_MS) });
        expect(parsed.duration).toBe(minutes * MINUTE_MS);
      }),
    );
  });

  it("never throws, and takes nothing that a query could grow from", () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (junk, number) => {
        complaints(junk);
        const parsed = requestActivationBody.safeParse({ ...GOOD, ticket: { system: "jira", number } });
        if (parsed.success) expect(parsed.data.ticket.number).toMatch(/^[A-Z0-9_-]+$/);
      }),
    );
  });
});
