import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { linesOf } from "../../../cli/audit/lines.ts";
import { verifyAudit, type AuditReport } from "../../../cli/audit/verify.ts";
import type { AuditRecord } from "../../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../../shared/domain/checkpoint.ts";
import { anAuditEvent, chainOf } from "../../support/audit-file.ts";
import { exportOf, jwkOf, newKey, NotarizedTrail, signedBy } from "../../support/notary.ts";
import { emptyFolder, runZs } from "../../support/run-zs.ts";

const trail = new NotarizedTrail();
let checkpoints: readonly Checkpoint[];
let records: readonly AuditRecord[];

/** Four chains over three checkpoints, and a record that is newer than all of them. */
beforeAll(async () => {
  await trail.grow("alpha", "alpha", "beta", "delta");
  await trail.checkpoint();
  await trail.grow("alpha", "gamma", "gamma");
  await trail.checkpoint();
  await trail.grow("beta", "delta", "gamma");
  await trail.checkpoint();
  await trail.grow("delta");
  ({ checkpoints, records } = trail);
});

const verify = (text: string | Buffer, keyId = trail.keyId): Promise<AuditReport> =>
  verifyAudit(linesOf(Readable.from([Buffer.from(text)])), {
    partial: false,
    nowMs: Date.parse("2026-11-25T00:00:00Z"),
    trustedKeyIds: new Set([keyId]),
  });

function firstCheckpoint(): Checkpoint {
  const [first] = checkpoints;
  if (!first) throw new Error("no checkpoint");
  return first;
}

const lengthOf = (subject: string): number => records.filter((record) => record.subject === subject).length;

/** The number of the last record of each chain that a checkpoint names. */
const NAMED = { alpha: 3, beta: 2, delta: 2, gamma: 3 } as const;
const subjects = fc.constantFrom(...(Object.keys(NAMED) as (keyof typeof NAMED)[]));

