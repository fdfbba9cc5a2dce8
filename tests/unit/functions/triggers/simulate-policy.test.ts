import type { HttpResponseInit } from "@azure/functions";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policySimulation, type PolicySimulation } from "../../../../shared/contracts/policy-simulation.ts";
import type { ActivationId } from "../../../../shared/domain/ids.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import { START } from "../../../support/memory-directory.ts";
import { ACTIVATION, ADA, aTicket, CORA, DEV, EVA } from "../../../support/memory-world.ts";
import { files, manual, SimulatedWorld, userOf, type Files } from "../../../support/simulated-world.ts";

const bodyOf = ({ body }: HttpResponseInit): unknown => JSON.parse(body as string);

async function simulated(at: SimulatedWorld, changed: Files, more: object = {}): Promise<PolicySimulation> {
  const answer = await at.simulate({ ...changed, ...more });
  expect(answer.status).toBe(200);
  return policySimulation.parse(bodyOf(answer));
}

const textsOf = ({ changed }: PolicySimulation): readonly (readonly [string, string])[] =>
  changed.flatMap(({ changes }) => changes.map(({ kind, text }) => [kind, text] as const));

const holding = (text: string): string => expect.stringContaining(text) as string;
const outside = { zone: "UTC", days: ["Sat"], from: "08:00", to: "09:00" };
const stranger = (n: number): ActivationId => String(n).padStart(32, "0") as ActivationId;

describe("an activation of the past", () => {
  it.each<readonly [string, Files, string, string]>([
    ["a shorter maximum", files({ maximum: "PT1H" }), "refused", "as DurationTooLong: "],
    ["the role not listed", files({ id: "fe930be7-5e62-47db-91af-98c3a49a38b1" }), "refused", "as RoleNotAllowed: "],
    ["another ticket type", files({ tickets: ["servicenow/incident"] }), "refused", "as TicketTypeNotAllowed: "],
    ["hours", files({ hours: outside }), "refused", "as OutsideHours: "],
    ["other scopes", files({ scopes: ["/9b1b2a40-0000-4000-8000-000000000001"] }), "refused", "as NotEligible: "],
    ["the person gone", files({}, {}, [CORA, DEV, EVA]), "refused", "as PersonUnknown: "],
    ["the account set apart", files({}, { breakGlass: ADA.adminAccounts }, [CORA, DEV, EVA]), "refused", "BreakGlass"],
    ["nobody to approve", files({ approval: manual([{ person: "ada" }]) }), "refused", "as NoApprover: "],
    [
      "no approval",
      files({ approval: { mode: "automatic" } }),
      "approvalNotNeeded",
      "now 1 of Person cora, Person dev",
    ],
    [
      "another group",
      files({ approval: manual([{ group: "owners" }]) }),
      "otherApprovers",
      "1 of Person dev, Person eva (Owners); now 1 of Person cora, Person dev (Owners)",
    ],
    [
      "one more of them",
      files({ approval: manual([{ group: "approvers" }], 2) }),
      "otherApprovers",
      "2 of Person cora",
    ],
    ["an older sign-in", files({ stepUp: { maxAge: "PT20M" } }), "otherSignIn", "at most PT20M old"],
    ["another context", files({ stepUp: { context: "c7" } }), "otherSignIn", "c7, within"],
    ["a start by hand", files({ start: "onStart" }), "otherStart", "only when the person starts it"],
  ])("would change with %s", async (_what, changed, kind, text) => {
    const at = new SimulatedWorld();
    await at.asked();
    const simulation = await simulated(at, changed);
    expect(textsOf(simulation)).toEqual([[kind, holding(text)]]);
    expect(simulation).toMatchObject({ looked: 1, undecided: 0, changed: [{ id: ACTIVATION, duration: "PT2H" }] });
  });

  it("that was refused by the policy would be allowed by another, and by whom it would be approved is said", async () => {
    const at = new SimulatedWorld(files({ maximum: "PT1H" }));
    await at.asked();
    expect(textsOf(await simulated(at, files()))).toEqual([
      ["allowed", holding("approved by 1 of Person cora, Person dev (Owners); now it is refused as DurationTooLong: ")],
    ]);
    expect(textsOf(await simulated(at, files({ maximum: "PT90M" })))).toEqual([]);
  });

  it("that needed approval only because the person made the ticket is judged so again", async () => {
    const at = new SimulatedWorld(files({ approval: { mode: "automatic" } }));
    at.world.ticket = aTicket({ assignee: userOf(ADA), creator: userOf(ADA) });
    await at.asked();
    const changed = files({
      approval: {
        mode: "automatic",
        unlessSelfMade: { requirements: [{ name: "O", count: 1, from: [{ group: "owners" }] }] },
      },
    });
    expect(textsOf(await simulated(at, changed))).toEqual([
      ["allowed", holding("now it is refused as TicketSelfMade")],
    ]);
    const asksOwners = new SimulatedWorld(changed);
    asksOwners.world.ticket = at.world.ticket;
    await asksOwners.asked();
    expect(textsOf(await simulated(asksOwners, files()))).toEqual([["otherApprovers", holding("1 of Person cora")]]);
    expect(textsOf(await simulated(asksOwners, changed))).toEqual([]);
  });

  it("that was refused for its ticket stays refused under every policy", async () => {
    const at = new SimulatedWorld();
    at.world.ticket = aTicket({ assignee: userOf(ADA), status: "closed" });
    await at.asked();
    for (const changed of [files({ maximum: "PT1H" }), files({ approval: { mode: "automatic" } }), files()])
      expect(await simulated(at, changed)).toMatchObject({ looked: 1, undecided: 1, changed: [] });
  });

  it("is among the newest that are looked at, in the order of time, whoever asked", async () => {
    const at = new SimulatedWorld();
    for (const n of [1, 2, 3]) {
      at.world.now = plus(START, n * MINUTE_MS);
      await at.asked({ activationId: stranger(n), ticket: { system: "servicenow", number: `CHG003019${n}` } });
    }
    const { looked, changed } = await simulated(at, files({ maximum: "PT1H" }), { last: 2 });
    expect({ looked, ids: changed.map(({ id }) => id) }).toEqual({ looked: 2, ids: [stranger(3), stranger(2)] });
  });
});

