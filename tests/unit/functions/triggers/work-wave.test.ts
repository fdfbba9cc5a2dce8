import { HttpRequest, InvocationContext, type HttpResponseInit } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { makePlan, planId } from "../../../../functions/standing/make-plan.ts";
import { workWave } from "../../../../functions/triggers/work-wave.http.ts";
import type { StandingPlanView } from "../../../../shared/contracts/standing.ts";
import { anItem, ChangeWorld, WAVE_1 } from "../../../support/change-world.ts";
import { MemoryFront } from "../../../support/memory-front.ts";
import { ADA, CORA, DEV, EVA } from "../../../support/memory-world.ts";

let world: ChangeWorld;
let plan: StandingPlanView;

beforeEach(async () => {
  world = new ChangeWorld();
  world.policy = { ...world.policy, hash: "a".repeat(64) };
  world.stands(ADA);
  world.stands(EVA);
  const { governance } = world.policy;
  if (!governance) throw new Error("no governance");
  plan = await makePlan({ ...world.changeWorker, posture: world.directory }, { ...world.policy, governance });
});

/** What the door answers to the plan, sent by somebody of the identity team. */
async function sent(changed: unknown, more: object = {}): Promise<HttpResponseInit> {
  const { front } = new MemoryFront(world);
  const callers = { verify: async () => ({ caller: { account: CORA.dailyAccount, name: "cora" } }) };
  const body = JSON.stringify({
    action: "apply",
    wave: 1,
    because: "no standing roles",
    execute: true,
    plan: changed,
    ...more,
  });
  const headers = { "content-type": "application/json", authorization: "Bearer x" };
  const request = new HttpRequest({
    method: "POST",
    url: "https://app/api/standing/waves",
    headers,
    body: { string: body },
  });
  return workWave({ ...front, callers: callers as never })(request, new InvocationContext());
}

const codeOf = ({ body }: HttpResponseInit): string => (JSON.parse(body as string) as { readonly code: string }).code;

/** Every place of a plan with a value: `items.0.role`. */
function places(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]));
}

function edited(path: readonly string[]): unknown {
  const copy = structuredClone(plan) as unknown;
  const last = path.at(-1) ?? "";
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], copy) as Record<string, unknown>;
  parent[last] = another(parent[last]);
  return copy;
}

/** A value of the same form that says something else. */
function another(value: unknown): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value === 1 ? 2 : 1;
  const text = String(value);
  if (/^[0-9a-f]{64}$/.test(text)) return "0".repeat(64);
  if (/^[0-9a-f-]{36}$/.test(text)) return text.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
  if (/^\d{4}-/.test(text)) return "2020-01-01T00:00:00.000Z";
  if (/^P\d+D$/.test(text)) return "P9D";
  if (text === "convert") return "left";
  if (text === "/") return "/administrativeUnits/40000000-0000-4000-8000-000000000001";
  return text === "Convert" ? "BreakGlass" : `${text}x`;
}

