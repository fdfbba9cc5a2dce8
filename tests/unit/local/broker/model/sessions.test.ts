import { describe, expect, it, vi } from "vitest";
import { DEFAULT_ENTITY } from "../../../../../local/broker/model/settings.ts";
import { anIncoming, aNamespace } from "../../../../support/broker-model.ts";

const aSessionQueue = () =>
  aNamespace({ queues: [{ name: "q", ...DEFAULT_ENTITY, requiresSession: true, lockMs: 100 }] });

describe("sessions of a queue", () => {
  it("are held by one receiver each, and each receiver gets its own messages", () => {
    const model = aSessionQueue();
    for (const sessionId of ["a", "b", "a"]) model.send("q", anIncoming({ sessionId }), 0);
    const queue = model.entity("q");
    const first = queue.holdSession(undefined, 0, vi.fn());
    const second = queue.holdSession(undefined, 0, vi.fn());
    expect([first?.sessionId, second?.sessionId]).toEqual(["a", "b"]);
    expect(queue.holdSession("a", 0, vi.fn())).toBeUndefined();
    expect(queue.holdSession(undefined, 0, vi.fn())).toBeUndefined();
    expect([1, 2, 3].map(() => queue.lockNext(0, first)?.message.sequence)).toEqual([1, 3, undefined]);
  });

  it("are lost when their lock ends: messages count as tried, and the holder is told", () => {
    const model = aSessionQueue();
    model.send("q", anIncoming({ sessionId: "a" }), 0);
    const queue = model.entity("q");
    const lost = vi.fn();
    const lock = queue.holdSession("a", 0, lost);
    const held = queue.lockNext(0, lock);
    queue.tick(100);
    expect(lost).toHaveBeenCalledOnce();
    expect(held?.message.deliveryCount).toBe(1);
    expect(queue.lockOf(held?.token ?? "", 100)).toBeUndefined();
    expect(queue.holdSession(undefined, 100, vi.fn())?.sessionId).toBe("a");
  });

  it("are given back untouched when the receiver leaves", () => {
    const model = aSessionQueue();
    model.send("q", anIncoming({ sessionId: "a" }), 0);
    const queue = model.entity("q");
    const lock = queue.holdSession("a", 0, vi.fn());
    const held = queue.lockNext(0, lock);
    if (lock) queue.releaseSession(lock, 50);
    expect(held?.message.deliveryCount).toBe(0);
    expect(queue.sessions.firstFree()?.id).toBe("a");
  });

  it("leave nothing behind once they have no message, no state and no holder", () => {
    const model = aSessionQueue();
    model.send("q", anIncoming({ sessionId: "a" }), 0);
    const queue = model.entity("q");
    const lock = queue.holdSession("a", 0, vi.fn());
    const held = queue.lockNext(0, lock);
    if (held) queue.settle(held, { kind: "complete" }, 0);
    if (lock) queue.releaseSession(lock, 0);
    expect([...queue.sessions.all()]).toEqual([]);
  });

  it("take no message without a session: it is a dead letter of the subscription", () => {
    const model = aNamespace({
      topics: [
        {
          name: "t",
          ttlMs: Infinity,
          duplicateWindowMs: undefined,
          maxMessageBytes: 1,
          maxBytes: 1,
          subscriptions: [{ name: "s", ...DEFAULT_ENTITY, requiresSession: true, rules: [{ kind: "all" }] }],
        },
      ],
    });
    model.send("t", anIncoming(), 0);
    expect(model.entity("t/Subscriptions/s").messages.size).toBe(0);
    expect(model.entity("t/Subscriptions/s/$DeadLetterQueue").messages.size).toBe(1);
  });
});
