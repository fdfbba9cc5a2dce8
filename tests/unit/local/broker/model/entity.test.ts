import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalRecord } from "../../../../../local/broker/journal/records.ts";
import type { Lock } from "../../../../../local/broker/model/message.ts";
import type { Namespace } from "../../../../../local/broker/model/namespace.ts";
import { DEFAULT_ENTITY, type EntitySettings } from "../../../../../local/broker/model/settings.ts";
import { anIncoming, aNamespace, type ModelUnderTest } from "../../../../support/broker-model.ts";

const SETTINGS = { lockMs: 100, maxDeliveryCount: 3, duplicateWindowMs: 1_000 } satisfies Partial<EntitySettings>;

type Step =
  | { readonly kind: "send"; readonly id: number; readonly ttlMs: number | undefined; readonly inMs: number }
  | { readonly kind: "receive" }
  | {
      readonly kind: "settle";
      readonly pick: number;
      readonly outcome: "complete" | "abandon" | "defer" | "deadLetter";
    }
  | { readonly kind: "pass"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("send" as const),
    id: fc.nat(30),
    ttlMs: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
    inMs: fc.integer({ min: -10, max: 300 }),
  }),
  fc.record({ kind: fc.constant("receive" as const) }),
  fc.record({
    kind: fc.constant("settle" as const),
    pick: fc.nat(),
    outcome: fc.constantFrom("complete" as const, "abandon" as const, "defer" as const, "deadLetter" as const),
  }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 400 }) }),
);

/** Runs steps on a queue, checking on the way what must always hold. */
function play(steps: readonly Step[], model: ModelUnderTest): { readonly now: number; readonly sent: number } {
  const queue = model.entity("q");
  const held: Lock[] = [];
  let now = 1_000;
  let sent = 0;
  for (const one of steps) {
    switch (one.kind) {
      case "send": {
        const scheduledAt = one.inMs > 0 ? now + one.inMs : undefined;
        sent +=
          model.send("q", anIncoming({ messageId: `m${one.id}`, ttlMs: one.ttlMs, scheduledAt }), now) > 0 ? 1 : 0;
        break;
      }
      case "receive": {
        queue.tick(now);
        const waiting = [...queue.messages.values()].filter(({ state, lock }) => state === "active" && !lock);
        const lock = queue.lockNext(now);
        expect(lock?.message.sequence).toBe(
          waiting.length === 0 ? undefined : Math.min(...waiting.map(({ sequence }) => sequence)),
        );
        if (lock) held.push(lock);
        break;
      }
      case "settle": {
        const lock = held.splice(one.pick % (held.length || 1), 1)[0];
        const isInForce = lock !== undefined && queue.lockOf(lock.token, now) === lock;
        if (lock) expect(isInForce).toBe(lock.until > now);
        if (!lock || !isInForce) break;
        const reason = { reason: "why", description: undefined };
        queue.settle(lock, one.outcome === "deadLetter" ? { kind: "deadLetter", reason } : { kind: one.outcome }, now);
        break;
      }
      case "pass":
        now += one.ms;
        queue.tick(now);
        expect(queue.nextDueAt()).toBeGreaterThan(now);
    }
  }
  return { now, sent };
}

const pictureOf = (namespace: Namespace) =>
  [...namespace.entities.values()].map((entity) => ({
    path: entity.path,
    bytes: entity.bytes,
    next: entity.nextSequence,
    messages: [...entity.messages.values()]
      .map((message) => ({ ...Object.fromEntries(Object.entries(message)), lock: undefined, number: message.sequence }))
      .sort((a, b) => a.number - b.number),
  }));

describe("a queue", () => {
  it("hands messages over in order, and every lock ends when it says", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        play(steps, aNamespace({ queues: [{ name: "q", ...DEFAULT_ENTITY, ...SETTINGS }] }));
      }),
    );
  });

  it("keeps each message until it is completed, has expired or is a dead letter", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const model = aNamespace({ queues: [{ name: "q", ...DEFAULT_ENTITY, ...SETTINGS }] });
        const { sent } = play(steps, model);
        const kept = model.entity("q").messages.size + model.entity("q/$DeadLetterQueue").messages.size;
        expect(kept + model.records.filter(({ t }) => t === "del").length).toBe(sent);
      }),
    );
  });

  it("is the same after its records have been read again, once or twice", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, from) => {
        const settings = { queues: [{ name: "q", ...DEFAULT_ENTITY, ...SETTINGS }] };
        const model = aNamespace(settings);
        play(steps, model);
        const again = aNamespace(settings);
        again.replayAll(model.records);
        expect(pictureOf(again.namespace)).toEqual(pictureOf(model.namespace));
        const changes = model.records.slice(from % (model.records.length || 1)).filter(({ t }) => t !== "put");
        again.replayAll(changes);
        expect(again.entity("q").messages.size).toBe(model.entity("q").messages.size);
      }),
    );
  });

  it("is the same after its snapshot has been read", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const settings = { queues: [{ name: "q", ...DEFAULT_ENTITY, ...SETTINGS }] };
        const model = aNamespace(settings);
        const { now } = play(steps, model);
        const records: JournalRecord[] = [...model.namespace.snapshot(now)].map(({ record }) => record);
        const again = aNamespace(settings);
        again.replayAll(records);
        expect(pictureOf(again.namespace)).toEqual(pictureOf(model.namespace));
        for (let id = 0; id <= 30; id += 1) {
          const isNew = (one: ModelUnderTest): boolean =>
            one.send("q", anIncoming({ messageId: `m${id}`, ttlMs: undefined, scheduledAt: undefined }), now) > 0;
          expect(isNew(again)).toBe(isNew(model));
        }
      }),
    );
  });
});
