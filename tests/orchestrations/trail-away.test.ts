import { beforeEach, describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import type { PendingBody } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { START } from "../support/memory-directory.ts";
import { ADA, APPROVE, aTicket, CORA, MemoryWorld } from "../support/memory-world.ts";

let world: MemoryWorld;
let comesBack: () => void;

/** A role is held, and from now on nothing can be written down. */
beforeEach(async () => {
  world = new MemoryWorld();
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
  await world.decide(CORA, APPROVE);
  expect((await world.run()).status).toBe("Active");
  const { store } = world.tables;
  const transition = store.transition.bind(store);
  comesBack = () => void Object.assign(store, { transition });
  Object.assign(store, {
    transition: async () => {
      throw new DependencyError("Unavailable", "table storage, audit: 503");
    },
  });
});

const stop: PendingBody = { kind: "stop", how: "end", person: ADA.key, account: ADA.dailyAccount };

describe("access that is to end while the trail cannot be written", () => {
  it.each<[string, PendingBody, string]>([
    ["a person ends it", stop, "EndedByPerson"],
    ["everything is frozen", { kind: "freeze", freezeId: "f" }, "Frozen"],
    ["its ticket is cancelled", { kind: "ticket", deliveryId: "1", notBefore: null }, "TicketCancelled"],
  ])("is removed all the same when %s, and written down later", async (_, body, reason) => {
    world.now = plus(START, 10 * MINUTE_MS);
    world.ticket = aTicket({ status: "cancelled" });
    await world.ask(`${body.kind}-1`, body);
    await expect(world.act("recordAsks")).rejects.toThrow("[Unavailable]");
    expect(world.directory.live()).toEqual([]);
    comesBack();
    expect(await world.run()).toMatchObject({ status: "Ended", closing: { reason } });
    expect(world.directory.writes.map(({ action }) => action)).toEqual(["assign", "remove"]);
  });

  it("is not asked for in the five minutes in which the directory refuses it, nor twice", async () => {
    await world.ask("stop-1", stop);
    await expect(world.act("recordAsks")).rejects.toThrow("[Unavailable]");
    expect(world.directory.live()).toHaveLength(1);
    world.now = plus(START, 10 * MINUTE_MS);
    for (let times = 0; times < 3; times += 1) await expect(world.act("recordAsks")).rejects.toThrow("[Unavailable]");
    expect(world.directory.writes.map(({ action }) => action)).toEqual(["assign", "remove"]);
  });

  it("is left alone when the directory says that it is somebody else's", async () => {
    world.now = plus(START, 10 * MINUTE_MS);
    const [row] = world.directory.rows;
    if (row) Object.assign(row, { justification: "by hand", endsAt: plus(START, 3 * HOUR_MS) });
    await world.ask("stop-1", stop);
    await expect(world.act("recordAsks")).rejects.toThrow("[Unavailable]");
    expect(world.directory.live()).toHaveLength(1);
  });

  it("keeps the first fault when the directory is away too", async () => {
    world.now = plus(START, 10 * MINUTE_MS);
    world.directory.readsFail = true;
    await world.ask("stop-1", stop);
    await expect(world.act("recordAsks")).rejects.toThrow("table storage, audit: 503");
  });
});