describe("a policy", () => {
  const minutes = fc.constantFrom("PT5M", "PT1H", "PT2H", "PT4H");
  const sources = fc.constantFrom(
    [{ group: "owners" }],
    [{ group: "approvers" }, { person: "eva" }],
    [{ person: "ada" }],
  );
  const roles = fc.record({
    maximum: minutes,
    start: fc.constantFrom("immediate", "onStart"),
    tickets: fc.constantFrom(["servicenow/change_request"], ["servicenow/incident"]),
    approval: fc.oneof(
      fc.record({ from: sources, count: fc.constantFrom(1, 2) }).map(({ from, count }) => manual(from, count)),
      fc.constant({ mode: "automatic" }),
    ),
  });

  it("changes nothing against itself, whatever it says and whatever was asked", async () => {
    const asked = fc.record({ hours: fc.constantFrom(1, 2, 5), ticket: fc.constantFrom("open", "closed", "own") });
    await fc.assert(
      fc.asyncProperty(roles, asked, async (role, { hours, ticket }) => {
        const at = new SimulatedWorld(files(role));
        at.world.ticket = aTicket({
          assignee: userOf(ADA),
          status: ticket === "closed" ? "closed" : "open",
          ...(ticket === "own" && { creator: userOf(ADA) }),
        });
        await at.asked({ durationMs: hours * HOUR_MS });
        expect(await simulated(at, files(role))).toMatchObject({ looked: 1, changed: [] });
      }),
      { numRuns: 60 },
    );
  });

  it("that would refuse what it simulates does refuse it when it is in force", async () => {
    await fc.assert(
      fc.asyncProperty(roles, fc.constantFrom(1, 2), async (role, hours) => {
        const at = new SimulatedWorld();
        await at.asked({ durationMs: hours * HOUR_MS });
        const refused = textsOf(await simulated(at, files(role))).some(([kind]) => kind === "refused");
        const then = new SimulatedWorld(files(role));
        await then.asked({ durationMs: hours * HOUR_MS });
        const state = then.world.tables.records.get(ACTIVATION)?.row?.state;
        expect({ role, refused }).toEqual({ role, refused: state?.status === "Refused" });
      }),
      { numRuns: 60 },
    );
  });
});

describe("the door", () => {
  it("is closed to everybody but the identity team, on the record", async () => {
    const at = new SimulatedWorld();
    for (const who of [ADA, EVA]) expect((await at.simulate(files(), who)).status).toBe(403);
    expect([...at.world.tables.chains.values()].flat().map(({ type }) => type)).toEqual([
      "RequestRefusedAtDoor",
      "RequestRefusedAtDoor",
    ]);
  });

  it("writes nothing down, whether the files can be used or not", async () => {
    const at = new SimulatedWorld();
    await at.asked();
    const look = () => structuredClone([at.world.tables.chains, at.world.tables.records, at.world.mails]);
    const before = look();
    await at.simulate(files({ maximum: "PT1H" }));
    await at.simulate({ ...files(), roles: "roles: []" });
    await at.simulate({});
    expect(look()).toEqual(before);
  });

  it("names every mistake of the files with its place", async () => {
    const answer = await new SimulatedWorld().simulate(files({ maximum: "PT5H", start: "later" }));
    const { errors } = bodyOf(answer) as { readonly errors: readonly { readonly path: string }[] };
    expect([answer.status, errors.map(({ path }) => path)]).toEqual([
      400,
      [/ roles\[0\]\.maximum$/, / roles\[0\]\.start$/].map((place) => expect.stringMatching(place) as string),
    ]);
  });

  const { roles, people } = files();
  it.each<readonly [string, unknown, number]>([
    ["nothing", {}, 400],
    ["no people", { roles }, 400],
    ["a member too many", { roles, people, by: "me" }, 400],
    ["none of the requests", { roles, people, last: 0 }, 400],
    ["too many requests", { roles, people, last: 1_001 }, 400],
    ["a text too long", { roles: "#".repeat(524_289), people }, 400],
    ["a body too large", { roles: "#".repeat(2 * 1_048_576), people }, 413],
    ["no YAML", { roles: "a: [", people }, 400],
    ["aliases that multiply", { roles: billion(9), people }, 400],
    ["a depth without end", { roles: "[".repeat(20_000), people }, 400],
    ["very many keys", { roles: Array.from({ length: 40_000 }, (_, n) => `k${n}: 1`).join("\n"), people }, 400],
  ])("refuses %s, soon", async (_what, sent, status) => {
    expect((await new SimulatedWorld().simulate(sent)).status).toBe(status);
  });
});

/** Lists of lists of lists, each nine times the one before. */
function billion(levels: number): string {
  const lines = Array.from({ length: levels }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join()}]`);
  return ["l0: &l0 [x]", ...lines].join("\n");
}