describe("a plan that comes back", () => {
  it("is taken as it was made", async () => {
    expect((await sent(plan)).status).toBe(202);
    expect(world.tables.changes.stored.size).toBe(1);
  });

  it("is refused with any single value edited by hand, and nothing is asked for", async () => {
    const all = places(plan);
    expect(all.length).toBeGreaterThan(60);
    for (const path of all) {
      const answer = await sent(edited(path));
      expect({ path: path.join("."), status: answer.status, held: world.tables.changes.stored.size }).toMatchObject({
        status: expect.toSatisfy((status: number) => [400, 422].includes(status)) as unknown,
        held: 0,
      });
    }
  });

  it.each<readonly [string, (made: StandingPlanView) => unknown, number, string]>([
    ["a value that no plan has", (made) => ({ ...made, more: 1 }), 400, "InvalidRequest"],
    ["a value missing", (made) => ({ ...made, takenAt: undefined }), 400, "InvalidRequest"],
    ["an item too many", (made) => ({ ...made, items: [...made.items, made.items[0]] }), 422, "PlanEdited"],
    ["an item less", (made) => ({ ...made, items: made.items.slice(1) }), 422, "PlanEdited"],
  ])("is refused with %s", async (_what, change, status, code) => {
    const answer = await sent(change(plan));
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  /** Edited by somebody who knows how the digest is made. */
  const resigned = (changes: Partial<StandingPlanView>): StandingPlanView => {
    const content: Partial<StandingPlanView> = { ...plan, ...changes };
    delete (content as { id?: string }).id;
    return { ...(content as StandingPlanView), id: planId(content as StandingPlanView) };
  };

  it("is refused when it is another tenant's, or was made under another policy", async () => {
    expect(codeOf(await sent(resigned({ tenantId: "another" })))).toBe("PlanOfOtherTenant");
    expect(codeOf(await sent(resigned({ policyHash: "0".repeat(64) })))).toBe("PolicyChanged");
  });

  it("is compared with the directory, whatever its digest says", async () => {
    const [first, ...others] = plan.items;
    if (!first) throw new Error("an empty plan");
    expect(codeOf(await sent(resigned({ items: others.filter(({ holder }) => holder !== "ada") })))).toBe(
      "PlanOutdated",
    );
    const breakGlass = plan.items.map((item) => ({ ...item, action: "convert" as const, reason: "Convert" as const }));
    expect(codeOf(await sent(resigned({ items: breakGlass })))).toBe("PlanOutdated");
    expect(codeOf(await sent(resigned({ items: [] }), { wave: 2 }))).toBe("WaveOutOfOrder");
  });

  it("only says what would be done, unless it is told to", async () => {
    const answer = await sent(plan, { execute: false });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body as string)).toMatchObject({
      dryRun: true,
      needsSecondPerson: true,
      items: [{ holder: "ada" }, { holder: "eva" }],
    });
    expect(world.tables.changes.stored.size).toBe(0);
  });

  describe("to be taken back", () => {
    const wayBack = { action: "rollback", execute: false };

    beforeEach(async () => {
      const items = [anItem(ADA), anItem(EVA)];
      const id = await world.askFor(CORA, { ...WAVE_1, planId: plan.id } as typeof WAVE_1, items);
      await world.runChange(id);
      await world.signsFor(id, CORA, { kind: "confirm" });
      await world.runChange(id);
      await world.signsFor(id, DEV, { kind: "approve" });
      expect((await world.runOn(id)).status).toBe("Done");
    });

    it("is taken under a policy that was changed since; to be applied it is not", async () => {
      world.policy = { ...world.policy, hash: "b".repeat(64) };
      const answer = await sent(plan, wayBack);
      expect(JSON.parse(answer.body as string)).toMatchObject({
        again: 2,
        items: [{ holder: "ada" }, { holder: "eva" }],
      });
      expect(codeOf(await sent(plan, { ...wayBack, action: "apply" }))).toBe("PolicyChanged");
    });

    it("is nothing to apply again, and of a wave that stopped only the rest", async () => {
      expect(codeOf(await sent(plan, { execute: false }))).toBe("NothingToDo");
      world.stands(EVA);
      expect(JSON.parse((await sent(plan, { execute: false })).body as string)).toMatchObject({
        items: [{ holder: "eva" }],
      });
      expect((await sent(plan)).status).toBe(202);
    });

    it("says what is left as it is, and that nothing is left to do", async () => {
      world.directory.eligible.splice(0, 1);
      expect(JSON.parse((await sent(plan, wayBack)).body as string)).toMatchObject({
        again: 1,
        leftOut: ["Global Administrator of ada at /: the eligibility that the wave made was taken away since"],
      });
      world.directory.eligible.splice(0);
      expect(codeOf(await sent(plan, wayBack))).toBe("NothingToDo");
    });
  });
});
