import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Grants } from "../../../../../local/broker/auth/grants.ts";
import { verifySas, type SasKey } from "../../../../../local/broker/auth/sas.ts";

const KEYS: readonly SasKey[] = [
  { name: "root", key: "root key", rights: ["Manage"], path: "" },
  { name: "sender", key: "sender key", rights: ["Send"], path: "q" },
];
const NOW = 1_000_000;

function token(resource: string, key: SasKey, expiresAt = NOW + 60_000): string {
  const sr = encodeURIComponent(resource);
  const se = String(Math.floor(expiresAt / 1000));
  const sig = createHmac("sha256", key.key).update(`${sr}\n${se}`).digest("base64");
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}&skn=${key.name}`;
}
const [root, sender] = KEYS as [SasKey, SasKey];
const kindOf = (text: string, audience: string): string => verifySas(text, audience, KEYS, NOW).kind;

describe("a shared access signature", () => {
  it("counts for its resource and what is below it, whatever scheme and host it names", () => {
    expect(kindOf(token("sb://localhost:1/q", root), "sb://localhost:1/q")).toBe("granted");
    expect(kindOf(token("amqp://other/Q", root), "sb://localhost/q/$management")).toBe("granted");
    expect(kindOf(token("sb://localhost/", root), "sb://localhost/q")).toBe("granted");
    expect(kindOf(token("sb://localhost/q", root), "sb://localhost/q1")).toBe("refused");
  });

  it("is refused when it has expired, is forged, or comes from a key of another entity", () => {
    expect(kindOf(token("sb://h/q", root, NOW - 1), "sb://h/q")).toBe("refused");
    expect(kindOf(token("sb://h/q", { ...root, key: "guess" }), "sb://h/q")).toBe("refused");
    expect(kindOf(token("sb://h/other", sender), "sb://h/other")).toBe("refused");
    expect(kindOf("SharedAccessSignature nonsense", "sb://h/q")).toBe("refused");
    expect(kindOf(`${token("sb://h/q", root)}&sig=%`, "sb://h/q")).toBe("refused");
  });

  it("gives the rights of its key, and Manage includes the others", () => {
    const grants = new Grants();
    const verdict = verifySas(token("sb://h/q", sender), "sb://h/q", KEYS, NOW);
    if (verdict.kind === "granted") grants.add(verdict.grant);
    expect(grants.allow("q", "Send", NOW)).toBe(true);
    expect(grants.allow("Q/$DeadLetterQueue", "Send", NOW)).toBe(true);
    expect(grants.allow("q", "Listen", NOW)).toBe(false);
    expect(grants.allow("q1", "Send", NOW)).toBe(false);
    expect(grants.allow("q", "Send", NOW + 61_000)).toBe(false);
    grants.add({ path: "", rights: ["Manage"], expiresAt: NOW + 1 });
    expect(grants.allow("q1", "Listen", NOW)).toBe(true);
  });
});
