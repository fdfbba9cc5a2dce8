import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSealing } from "../../../../../shared/adapters/keys/sealing.ts";

const key = (id: string) => ({ id, secret: randomBytes(32) });
const [old, current] = [key("2025"), key("2026")];

describe("sealing", () => {
  it("accepts its own MAC for the same purpose and text", () => {
    const sealing = createSealing([current]);
    fc.assert(fc.property(fc.string(), (text) => sealing.verify("request", text, sealing.mac("request", text))));
  });

  it("refuses a MAC for another purpose, another text, or with any changed character", () => {
    const sealing = createSealing([current]);
    const mac = sealing.mac("request", "text");
    expect(sealing.verify("intent", "text", mac)).toBe(false);
    expect(sealing.verify("request", "text ", mac)).toBe(false);
    for (let at = 0; at < mac.length; at++) {
      const flipped = `${mac.slice(0, at)}${mac[at] === "A" ? "B" : "A"}${mac.slice(at + 1)}`;
      expect(sealing.verify("request", "text", flipped), flipped).toBe(false);
    }
  });

  it("refuses what is no MAC at all", () => {
    const sealing = createSealing([current]);
    const mac = sealing.mac("request", "text");
    for (const forged of ["", ".", "2026", "2026.", `${mac}.`, `${mac}=`, mac.slice(0, -1), mac.replace("2026", "")])
      expect(sealing.verify("request", "text", forged), forged).toBe(false);
  });

  it("seals with the first key and still accepts the second", () => {
    const before = createSealing([old]).mac("verdict", "text");
    const rotated = createSealing([current, old]);
    expect(rotated.verify("verdict", "text", before)).toBe(true);
    expect(createSealing([current]).verify("verdict", "text", rotated.mac("verdict", "text"))).toBe(true);
    expect(createSealing([current]).verify("verdict", "text", before)).toBe(false);
  });

  it("refuses a MAC made with another key under the same id", () => {
    const forged = createSealing([key("2026")]).mac("request", "text");
    expect(createSealing([current]).verify("request", "text", forged)).toBe(false);
  });

  it("does not start without a usable key", () => {
    expect(() => createSealing([])).toThrow("no MAC key");
    expect(() => createSealing([{ id: "short", secret: randomBytes(31) }])).toThrow("not usable");
    expect(() => createSealing([{ id: "a.b", secret: randomBytes(32) }])).toThrow("not usable");
  });
});
