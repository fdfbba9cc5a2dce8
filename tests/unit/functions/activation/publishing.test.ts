import { beforeEach, describe, expect, it } from "vitest";
import { deliver } from "../../../../functions/activation/delivery.ts";
import { unsentOf } from "../../../../functions/activation/facts.ts";
import { createEventPublisher } from "../../../../shared/adapters/service-bus/event-publisher.ts";
import type { AuditRecord } from "../../../../shared/domain/audit-event.ts";
import { MINUTE_MS, plus, SECOND_MS } from "../../../../shared/domain/time.ts";
import type { ActivationRecord, PendingRow } from "../../../../shared/ports/activation-store.ts";
import { DependencyError } from "../../../../shared/ports/dependency-error.ts";
import { ACTIVATION, MemoryWorld } from "../../../support/memory-world.ts";

let world: MemoryWorld;
let published: number[][];
let isDown: boolean;

beforeEach(async () => {
  world = new MemoryWorld();
  published = [];
  isDown = false;
  Object.assign(world.worker, {
    events: {
      publish: async (records: readonly AuditRecord[]) => {
        if (isDown) throw new DependencyError("Unavailable", "the bus is down");
        published.push(records.map(({ sequence }) => sequence));
      },
    },
  });
  await world.claim();
});

const announcement = (from: number): PendingRow => ({
  activationId: ACTIVATION,
  key: `publish-${from}`,
  createdAt: world.now,
  dueAt: plus(world.now, 30 * SECOND_MS),
  body: { kind: "publish", from, attempts: 0 },
});

/** The next record of the chain, announced as the tables do it; `forget`: by another process. */
async function changed(record: ActivationRecord, forget = false): Promise<ActivationRecord> {
  const from = (record.row?.chain.sequence ?? 0) + 1;
  const next = await world.worker.store.transition(record, {
    key: `change-${from}`,
    state: { status: "AwaitingStepUp", since: world.now, stepUpBy: plus(world.now, MINUTE_MS) },
    events: [{ type: "StepUpProven", at: world.now, actor: { kind: "system", part: "worker" }, data: {} }],
    pending: [announcement(from)],
  });
  const chain = world.tables.chains.get(ACTIVATION) ?? [];
  return forget || !next.row ? next : { ...next, row: { ...next.row, written: chain.slice(-1) } };
}

const loaded = async (): Promise<ActivationRecord> => {
  const record = await world.worker.store.load(ACTIVATION);
  if (!record) throw new Error("nothing was claimed");
  return record;
};
const announced = async (): Promise<readonly number[]> =>
  (await loaded()).pending.flatMap(({ body }) => (body.kind === "publish" ? [body.from] : []));

describe("what happened to an activation", () => {
  it("is told once, and the row that announced it goes", async () => {
    const after = await deliver(world.worker, await changed(await loaded()));
    expect(published).toEqual([[1]]);
    expect(await announced()).toEqual([]);
    expect(unsentOf(after, world.now)).toEqual([]);
  });

  it("is told from the first record on that nobody was told of, whoever wrote it", async () => {
    await changed(await changed(await loaded(), true), true);
    await deliver(world.worker, await changed(await loaded()));
    expect(published).toEqual([[1, 2, 3]]);
    expect(await announced()).toEqual([]);
  });

  it("waits all together while the bus is down, so that nothing late overtakes", async () => {
    isDown = true;
    await deliver(world.worker, await changed(await loaded(), true));
    const later = await deliver(world.worker, await changed(await loaded(), true));
    expect(unsentOf(later, world.now)).toEqual([]);
    isDown = false;
    await deliver(world.worker, later);
    expect(published).toEqual([]);
    world.now = plus(world.now, 31 * SECOND_MS);
    await deliver(world.worker, await loaded());
    expect(published).toEqual([[1, 2]]);
    expect(await announced()).toEqual([]);
  });

  it("is not told of what a transition that failed left in the chain", async () => {
    const record = await changed(await changed(await loaded(), true), true);
    const row = record.row && { ...record.row, orphans: ["change-1"] };
    await deliver(world.worker, { ...record, row });
    expect(published).toEqual([[2]]);
  });

  it("holds up no message to people, and no message holds it up", async () => {
    isDown = true;
    const record = await changed(await loaded());
    const mail = { channel: "mail", to: ["a@b.example"], subject: "news", html: "" } as const;
    await deliver(world.worker, {
      ...record,
      pending: [
        ...record.pending,
        { ...announcement(9), key: "send-a", body: { kind: "send", message: mail, attempts: 0 } },
      ],
    });
    expect(world.mails).toMatchObject([{ to: "a@b.example", subject: "news" }]);
    expect(await announced()).toEqual([1]);
  });
});

describe("the publisher", () => {
  it("asks a bus that just failed for nothing, and asks again after a while", async () => {
    let asked = 0;
    const send = async (): Promise<void> => {
      asked++;
      if (isDown) throw new DependencyError("Unavailable", "down");
    };
    const clock = { now: () => world.now };
    const publisher = createEventPublisher({ send }, "https://zs.example", clock);
    isDown = true;
    for (let times = 0; times < 3; times++) await expect(publisher.publish([])).rejects.toThrow("[Unavailable]");
    expect(asked).toBe(1);
    isDown = false;
    world.now = plus(world.now, 20 * SECOND_MS);
    await publisher.publish([]);
    await publisher.publish([]);
    expect(asked).toBe(3);
  });
});
