import { generateKeyPairSync } from "node:crypto";
import { CompactEncrypt } from "jose";
import { describe, expect, it } from "vitest";
import { createProofOpener, createProofSealer } from "../../../../../shared/adapters/keys/proof-envelope.ts";
import type { SignInProof } from "../../../../../shared/ports/sealing.ts";

const keyPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const worker = keyPair();
const opener = createProofOpener(worker.privateKey);
const sealer = createProofSealer(worker.publicKey);

const proof: SignInProof = { purpose: "stepUp", idToken: "a.b.c", random: "r", slot: 0, content: "" };
const decision = (content: string): SignInProof => ({ ...proof, purpose: "decision", slot: 2, content });

/** As long as the list of two hundred roles. */
const reviews: SignInProof = {
  ...proof,
  purpose: "reviews",
  content: `{"kind":"reviews","partsDigest":"${"a".repeat(64)}"}`,
  parts: "p".repeat(45_000),
};

const sealAnything = async (value: unknown, header: { alg: string; enc: string }): Promise<string> =>
  new CompactEncrypt(Buffer.from(JSON.stringify(value))).setProtectedHeader(header).encrypt(worker.publicKey);

describe("proof envelope", () => {
  it("gives the worker what was sealed to it", async () => {
    expect(await opener.open(await sealer.seal(proof))).toEqual(proof);
    const denial = decision('{"kind":"deny","reason":"Not today"}');
    expect(await opener.open(await sealer.seal(denial))).toEqual(denial);
    const approval = decision('{"durationMs":null,"kind":"approve"}');
    expect(await opener.open(await sealer.seal(approval))).toEqual(approval);
    expect(await opener.open(await sealer.seal(reviews))).toEqual(reviews);
  });

  it("shows nothing of the proof and never seals twice alike", async () => {
    const [first, second] = [await sealer.seal(proof), await sealer.seal(proof)];
    expect(first).not.toBe(second);
    expect(Buffer.from(first, "base64url").toString("latin1")).not.toContain(proof.idToken);
  });

  it("opens nothing that was sealed to another key", async () => {
    expect(await opener.open(await createProofSealer(keyPair().publicKey).seal(proof))).toBeUndefined();
  });

  it("opens nothing with any changed character", async () => {
    const sealed = await sealer.seal(proof);
    for (let at = 0; at < sealed.length; at += 7) {
      const flipped = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
      expect(await opener.open(flipped), `character ${at}`).toBeUndefined();
    }
  });

  it("opens nothing of another algorithm or form", async () => {
    expect(await opener.open(await sealAnything(proof, { alg: "ECDH-ES+A256KW", enc: "A256GCM" }))).toBeUndefined();
    expect(await opener.open(await sealAnything(proof, { alg: "ECDH-ES", enc: "A128GCM" }))).toBeUndefined();
    for (const text of ["", "a.b.c", "a.b.c.d.e", "..", "null"]) expect(await opener.open(text), text).toBeUndefined();
  });

  it.each([
    ["text", "text"],
    ["a proof without a token", { ...proof, idToken: undefined }],
    ["a proof with more than is known", { ...proof, more: true }],
    ["a step-up with content", { ...proof, content: "{}" }],
    ["a decision without content", decision("")],
    ["a decision of unknown kind", decision('{"kind":"maybe"}')],
    ["a denial without a reason", decision('{"kind":"deny","reason":" "}')],
    ["an approval for no time", decision('{"kind":"approve","durationMs":0}')],
    ["a sign-in for several reviews without their list", { ...reviews, parts: undefined }],
    ["a sign-in for several reviews with other content", { ...reviews, content: '{"kind":"review"}' }],
    ["a list of reviews beside a step-up", { ...proof, parts: "" }],
    ["an approval with more than is known", decision('{"kind":"approve","durationMs":null,"for":"x"}')],
  ])("opens nothing that holds %s", async (_, value) => {
    expect(await opener.open(await sealAnything(value, { alg: "ECDH-ES", enc: "A256GCM" }))).toBeUndefined();
  });
});
