import { describe, expect, it } from "vitest";
import { deliveryOf } from "../../../../functions/triggers/message-delivery.ts";
import { MOST_KEPT_BYTES } from "../../../../shared/ports/request-queues.ts";

const NOW = "2026-11-24T09:00:00.000Z";
const BODY = Buffer.from("{}");
const from = (metadata: object, body: unknown = BODY) =>
  deliveryOf("chatbot", body, metadata as Readonly<Record<string, unknown>>, NOW);
const put = (applicationProperties: object, messageId: unknown = "first-1") =>
  from({ messageId, applicationProperties });

describe("a delivery", () => {
  it("of a fresh message is the first, now, by its own id", () => {
    expect(from({ messageId: "first-1" })).toEqual({
      sender: "chatbot",
      body: BODY,
      truncated: false,
      originalId: "first-1",
      attempt: 0,
      firstAt: NOW,
      expiresAt: undefined,
    });
  });

  it("of a message that was put back knows its first", () => {
    const firstAt = "2026-11-23T09:00:00.000Z";
    const properties = { originalId: "first-1", attempt: 7, firstAt, expiresAt: "2026-11-25T00:00:00.000Z" };
    expect(put(properties, "first-1~7")).toMatchObject(properties);
  });

  it("names its sender by the queue, whatever the message says", () => {
    const metadata = { messageId: "a", sender: "oncall", replyTo: "oncall", userProperties: { sender: "oncall" } };
    expect(from({ ...metadata, applicationProperties: { sender: "oncall" } }).sender).toBe("chatbot");
  });

  it("keeps messages apart whose ids the worker read as numbers, which lose their last digits", () => {
    const long = JSON.parse("1234567890123456789") as number;
    const [one, other] = [from({ messageId: long }, Buffer.from("1")), from({ messageId: long }, Buffer.from("2"))];
    expect(one.originalId).not.toBe(other.originalId);
    expect(one.originalId).toBe(from({ messageId: long }, Buffer.from("1")).originalId);
    expect(one.originalId).toMatch(/^1234567890123456800-[0-9a-f]{32}$/);
  });

  it.each([undefined, null, true, { a: 1 }, "", "x".repeat(129)])(
    "makes an id of the body for the id %j",
    (messageId) => {
      expect(from({ messageId }).originalId).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  it.each<[string, object]>([
    ["a text for the attempt", { attempt: "7" }],
    ["a negative attempt", { attempt: -1 }],
    ["half an attempt", { attempt: 1.5 }],
    ["a first time that is none", { firstAt: "yesterday" }],
    ["a first time to come", { firstAt: "2027-01-01T00:00:00Z" }],
    ["a first time beyond the calendar", { firstAt: "+275760-09-13T00:00:00.000Z" }],
    ["an end beyond the calendar", { expiresAt: "+275760-09-13T00:00:00.000Z" }],
    ["an id of another kind", { originalId: 7 }],
    ["an id that is too long to send again", { originalId: "x".repeat(129) }],
  ])("takes %s for nothing", (_name, properties) => {
    expect(put(properties)).toEqual(from({ messageId: "first-1" }));
  });

  it("ends when its sender said, and a copy no later than its first", () => {
    const [early, late] = ["2026-11-24T09:05:00.000Z", "2026-11-24T10:00:00.000Z"];
    expect(from({ expiresAtUtc: early }).expiresAt).toBe(early);
    expect(from({ expiresAtUtc: "9999-12-31T23:59:59.9999999Z" }).expiresAt).toBeUndefined();
    expect(from({ expiresAtUtc: late, applicationProperties: { expiresAt: early } }).expiresAt).toBe(early);
    expect(from({ expiresAtUtc: early, applicationProperties: { expiresAt: late } }).expiresAt).toBe(early);
  });

  it("keeps no more of a body than fits into a copy, and remembers that", () => {
    const large = from({}, Buffer.alloc(MOST_KEPT_BYTES + 1));
    expect([large.body.length, large.truncated]).toEqual([MOST_KEPT_BYTES, true]);
    const copy = from({ applicationProperties: { truncated: true } }, large.body);
    expect([copy.body.length, copy.truncated]).toEqual([MOST_KEPT_BYTES, true]);
    expect(from({}, Buffer.alloc(MOST_KEPT_BYTES)).truncated).toBe(false);
  });

  it.each<[unknown, string]>([
    [undefined, ""],
    ["text", "text"],
    [{ a: 1 }, '{"a":1}'],
  ])("of a host that hands over %j has its bytes", (body, text) => {
    expect(Buffer.from(deliveryOf("chatbot", body, {}, NOW).body).toString()).toBe(text);
  });

  it.each<[string, unknown]>([
    ["text", "originalId"],
    ["a list", ["originalId"]],
    ["nothing", null],
  ])("survives properties that a body turned into %s", (_name, applicationProperties) => {
    expect(from({ messageId: "first-1", applicationProperties })).toEqual(from({ messageId: "first-1" }));
  });
});
