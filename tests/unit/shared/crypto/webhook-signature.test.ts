import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSharedSecret, isSignedByJira, isSignedByServiceNow } from "../../../../shared/crypto/webhook-signature.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const hmac = (secret: string, text: string) => createHmac("sha256", secret).update(text).digest();

describe("signatures of Jira", () => {
  // The check vector that Atlassian publishes.
  const secret = "It's a Secret to Everybody";
  const header = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
  const body = bytes("Hello World!");

  it("are the published one for the published secret and body", () => {
    expect(isSignedByJira(header, body, [secret])).toBe(true);
    expect(isSignedByJira(header.replace("a4771c39", "A4771C39"), body, [secret])).toBe(true);
  });

  it("hold under either of two secrets, and under no other", () => {
    expect(isSignedByJira(header, body, ["the next one", secret])).toBe(true);
    expect(isSignedByJira(header, body, ["the next one"])).toBe(false);
    expect(isSignedByJira(header, body, [])).toBe(false);
  });

  it.each([
    null,
    "",
    "sha256=",
    header.slice(7),
    header.slice(0, -1),
    `${header}0`,
    ` ${header}`,
    `${header}\n`,
    header.replace("sha256", "sha1"),
    `sha256=${hmac("It's a Secret to Everybody", "Hello World!").toString("base64")}`,
  ])("are not %j", (forged) => {
    expect(isSignedByJira(forged, body, [secret])).toBe(false);
  });

  it("break with any other byte of the body or digit of the digest", () => {
    for (let at = 0; at < body.length; at += 1) {
      const changed = Uint8Array.from(body, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(isSignedByJira(header, changed, [secret])).toBe(false);
    }
    for (let at = 7; at < header.length; at += 1) {
      const changed = `${header.slice(0, at)}${header[at] === "0" ? "1" : "0"}${header.slice(at + 1)}`;
      expect(isSignedByJira(changed, body, [secret])).toBe(false);
    }
  });
});

describe("signatures of ServiceNow", () => {
  const NOW_MS = Date.parse("2026-03-02T09:00:00.000Z");
  const NOW = NOW_MS / 1_000;
  const body = '{"number":"CHG0030192"}';
  const signed = (timestamp: number | string, encoding: "base64" | "hex" = "base64", secret = "secret") => ({
    signature: `v1=${hmac(secret, `${timestamp}.${body}`).toString(encoding)}`,
    timestamp: String(timestamp),
  });
  const holds = (
    headers: Parameters<typeof isSignedByServiceNow>[0],
    {
      secrets = ["secret"],
      encoding = "base64",
      text = body,
    }: { readonly secrets?: readonly string[]; readonly encoding?: "base64" | "hex"; readonly text?: string } = {},
  ) => isSignedByServiceNow(headers, bytes(text), secrets, encoding, NOW_MS);

  it("are read in the way of writing that is agreed, and only in that", () => {
    expect(holds(signed(NOW))).toBe(true);
    expect(holds(signed(NOW, "hex"), { encoding: "hex" })).toBe(true);
    expect(holds(signed(NOW, "hex"))).toBe(false);
    expect(holds(signed(NOW), { encoding: "hex" })).toBe(false);
  });

  it("hold under either of two secrets, and under no other", () => {
    expect(holds(signed(NOW, "base64", "old"), { secrets: ["new", "old"] })).toBe(true);
    expect(holds(signed(NOW, "base64", "old"), { secrets: ["new"] })).toBe(false);
    expect(holds(signed(NOW), { secrets: [] })).toBe(false);
  });

  it.each([
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
  ])("made %i seconds from now hold: %s", (seconds, expected) => {
    expect(holds(signed(NOW + seconds))).toBe(expected);
  });

  it("do not hold with another time, body, or a time that is no number of seconds", () => {
    const { signature } = signed(NOW);
    expect(holds({ signature, timestamp: String(NOW + 1) })).toBe(false);
    expect(holds(signed(NOW), { text: `${body} ` })).toBe(false);
    for (const timestamp of ["", "now", `${NOW}.0`, `+${NOW}`, ` ${NOW}`, "-1", "1e9", `${NOW}\n`])
      expect(holds(signed(timestamp)), timestamp).toBe(false);
  });

  it.each([null, "", "v1=", "v2=x", "v1"])("are not %j", (signature) => {
    expect(holds({ signature, timestamp: String(NOW) })).toBe(false);
    expect(holds({ signature: signed(NOW).signature, timestamp: null })).toBe(false);
  });

  it("do not let a digit of the time become part of the body", () => {
    const { signature } = signed("1772442000", "base64");
    const moved = { signature, timestamp: "177244200" };
    expect(isSignedByServiceNow(moved, bytes(`0.${body}`), ["secret"], "base64", 177_244_200_000)).toBe(false);
  });
});

describe("shared secrets", () => {
  it("are equal as a whole or not at all", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (secret, other) => {
        expect(isSharedSecret(secret, ["another", secret])).toBe(true);
        expect(isSharedSecret(`${secret}${other}x`, [secret])).toBe(false);
      }),
    );
    expect(isSharedSecret("", [""])).toBe(false);
    expect(isSharedSecret(null, ["secret"])).toBe(false);
  });
});
