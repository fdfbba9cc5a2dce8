import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ActivationClaim } from "../../../../shared/domain/activation.ts";
import type { ApproverPlan } from "../../../../shared/domain/approver-plan.ts";
import type { PersonKey } from "../../../../shared/domain/ids.ts";
import { isClosedByFacts, outcomeChanges, reopen, type Outcome } from "../../../../shared/domain/policy-simulation.ts";
import { refusal } from "../../../../shared/domain/reasons.ts";
import { aRole, ADA, adminOf, aTicket, MemoryWorld, ROLE } from "../../../support/memory-world.ts";

const key = (name: string): PersonKey => name as PersonKey;
const named = (person: PersonKey): string => person.toUpperCase();

const planOf = (
  count: number,
  persons: readonly string[],
  backups: readonly string[] = [],
  name = "Owners",
): ApproverPlan => ({
  requirements: [{ name, count, persons: persons.map(key) }],
  approvers: [...persons, ...backups].map((person, index) => ({
    slot: index + 1,
    person: key(person),
    account: adminOf(ADA),
    backup: index >= persons.length,
  })),
});

const opened = (plan: ApproverPlan): Outcome => ({ kind: "opened", role: aRole(), plan });
const refused: Outcome = { kind: "refused", refusal: refusal("OutsideHours") };

describe("two outcomes of one request", () => {
  const persons = fc.uniqueArray(fc.constantFrom("ben", "cora", "dev", "eva", "finn"), { minLength: 1 });

  it("are the same where the same persons may approve, in whatever order and under whatever name", () => {
    fc.assert(
      fc.property(persons, persons, fc.integer({ min: 1, max: 3 }), (some, later, count) => {
        const other = planOf(count, some.toReversed(), later.toReversed(), "Another name");
        expect(outcomeChanges(opened(planOf(count, some, later)), opened(other), named)).toEqual([]);
      }),
    );
  });

  it("differ where other persons may approve, or more of them must", () => {
    fc.assert(
      fc.property(persons, persons, fc.integer({ min: 1, max: 3 }), (some, others, count) => {
        const more = outcomeChanges(opened(planOf(count, some)), opened(planOf(count + 1, some)), named);
        expect(more.map(({ kind }) => kind)).toEqual(["otherApprovers"]);
        const same = some.toSorted().join() === others.toSorted().join();
        const changes = outcomeChanges(opened(planOf(count, some)), opened(planOf(count, others)), named);
        expect(changes.map(({ kind }) => kind)).toEqual(same ? [] : ["otherApprovers"]);
      }),
    );
  });

  it("name backups, and not more than six of many persons", () => {
    const many = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const [change] = outcomeChanges(opened(planOf(1, ["ben"])), opened(planOf(2, many, ["eva"])), named);
    expect(change?.text).toBe(
      "other approvers: 2 of A, B, C, D, E, F, 2 others (Owners), later also EVA; now 1 of BEN (Owners)",
    );
  });

  it("are the same for who is refused under both, for whatever reason", () => {
    expect(outcomeChanges(refused, { kind: "refused", refusal: refusal("DurationTooLong") }, named)).toEqual([]);
  });
});

describe("a past request", () => {
  const world = new MemoryWorld();
  const claim = async (changes: Partial<ActivationClaim>): Promise<ActivationClaim> =>
    (await new MemoryWorld().claim(changes)).claim;
  const senders = { chatbot: { people: "all" as const, roles: [ROLE], openAtMost: 1 } };

  it("of a system is refused where the policy does not name the system any more", async () => {
    const past = {
      claim: await claim({ sender: "chatbot" }),
      ticket: aTicket(),
      selfMade: false,
      closedFor: undefined,
    };
    const { people } = world.worker.policies;
    expect(reopen(past, { policy: { ...world.policy, senders }, people })).toMatchObject({ person: ADA });
    expect(reopen(past, { policy: world.policy, people })).toEqual({ refusal: refusal("SenderNotAllowed", "chatbot") });
  });

  it("is decided by facts where the policy in force gives another reason than it was closed for, or none", async () => {
    const past = { claim: await claim({}), ticket: undefined, selfMade: false };
    const closed = (closedFor: "OutsideHours" | "TicketNotOpen" | undefined) => ({ ...past, closedFor });
    expect(isClosedByFacts(closed("TicketNotOpen"), opened(planOf(1, ["ben"])))).toBe(true);
    expect(isClosedByFacts(closed("TicketNotOpen"), refused)).toBe(true);
    expect(isClosedByFacts(closed("OutsideHours"), refused)).toBe(false);
    expect(isClosedByFacts(closed(undefined), opened(planOf(1, ["ben"])))).toBe(false);
  });
});
