import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMessage } from "../../../../functions/triggers/read-message.ts";
import { HOUR_MS } from "../../../../shared/domain/time.ts";

const GOOD = {
  version: 1,
  requestId: "chat-2026-0001",
  person: "ada.byron",
  role: "Global Administrator",
  duration: "PT2H",
  justification: "Rotate the signing key",
  ticket: { system: "servicenow", number: "CHG0030192" },
};

const readText = (text: string): ReturnType<typeof readMessage> => readMessage(Buffer.from(text));
const read = (value: unknown): ReturnType<typeof readMessage> => readText(JSON.stringify(value));
const wrong = (result: ReturnType<typeof readMessage>): string => {
  if ("message" in result) throw new Error("it was accepted");
  expect(result.reason).toBe("InvalidMessage");
  return result.description;
};
const without = (name: string): object => Object.fromEntries(Object.entries(GOOD).filter(([key]) => key !== name));
const NO_JSON = "The body is not JSON in UTF-8, or is nested too deeply.";

describe("a body", () => {
  it("that is valid is parsed into what the domain works with", () => {
    expect(read(GOOD)).toEqual({ message: { ...GOOD, duration: 2 * HOUR_MS } });
  });

  it("may begin with a byte order mark, as over HTTP", () => {
    expect(readText(`\uFEFF${JSON.stringify(GOOD)}`)).toHaveProperty("message");
  });

  it.each<[string, Uint8Array, string]>([
    ["that is empty", new Uint8Array(), "The message has no body."],
    ["that is no JSON", Buffer.from("role=Global Administrator"), NO_JSON],
    ["that is cut", Buffer.from(JSON.stringify(GOOD).slice(0, -1)), NO_JSON],
    ["that is JSON twice", Buffer.from(JSON.stringify(GOOD).repeat(2)), NO_JSON],
    ["in another encoding", Buffer.from(JSON.stringify(GOOD), "utf16le"), NO_JSON],
    ["with bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), NO_JSON],
    ["with two byte order marks", Buffer.from(`\uFEFF\uFEFF${JSON.stringify(GOOD)}`), NO_JSON],
    ["that is nested deeply", Buffer.from("[".repeat(8_000) + "]".repeat(8_000)), NO_JSON],
    ["with a deep member", Buffer.from(JSON.stringify({ ...GOOD, a: deep(17) })), NO_JSON],
    ["one byte too long", Buffer.alloc(16_385, 0x20), "The body has more than 16384 bytes."],
    ["of 256 KB", Buffer.alloc(262_144, 0x61), "The body has more than 16384 bytes."],
  ])("%s is refused in words", (_name, body, description) => {
    expect(wrong(readMessage(body))).toBe(description);
  });

  it("of just as many bytes as are read is read", () => {
    expect(readText(JSON.stringify(GOOD).padEnd(16_384))).toHaveProperty("message");
  });

  it.each([null, [], "text", 7, true])("that is %j is refused", (value) => {
    expect(wrong(read(value))).toBe("the message must be an object");
  });

  it("with a member twice has its last, as over HTTP: there is only one reader", () => {
    const text = JSON.stringify(GOOD).replace('"person":', '"person":"dev.patel","person":');
    expect(readText(text)).toMatchObject({ message: { person: "ada.byron" } });
  });
});

describe("a member", () => {
  it.each(Object.keys(GOOD))("%s is needed", (name) => {
    const complaint = name === "version" ? "version must be 1" : `${name} is missing`;
    expect(wrong(read(without(name)))).toBe(complaint);
  });

  it.each<[string, unknown, string]>([
    ["version", 2, "version must be 1"],
    ["version", "1", "version must be 1"],
    ["requestId", 12345678, "requestId must be text"],
    ["requestId", "short", "requestId must be 8 to 64 of A-Z a-z 0-9 _ -"],
    ["requestId", "x".repeat(65), "requestId must be 8 to 64 of A-Z a-z 0-9 _ -"],
    ["requestId", "with space", "requestId must be 8 to 64 of A-Z a-z 0-9 _ -"],
    ["person", null, "person must be text"],
    ["person", "", "person must be the key of a person"],
    ["person", "Ada Byron", "person must be the key of a person"],
    ["person", "x".repeat(65), "person must be 64 characters or less"],
    ["role", ["Global Administrator"], "role must be text"],
    ["role", "GA", "role must be 3 characters or more"],
    ["role", "x".repeat(101), "role must be 100 characters or less"],
    ["role", "Global\u0000Administrator", "role must not hold control characters"],
    ["scope", "everywhere", "scope must be /, /administrativeUnits/<id> or /<id>"],
    ["account", "ada", "account must be an object id"],
    ["duration", 7_200, "duration must be text"],
    ["duration", "2 hours", /^duration must be an ISO 8601 duration/ as unknown as string],
    ["justification", "because", "justification must be 10 characters or more"],
    ["justification", "x".repeat(501), "justification must be 500 characters or less"],
    ["justification", "Rotate \u202e the key", "justification must not hold control characters"],
    ["ticket", "CHG0030192", "ticket must be an object"],
    ["ticket", { number: "CHG0030192" }, "ticket.system is missing"],
    ["ticket", { system: "remedy", number: "CHG0030192" }, "ticket.system must be servicenow or jira"],
    ["ticket", { system: "jira" }, "ticket.number is missing"],
    ["ticket", { ...GOOD.ticket, url: "http://169.254.169.254/" }, "ticket has unknown members: url"],
  ])("%s that is %j is refused in words", (name, value, complaint) => {
    expect(wrong(read({ ...GOOD, [name]: value }))).toMatch(complaint);
  });

  it.each(["sender", "messageId", "deliveryCount", "applicationProperties", "principalId", "use", "from"])(
    "%s is unknown: who sends is the queue, who asks proves it",
    (name) => {
      expect(wrong(read({ ...GOOD, [name]: { sender: "oncall" } }))).toBe(`the message has unknown members: ${name}`);
    },
  );

  it("of the prototype is unknown as well", () => {
    const text = JSON.stringify(GOOD).replace("{", '{"__proto__":{"person":"dev.patel"},');
    expect(wrong(readText(text))).toContain("has unknown members: __proto__");
  });
});

describe("the description", () => {
  it("says all that is wrong at once", () => {
    expect(wrong(read({}))).toBe(
      "role is missing; duration is missing; justification is missing; ticket is missing; version must be 1; " +
        "requestId is missing; person is missing",
    );
  });

  it("repeats no name that is not plain, and few of those that are", () => {
    expect(wrong(read({ ...GOOD, "\u202e<b>Approved</b>": 1 }))).toBe("the message has unknown members");
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`member${at}`, at]));
    expect(wrong(read({ ...GOOD, ...many }))).toBe(
      "the message has unknown members: member0, member1, member2, member3, member4",
    );
  });

  it("never holds what was sent, and nothing makes the reader throw", () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array(), (json, bytes) => {
        readText(json);
        readMessage(bytes);
        const secret = "hunter2-is-not-for-logs";
        const text = JSON.stringify({ ...GOOD, role: [secret], person: secret.repeat(9), duration: secret });
        expect(wrong(readText(text))).not.toContain("hunter2");
      }),
    );
  });
});

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)];
}
