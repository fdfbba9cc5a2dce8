import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSealing } from "../../../../../shared/adapters/keys/sealing.ts";

const key = (id: number) => ({ id, secret: randomBytes(32) });
const [old, current] = [key(25), key(26)];

describe("sealing", () => {
  it("accepts its own MAC for the same purpose and text", () => {
    const sealing = createSealing({ keys: [current] });
    fc.assert(fc.property(fc.string(), (text) => sealing.verify("request", text, sealing.mac("request", text))));
  });

  it("refuses a MAC for another purpose, another text, or with any changed character", () => {
    const sealing = createSealing({ keys: [current] });
    const mac = sealing.mac("request", "text");
    expect(sealing.verify("intent", "text", mac)).toBe(false);
    expect(sealing.verify("request", "text ", mac)).toBe(false);
    for (let at = 0; at < mac.length; at++) {
      const flipped = `${mac.slice(0, at)}${mac[at] === "A" ? "B" : "A"}${mac.slice(at + 1)}`;
      expect(sealing.verify("request", "text", flipped), flipped).toBe(false);
    }
  });

  it("refuses what is no MAC at all", () => {
    const sealing = createSealing({ keys: [current] });
    const mac = sealing.mac("request", "text");
    for (const forged of ["", ".", "26", "26.", `${mac}.`, `${mac}=`, mac.slice(0, -1), mac.replace("26", "")])
      expect(sealing.verify("request", "text", forged), forged).toBe(false);
  });

  it("seals with the first key and still accepts the second", () => {
    const before = createSealing({ keys: [old] }).mac("verdict", "text");
    const rotated = createSealing({ keys: [current, old] });
    expect(rotated.verify("verdict", "text", before)).toBe(true);
    expect(createSealing({ keys: [current] }).verify("verdict", "text", rotated.mac("verdict", "text"))).toBe(true);
    expect(createSealing({ keys: [current] }).verify("verdict", "text", before)).toBe(false);
  });

  it("refuses a MAC made with another key under the same id", () => {
    const forged = createSealing({ keys: [key(26)] }).mac("request", "text");
    expect(createSealing({ keys: [current] }).verify("request", "text", forged)).toBe(false);
  });

  it("does not start without a usable key", () => {
    expect(() => createSealing({ keys: [] })).toThrow("no MAC key");
    expect(() => createSealing({ keys: [{ id: 1, secret: randomBytes(31) }] })).toThrow("shorter than 32 bytes");
  });
});