describe("an export with checkpoints", () => {
  it("is sound as the service writes it", async () => {
    expect(await verify(exportOf(checkpoints, records))).toMatchObject({
      records: records.length,
      chains: 4,
      firstBad: null,
      checkpoints: { count: 3, lastSequence: 3, lastHash: checkpoints[2]?.hash, keyIds: [trail.keyId], trusted: true },
    });
  });

  it("shows wherever the end of a chain was cut off, up to the last checkpoint", async () => {
    await fc.assert(
      fc.asyncProperty(subjects, fc.nat(), async (subject, seed) => {
        const kept = seed % lengthOf(subject);
        const cut = records.filter((record) => record.subject !== subject || record.sequence <= kept);
        const { firstBad } = await verify(exportOf(checkpoints, cut));
        if (kept >= NAMED[subject]) expect(firstBad).toBeNull();
        else expect(firstBad).toMatchObject({ subject, problem: expect.stringContaining("checkpoint") as string });
      }),
    );
  });

  it("names the record after which a chain was cut off, and the checkpoint that knows more", async () => {
    const cut = records.filter(({ subject, sequence }) => subject !== "alpha" || sequence < 3);
    expect((await verify(exportOf(checkpoints, cut))).firstBad).toEqual({
      line: 5,
      subject: "alpha",
      sequence: 2,
      problem: `the chain ends here, but checkpoint 2 of ${checkpoints[1]?.at ?? ""} names its record 3`,
    });
  });

  it("shows that a whole chain is gone", async () => {
    await fc.assert(
      fc.asyncProperty(subjects, async (gone) => {
        const left = records.filter(({ subject }) => subject !== gone);
        const { firstBad } = await verify(exportOf(checkpoints, left));
        expect(firstBad).toMatchObject({ subject: gone, problem: expect.stringContaining("whole chain") as string });
      }),
    );
  });

  it("shows a chain that was made anew with an edited record, although it is whole in itself", async () => {
    await fc.assert(
      fc.asyncProperty(subjects, fc.nat(), async (subject, seed) => {
        const edited = seed % NAMED[subject];
        const anew = chainOf(
          subject,
          records
            .filter((record) => record.subject === subject)
            .map((_, length) => anAuditEvent("RequestRefusedAtDoor", { length, ...(length === edited && { x: 1 }) })),
        );
        const forged = records.map((record) =>
          record.subject === subject ? (anew[record.sequence - 1] ?? record) : record,
        );
        const { firstBad } = await verify(exportOf(checkpoints, forged));
        expect(firstBad).toMatchObject({ subject, problem: expect.stringContaining("signed over another") as string });
      }),
    );
  });

  it("shows any other order of lines", async () => {
    const lines = exportOf(checkpoints, records).split("\n").slice(0, -1);
    const place = fc.nat(lines.length - 1);
    await fc.assert(
      fc.asyncProperty(place, place, async (a, b) => {
        fc.pre(a !== b);
        const swapped = lines.with(a, lines[b] ?? "").with(b, lines[a] ?? "");
        expect((await verify(`${swapped.join("\n")}\n`)).firstBad).not.toBeNull();
      }),
    );
  });

  it("shows any single changed byte of a checkpoint and names its line", async () => {
    const file = Buffer.from(exportOf(checkpoints, records));
    const end = exportOf(checkpoints, []).length;
    const change = fc.tuple(fc.nat(end - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([offset, difference]) => {
        const changed = Buffer.from(file);
        changed[offset] = ((file[offset] ?? 0) + difference) % 256;
        const line = file.subarray(0, offset).filter((byte) => byte === 10).length + 1;
        expect((await verify(changed)).firstBad?.line).toBe(line);
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 1])("shows that checkpoint %s of three is gone", async (index) => {
    const { firstBad } = await verify(exportOf(checkpoints.toSpliced(index, 1), records));
    expect(firstBad?.problem).toContain(`checkpoint ${index + 1} is missing or out of order`);
  });

  it("does not pass for a signed one when all checkpoints are gone", async () => {
    expect((await verify(exportOf([], records))).firstBad?.problem).toBe("there is no checkpoint");
  });

  it("does not pass when somebody signs a shorter trail with a key of his own", async () => {
    const forger = new NotarizedTrail();
    await forger.grow("alpha");
    await forger.checkpoint();
    const { firstBad } = await verify(exportOf(forger.checkpoints, forger.records));
    expect(firstBad).toMatchObject({ line: 1, problem: expect.stringContaining("not trusted") as string });
  });

  it("does not pass when somebody signs with his own key and calls it by the name of the trusted one", async () => {
    const own = newKey();
    const forged = await signedBy(own, firstCheckpoint());
    for (const shown of [forged.key, jwkOf(own)]) {
      const { firstBad } = await verify(exportOf([{ ...forged, key: shown }], records));
      expect(firstBad).toMatchObject({ line: 1, problem: expect.stringContaining("signature") as string });
    }
  });

  it("shows a checkpoint that was signed for the same moment of another history", async () => {
    const twin = await signedBy(trail.key, { ...firstCheckpoint(), at: "2026-11-24T09:11:00.000Z" });
    const { firstBad } = await verify(exportOf(checkpoints.with(0, twin), records));
    expect(firstBad).toMatchObject({ line: 2, problem: "checkpoint 2: it does not follow the checkpoint before it" });
  });

  it("does not pass when a stranger's key is put into a signed checkpoint", async () => {
    const stolen = checkpoints.map((checkpoint) => ({ ...checkpoint, key: jwkOf(newKey()) }));
    const { firstBad } = await verify(exportOf(stolen, records));
    expect(firstBad).toMatchObject({ line: 1, problem: expect.stringContaining("signature") as string });
  });
});

describe("zs audit verify with checkpoints", () => {
  const inFile = (name: string, text: string): string => {
    const path = join(emptyFolder(), name);
    writeFileSync(path, text);
    return path;
  };

  it("trusts the keys of a JWK set", async () => {
    const file = inFile("audit.jsonl", exportOf(checkpoints, records));
    const ours = inFile("keys.json", JSON.stringify({ keys: [{ ...jwkOf(trail.key), kid: "any", alg: "ES256" }] }));
    const others = inFile("keys.json", JSON.stringify({ keys: [{ ...jwkOf(newKey()), kid: trail.keyId }] }));
    expect((await runZs(["audit", "verify", "--keys", ours, file])).exitCode).toBe(0);
    expect((await runZs(["audit", "verify", "--keys", others, file])).stderr).toContain("not trusted");
  });

  it("trusts a key by its id, and asks to compare it where none is named", async () => {
    const file = inFile("audit.jsonl", exportOf(checkpoints, records));
    const named = await runZs(["audit", "verify", `--key-id=${trail.keyId}`, file]);
    const unnamed = await runZs(["audit", "verify", file]);
    expect([named.exitCode, unnamed.exitCode]).toEqual([0, 0]);
    expect([named.stdout, unnamed.stdout].map((text) => text.includes("compare it"))).toEqual([false, true]);
  });

  it("says so where there are no checkpoints", async () => {
    const file = inFile("audit.jsonl", exportOf([], records));
    const { exitCode, stdout } = await runZs(["audit", "verify", file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining("no checkpoints") as string });
  });

  it("refuses a file of keys that holds none", async () => {
    const file = inFile("audit.jsonl", exportOf(checkpoints, records));
    expect(await runZs(["audit", "verify", "--keys", inFile("keys.json", '{"keys":[]}'), file])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("is not a JWK set") as string,
    });
  });
});
