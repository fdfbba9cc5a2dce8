import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAIN_START, chainRecord, recordProblem } from "../../../../shared/crypto/audit-chain.ts";
import type { AuditEvent, AuditRecord } from "../../../../shared/domain/audit-event.ts";
import { instant } from "../../../../shared/domain/time.ts";

const events: fc.Arbitrary<AuditEvent> = fc.record({
  type: fc.constantFrom("ActivationRequested", "GrantIntended", "RoleGranted", "RoleEnded"),
  at: fc.integer({ min: 0, max: 4e12 }).map(instant),
  actor: fc.record({ kind: fc.constant("system"), part: fc.constantFrom("front", "worker", "sweeper") }),
  data: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
});

function chainOf(all: readonly AuditEvent[]): readonly AuditRecord[] {
  const chain: AuditRecord[] = [];
  for (const [index, event] of all.entries())
    chain.push(chainRecord("activation-1", `key ${index}`, event, chain.at(-1)));
  return chain;
}

const chains = fc.array(events, { minLength: 2, maxLength: 6 }).map(chainOf);

/** The position of the first record with a problem. */
const firstProblem = (chain: readonly AuditRecord[]): number =>
  chain.findIndex((record, index) => recordProblem(record, chain[index - 1]) !== undefined);

describe("the audit chain", () => {
  it("has nothing to complain about when nobody touched it", () => {
    fc.assert(
      fc.property(chains, (chain) => {
        expect(firstProblem(chain)).toBe(-1);
        expect(chain[0]).toMatchObject({ sequence: 1, previous: CHAIN_START });
      }),
    );
  });

  it("shows a change of any member at the changed record", () => {
    const members = [
      "type",
      "at",
      "actor",
      "data",
      "version",
      "subject",
      "sequence",
      "key",
      "previous",
      "hash",
    ] as const;
    fc.assert(
      fc.property(chains, fc.nat(), fc.constantFrom(...members), fc.jsonValue(), (chain, at, member, value) => {
        const position = at % chain.length;
        const changed = chain.map((record, index) => (index === position ? { ...record, [member]: value } : record));
        fc.pre(JSON.stringify(changed) !== JSON.stringify(chain));
        expect(firstProblem(changed as readonly AuditRecord[])).toBe(position);
      }),
    );
  });

  it("shows a member that was added or taken away", () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const [first, ...rest] = chain;
        expect(firstProblem([{ ...first, note: "x" } as unknown as AuditRecord, ...rest])).toBe(0);
        const { key, ...without } = { ...first };
        expect(key).toBe("key 0");
        expect(firstProblem([without as AuditRecord, ...rest])).toBe(0);
      }),
    );
  });

  it("shows records left out, doubled or in another order, unless only the end is missing", () => {
    fc.assert(
      fc.property(chains, fc.nat(), (chain, at) => {
        const position = at % (chain.length - 1);
        const without = chain.filter((_, index) => index !== position);
        expect(firstProblem(without)).toBe(position);
        const one = chain[position];
        if (!one) throw new Error("no such record");
        expect(firstProblem(chain.toSpliced(position, 0, one))).toBe(position + 1);
        expect(firstProblem([...without, one])).not.toBe(-1);
        expect(firstProblem(chain.slice(0, -1))).toBe(-1);
      }),
    );
  });

  it("shows a record that was made anew, hash and all, at the one after it", () => {
    fc.assert(
      fc.property(chains, events, (chain, event) => {
        const position = chain.length - 2;
        const forged = chainRecord("activation-1", `key ${position}`, event, chain[position - 1]);
        fc.pre(forged.hash !== chain[position]?.hash);
        expect(firstProblem(chain.with(position, forged))).toBe(position + 1);
      }),
    );
  });

  it("says in words what is wrong", () => {
    const event: AuditEvent = {
      type: "RoleGranted",
      at: instant(0),
      actor: { kind: "system", part: "worker" },
      data: {},
    };
    const [first, second, third] = chainOf([event, event, event]);
    if (!first || !second || !third) throw new Error("three records");
    expect(recordProblem({ ...second, data: { a: 1 } }, first)).toContain("does not match its hash");
    expect(recordProblem(second, undefined)).toContain("before number 2 are missing");
    expect(recordProblem(third, first)).toContain("number 2 is missing");
    expect(recordProblem(second, second)).toContain("two records with number 2");
  });
});
