import { beforeEach, describe, expect, it } from "vitest";
import { MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { START } from "../support/memory-directory.ts";
import { ACTIVATION, APPROVE, aTicket, CORA, MemoryWorld } from "../support/memory-world.ts";

let world: MemoryWorld;

beforeEach(async () => {
  world = new MemoryWorld();
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
  await world.decide(CORA, APPROVE);
  expect((await world.run()).status).toBe("Active");
  world.now = plus(START, 10 * MINUTE_MS);
});

const ticketEvent = () => world.ask("ticket-1", { kind: "ticket", deliveryId: "1", notBefore: null });

/** Somebody writes into the request's row, or its key was removed. */
async function breakSeal(): Promise<void> {
  const record = await world.record();
  const requests = record.requests.map((row) => ({ ...row, mac: "1.forged" }));
  world.tables.records.set(ACTIVATION, { ...record, requests });
}
const takeOffTheList = async (): Promise<void> => {
  world.policy = { ...world.policy, roles: [] };
};

describe.each<[string, () => Promise<void>]>([
  ["whose request does not carry our seal", breakSeal],
  ["that the policy does not name any more", takeOffTheList],
])("a role that is held, %s", (_, change) => {
  it.each([
    ["cancelled", "TicketCancelled"],
    ["closed", "TicketClosed"],
  ] as const)("ends at once when its ticket is %s", async (status, reason) => {
    await change();
    world.ticket = aTicket({ status });
    await ticketEvent();
    expect(await world.run()).toMatchObject({ status: "Ended", closing: { reason } });
    expect(world.directory.live()).toEqual([]);
  });

  it("ends at once when its ticket is gone", async () => {
    await change();
    world.ticket = undefined;
    await ticketEvent();
    expect(await world.run()).toMatchObject({ status: "Ended", closing: { reason: "TicketClosed" } });
  });

  it("stays while its ticket is open, or cannot be read", async () => {
    await change();
    await ticketEvent();
    expect((await world.run()).status).toBe("Active");
    expect((await world.record()).pending.filter(({ body }) => body.kind === "ticket")).toEqual([]);
    world.ticketSystemDown = true;
    await ticketEvent();
    expect((await world.run()).status).toBe("Active");
    expect((await world.record()).pending.filter(({ body }) => body.kind === "ticket")).toHaveLength(1);
  });
});
