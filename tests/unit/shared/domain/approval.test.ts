import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tally, type Decision, type Requirement } from "../../../../shared/domain/approval.ts";
import type { PersonKey, PrincipalId } from "../../../../shared/domain/ids.ts";
import { HOUR_MS } from "../../../../shared/domain/time.ts";

const [ada, ben, cora, dev, eva] = ["ada", "ben", "cora", "dev", "eva"].map((key) => key as PersonKey) as [
  PersonKey,
  PersonKey,
  PersonKey,
  PersonKey,
  PersonKey,
];

const decision = (person: PersonKey, verdict: Decision["verdict"], account = "1"): Decision => ({
  person,
  account: account as PrincipalId,
  decidedAt: "2026-11-24T09:00:00.000Z",
  verdict,
});
const yes = (person: PersonKey, durationMs?: number): Decision => decision(person, { kind: "approve", durationMs });
const no = (person: PersonKey): Decision => decision(person, { kind: "deny", reason: "not now" });
const need = (name: string, count: number, ...persons: readonly PersonKey[]): Requirement => ({ name, count, persons });

describe("tally", () => {
  it("is open until every requirement is met, and says which are not", () => {
    const requirements = [need("Security", 1, cora), need("Owners", 1, dev, eva)];
    expect(tally(ada, requirements, [], [])).toEqual({ kind: "open", missing: ["Security", "Owners"] });
    expect(tally(ada, requirements, [], [yes(dev)])).toEqual({ kind: "open", missing: ["Security"] });
    expect(tally(ada, requirements, [], [yes(dev), yes(cora)])).toMatchObject({ kind: "approved", by: [dev, cora] });
  });

  it("counts one decision for every requirement that names the person", () => {
    const requirements = [need("Security", 1, dev, cora), need("Owners", 1, dev, eva)];
    expect(tally(ada, requirements, [], [yes(dev)])).toMatchObject({ kind: "approved" });
  });

  it("counts persons, not decisions or accounts", () => {
    const twice = [yes(cora), decision(cora, { kind: "approve", durationMs: undefined }, "2")];
    expect(tally(ada, [need("Security", 2, cora, dev)], [], twice)).toMatchObject({ kind: "open" });
  });

  it("does not count the requester, whatever the requester decided", () => {
    expect(tally(ada, [need("Security", 1, ada, cora)], [], [yes(ada)])).toMatchObject({ kind: "open" });
    expect(tally(ada, [need("Security", 1, ada, cora)], [], [no(ada), yes(cora)])).toMatchObject({ kind: "approved" });
  });

  it("does not count a person whom no requirement names", () => {
    expect(tally(ada, [need("Security", 1, cora)], [], [yes(ben)])).toMatchObject({ kind: "open" });
  });

  it("counts a backup for every requirement", () => {
    const requirements = [need("Security", 1, cora), need("Owners", 1, dev)];
    expect(tally(ada, requirements, [ben], [yes(ben)])).toMatchObject({ kind: "approved", by: [ben] });
  });

  it("takes the shortest time that anybody approved", () => {
    const requirements = [need("Both", 2, cora, dev)];
    const durations = tally(ada, requirements, [], [yes(cora, 2 * HOUR_MS), yes(dev, HOUR_MS)]);
    expect(durations).toMatchObject({ kind: "approved", durationMs: HOUR_MS });
    expect(tally(ada, requirements, [], [yes(cora), yes(dev)])).toMatchObject({ durationMs: undefined });
  });

  const person = fc.constantFrom(ada, ben, cora, dev, eva);
  const decisions = fc.array(
    fc.record({ person, approves: fc.boolean() }).map(({ person: who, approves }) => (approves ? yes(who) : no(who))),
    { maxLength: 8 },
  );

  it("lets one denial beat any number of approvals, in any order", () => {
    fc.assert(
      fc.property(decisions, fc.nat(8), fc.constantFrom(ben, cora, dev), (some, at, denier) => {
        const all = some.toSpliced(at, 0, no(denier));
        expect(tally(ada, [need("Any", 1, ben, cora, dev)], [], all).kind).toBe("denied");
      }),
    );
  });

  it("approves only with enough distinct other persons, in any order and however often delivered", () => {
    fc.assert(
      fc.property(decisions, fc.integer({ min: 1, max: 4 }), (some, count) => {
        const approvals = some.filter(({ verdict }) => verdict.kind === "approve");
        const others = new Set(approvals.map((one) => one.person).filter((who) => who !== ada));
        const requirements = [need("Any", count, ada, ben, cora, dev, eva)];
        const expected = others.size >= count ? "approved" : "open";
        expect(tally(ada, requirements, [], approvals).kind).toBe(expected);
        expect(tally(ada, requirements, [], [...approvals, ...approvals].toReversed()).kind).toBe(expected);
      }),
    );
  });
});
