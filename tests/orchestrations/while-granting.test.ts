import { describe, expect, it } from "vitest";
import { MINUTE_MS, plus, SECOND_MS } from "../../shared/domain/time.ts";
import { START } from "../support/memory-directory.ts";
import { ADA, APPROVE, aTicket, CORA, MemoryWorld } from "../support/memory-world.ts";

/** Approved, and about to be granted. */
async function approved(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
  await world.decide(CORA, APPROVE);
  await world.act("recordAsks");
  expect(await world.state()).toMatchObject({ status: "Granting" });
  return world;
}

/** The directory granted the role, and the worker died before it knew. */
async function grantedUnnoticed(): Promise<MemoryWorld> {
  const world = await approved();
  world.directory.faults.push({ effect: true, answer: "throws" });
  await expect(world.act("grantRole")).rejects.toThrow();
  expect(world.directory.live()).toHaveLength(1);
  return world;
}

const freeze = (world: MemoryWorld): void => {
  world.tables.freezeRow = { id: "f", at: world.now, by: CORA.key, account: CORA.dailyAccount, because: "now" };
};

describe("while a grant is under way", () => {
  it("a freeze takes away what turns out to be granted", async () => {
    const world = await grantedUnnoticed();
    freeze(world);
    await world.ask("freeze-1", { kind: "freeze", freezeId: "f" });
    expect(await world.run()).toMatchObject({ status: "Ending", closing: { reason: "Frozen" } });
    expect(await world.runUntil(plus(START, 6 * MINUTE_MS))).toMatchObject({ status: "Ended" });
    expect(world.directory.live()).toEqual([]);
  });

  it("a freeze that begins behind the check asks the directory for nothing", async () => {
    const world = await approved();
    // Written beside the intent.
    Object.assign(world.tables.controls, { recordGrant: async () => freeze(world) });
    expect(await world.run()).toMatchObject({ status: "Failed", closing: { reason: "Frozen" } });
    expect(world.directory.writes).toEqual([]);
  });

  it("what the directory shows only after everybody gave up on it is taken away", async () => {
    const world = await grantedUnnoticed();
    const hidden = world.directory.rows.splice(0);
    await world.ask("stop-end", { kind: "stop", how: "end", person: ADA.key, account: ADA.dailyAccount });
    expect(await world.run()).toMatchObject({ status: "Cancelled", closing: { reason: "EndedByPerson" } });
    world.directory.rows.push(...hidden);
    for (let minutes = 0; minutes < 10; minutes += 1) {
      world.now = plus(world.now, MINUTE_MS);
      await world.sweep();
    }
    expect(world.directory.live()).toEqual([]);
    expect(world.findings().map(({ data }) => data["finding"])).toContain("leftOver");
    expect((await world.record()).pending).toEqual([]);
  });

  it("a ticket that is cancelled ends the role as soon as it is known to be held", async () => {
    const world = await grantedUnnoticed();
    world.ticket = aTicket({ status: "cancelled" });
    await world.ask("ticket-1", { kind: "ticket", deliveryId: "1", notBefore: null });
    await world.run();
    world.now = plus(world.now, MINUTE_MS + SECOND_MS);
    expect(await world.run()).toMatchObject({ status: "Ending", closing: { reason: "TicketCancelled" } });
  });
});
