import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { START } from "../support/memory-directory.ts";
import { ACTIVATION, APPROVE, CORA, MemoryWorld } from "../support/memory-world.ts";

async function approved(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
  await world.decide(CORA, APPROVE);
  return world;
}

/** Somebody writes into the tables. */
async function spoil(world: MemoryWorld, change: (record: ActivationRecord) => Partial<ActivationRecord>) {
  const record = await world.record();
  world.tables.records.set(ACTIVATION, { ...record, ...change(record) });
}

/** The directory granted the role, and the worker died before it knew. */
async function grantedUnnoticed(): Promise<MemoryWorld> {
  const world = await approved();
  await world.act("recordAsks");
  world.directory.faults.push({ effect: true, answer: "throws" });
  await expect(world.act("grantRole")).rejects.toThrow();
  return world;
}

describe("rows that somebody spoiled", () => {
  it.each(["", "{}", "null", '{"approvers":1}'])(
    "do not hold up the end of a role whose request reads %j",
    async (body) => {
      const world = await approved();
      expect((await world.run()).status).toBe("Active");
      await spoil(world, () => ({ requests: [{ body, mac: "1.forged" }] }));
      expect(await world.runUntil(plus(START, 3 * HOUR_MS))).toMatchObject({ status: "Ended" });
      expect(await world.tables.holders.holder((await world.record()).claim)).toBeUndefined();
    },
  );

  it.each(["", JSON.stringify({ attempt: 9, durationMs: 999 * HOUR_MS, at: START })])(
    "do not stand in for the intent that carries our seal: %j",
    async (body) => {
      const world = await grantedUnnoticed();
      await spoil(world, ({ intents }) => ({ intents: [...intents, { body, mac: "1.forged" }] }));
      expect(await world.run()).toMatchObject({ status: "Active", endsAt: plus(START, 2 * HOUR_MS) });
      expect(world.tables.chains.get(ACTIVATION)?.at(-1)).toMatchObject({ type: "RoleGranted", data: { attempt: 1 } });
    },
  );

  it("have the role taken away where no intent with our seal is left", async () => {
    const world = await grantedUnnoticed();
    await spoil(world, () => ({ intents: [{ body: "", mac: "1.forged" }] }));
    expect(await world.run()).toMatchObject({ status: "Ending", closing: { reason: "GrantOutOfBounds" } });
    expect(await world.runUntil(plus(START, 6 * MINUTE_MS))).toMatchObject({ status: "Ended" });
    expect(world.directory.live()).toEqual([]);
    expect(world.mails.map(({ to }) => to)).toContain(world.policy.alertMail);
  });
});
