import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createVaultSigner } from "../../shared/adapters/key-vault/vault-signer.ts";
import { keyIdOf } from "../../shared/crypto/checkpoint.ts";
import type { Signer } from "../../shared/ports/signer.ts";
import { verifyTexts } from "../support/audit-files.ts";
import { LocalVault } from "../support/local-vault.ts";
import { exportOf, NotarizedTrail } from "../support/notary.ts";

let vault: LocalVault;
const credential = { getToken: async () => ({ token: "token", expiresOnTimestamp: Date.now() + 3_600_000 }) };

beforeAll(async () => {
  vault = await LocalVault.start();
});
afterAll(() => vault.stop());
beforeEach(() => {
  vault.served.length = 0;
  vault.faults.length = 0;
});

const aSigner = (keyId = vault.keyId): Signer => createVaultSigner(keyId, credential);
const idOf = async (signer: Signer): Promise<string> => keyIdOf(await signer.publicKey());

/** A trail with one checkpoint by each of these. */
async function trailSignedBy(...signers: readonly Signer[]): Promise<string> {
  const trail = new NotarizedTrail();
  for (const signer of signers) {
    await trail.grow("alpha", "beta");
    await trail.notary(signer)();
  }
  expect(trail.checkpoints).toHaveLength(signers.length);
  return exportOf(trail.checkpoints, trail.records);
}

describe("checkpoints signed by Key Vault", () => {
  it("verify, with the key that the vault shows", async () => {
    const signer = aSigner();
    const trail = await trailSignedBy(signer, signer, signer);
    const { exitCode, stdout } = await verifyTexts({ trail }, [await idOf(signer)]);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("3 checkpoints") as string,
    });
  });

  it("cost one request each, and one for the key in all", async () => {
    const signer = aSigner();
    await Promise.all([signer.publicKey(), signer.publicKey()]);
    await trailSignedBy(signer, signer);
    expect(vault.served.map((line) => line.replace(/[0-9a-f]{32}/, "VERSION"))).toEqual([
      "GET /keys/checkpoints/",
      "POST /keys/checkpoints/VERSION/sign",
      "POST /keys/checkpoints/VERSION/sign",
    ]);
  });

  it("go on with the version that they began with, the next process takes the new one, and both verify", async () => {
    const old = aSigner();
    const oldId = await idOf(old);
    vault.rotate();
    const next = aSigner();
    expect(await idOf(next)).not.toBe(oldId);
    const trail = await trailSignedBy(old, next);
    expect((await verifyTexts({ trail }, [oldId, await idOf(next)])).exitCode).toBe(0);
    const { exitCode, stderr } = await verifyTexts({ trail }, [await idOf(next)]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("checkpoint 1: it is signed with a key that is not trusted");
  });

  it("stay with a version that is named", async () => {
    const before = aSigner();
    await before.sign(Buffer.from("anything"));
    const [, version = ""] = /([0-9a-f]{32})\/sign$/.exec(vault.served.at(-1) ?? "") ?? [];
    vault.rotate();
    expect(await idOf(aSigner(`${vault.keyId}/${version}`))).toBe(await idOf(before));
  });
});

describe("the vault", () => {
  it("is asked again after it refused to show the key", async () => {
    const signer = aSigner();
    vault.faults.push({ status: 403 });
    await expect(signer.publicKey()).rejects.toMatchObject({ code: "Misconfigured" });
    expect(await idOf(signer)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it.each([
    ["of other content", Buffer.alloc(64, 1)],
    ["in DER", Buffer.from(`3045022100${"a".repeat(64)}0220${"b".repeat(64)}`, "hex")],
  ])("spoils no trail with a signature %s", async (_what, signature) => {
    const trail = new NotarizedTrail();
    const signer = aSigner();
    await signer.publicKey();
    vault.faults.push({ signature });
    await trail.grow("alpha");
    await expect(trail.notary(signer)()).rejects.toMatchObject({ code: "Rejected" });
    expect(trail.checkpoints).toEqual([]);
  });

  it("must have a P-256 key there", async () => {
    const other = await LocalVault.start();
    other.rotate("P-384");
    await expect(aSigner(other.keyId).publicKey()).rejects.toMatchObject({ code: "Misconfigured" });
    await other.stop();
  });
});
