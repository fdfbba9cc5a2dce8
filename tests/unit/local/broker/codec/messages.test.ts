import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { types } from "../../../../../local/broker/amqp/rhea.ts";
import { unbatch } from "../../../../../local/broker/codec/batch.ts";
import { encodeDelivery } from "../../../../../local/broker/codec/deliver.ts";
import { factsOf, ingest } from "../../../../../local/broker/codec/ingest.ts";
import { sectionsOf } from "../../../../../local/broker/codec/sections.ts";
import { CodecError, encodeText } from "../../../../../local/broker/codec/values.ts";
import { Message, type PropertyChanges } from "../../../../../local/broker/model/message.ts";

const described = (code: number, value: Buffer): Buffer => Buffer.concat([Buffer.from([0x00, 0x53, code]), value]);
function encoded(value: unknown): Buffer {
  const writer = new types.Writer();
  writer.write(types.wrap(value));
  return writer.toBuffer();
}
const properties = (...fields: unknown[]): Buffer => described(0x73, encoded(fields));
const BODY = described(0x75, Buffer.from([0xa0, 3, 1, 2, 3]));

const aStoredMessage = (length: number, changes?: PropertyChanges): Message => {
  const message = new Message({
    sequence: 7,
    sessionId: undefined,
    enqueuedAt: 1_000,
    ttlMs: undefined,
    dueAt: undefined,
    location: { offset: 0, length },
  });
  message.changes = changes;
  return message;
};
const delivered = (message: Buffer, changes?: PropertyChanges): Buffer => {
  const { bytes } = ingest(message);
  return encodeDelivery(aStoredMessage(bytes.length, changes), bytes, 2_000);
};

describe("a message on its way through", () => {
  it("keeps its bare bytes, whatever types they have", () => {
    const bare = Buffer.concat([
      properties("id"),
      described(0x74, encoded({ long: types.wrap_long(5), when: new Date(1), nothing: null })),
      BODY,
      described(0x78, encoded({ footer: 1 })),
    ]);
    expect(delivered(bare).subarray(-bare.length).equals(bare)).toBe(true);
  });

  it("loses the annotations that only the broker writes, and keeps the sender's", () => {
    const annotations = described(0x72, encoded({ "x-opt-partition-key": "p", "x-opt-sequence-number": 999 }));
    const text = delivered(Buffer.concat([annotations, properties("id"), BODY])).toString("latin1");
    expect(text.split("x-opt-sequence-number").length).toBe(2);
    expect(text).toContain("x-opt-partition-key");
  });

  it("gets the properties that a settlement set, in the place of older ones", () => {
    const message = Buffer.concat([properties("id"), described(0x74, encoded({ a: 1, b: "old" })), BODY]);
    const changed = delivered(message, {
      b: encodeText("new").toString("base64"),
      c: encodeText("more").toString("base64"),
    });
    expect(factsOf(changed).properties).toEqual({ a: "1", b: "new", c: "more" });
    expect(changed.subarray(-BODY.length).equals(BODY)).toBe(true);
    const bare = delivered(Buffer.concat([properties("id"), BODY]), { c: encodeText("more").toString("base64") });
    expect(factsOf(bare).properties).toEqual({ c: "more" });
  });

  it("gets an id if it has none, and keeps its other properties", () => {
    const { messageId } = ingest(Buffer.concat([properties(null, null, "to"), BODY]));
    expect(messageId).toMatch(/^[0-9a-f]{32}$/);
    const facts = factsOf(delivered(Buffer.concat([properties(null, null, "to"), BODY])));
    expect(facts.system).toMatchObject({ to: "to" });
    expect(factsOf(delivered(BODY)).system.messageId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("tells ids of different types apart", () => {
    const ids = ["1", types.wrap(1), types.wrap_uuid(Buffer.alloc(16))].map(
      (id) => ingest(Buffer.concat([properties(id), BODY])).messageId,
    );
    expect(new Set(ids).size).toBe(3);
  });
});

describe("bytes that are no message", () => {
  it("are refused with a CodecError, never otherwise, and never read for ever", () => {
    const message = Buffer.concat([properties("id", null, "to"), described(0x74, encoded({ a: 1 })), BODY]);
    const damaged = fc
      .tuple(fc.nat(message.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(message.length))
      .map(([at, byte, cut]) => {
        const bytes = Buffer.from(message);
        bytes[at] = byte;
        return bytes.subarray(0, cut);
      });
    const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, any), (bytes) => {
        for (const read of [ingest, unbatch, sectionsOf, factsOf])
          try {
            read(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(CodecError);
          }
      }),
      { numRuns: 2_000 },
    );
  });
});
