import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAuditCopy } from "../../shared/adapters/audit-copy/append-blobs.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import { instant } from "../../shared/domain/time.ts";
import type { AuditCopy } from "../../shared/ports/audit-copy.ts";
import { connectionTo, startBlobs, type LocalTables } from "../support/azurite.ts";
import { NotarizedTrail } from "../support/notary.ts";
import { watchPort, type WatchedPort } from "../support/watched-port.ts";

let service: LocalTables;
let between: WatchedPort;
let container: ContainerClient;
let nowMs: number;

beforeAll(async () => {
  service = await startBlobs();
  between = await watchPort(service.port);
  container = new ContainerClient(service.connectionString, "audit-copy");
});
afterAll(async () => {
  await between.stop();
  await service.stop();
});
beforeEach(async () => {
  await container.deleteIfExists();
  between.passed.length = 0;
  nowMs = Date.parse("2026-11-24T23:50:00Z");
});

/** One more process that writes the copy. */
const aCopy = (limits?: { readonly blocks: number; readonly blockBytes: number }): AuditCopy =>
  createAuditCopy({ connectionString: connectionTo("blob", between.port) }, { now: () => instant(nowMs) }, limits);

const blobs = async (): Promise<Readonly<Record<string, readonly unknown[]>>> => {
  const found: Record<string, readonly unknown[]> = {};
  for await (const { name } of container.listBlobsFlat())
    found[name] = (await container.getBlobClient(name).downloadToBuffer())
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  return found;
};

/** A trail whose records are long: three checkpoints over four, two and two records. */
const trail = new NotarizedTrail();
const parts: { readonly checkpoint: Checkpoint; readonly records: readonly AuditRecord[] }[] = [];
beforeAll(async () => {
  for (const subjects of [
    ["a", "a", "b", "c"],
    ["a", "d"],
    ["b", "d"],
  ]) {
    const before = new Set(trail.records.map(({ hash }) => hash));
    await trail.grow(...subjects);
    await trail.checkpoint();
    const checkpoint = trail.checkpoints.at(-1);
    if (!checkpoint) throw new Error("no checkpoint");
    parts.push({ checkpoint, records: trail.records.filter(({ hash }) => !before.has(hash)) });
  }
});

async function append(copy: AuditCopy, number: number): Promise<void> {
  const { checkpoint, records } = parts[number] ?? { records: [], checkpoint: undefined };
  if (!checkpoint) throw new Error("no such part");
  await copy.append(each(records), checkpoint);
}

async function* each(records: readonly AuditRecord[]): AsyncGenerator<AuditRecord> {
  yield* records;
}

const linesOf = (...numbers: readonly number[]): readonly unknown[] =>
  numbers.flatMap((number) => {
    const { records = [], checkpoint } = parts[number] ?? {};
    return [...records, { checkpoint }];
  });
const nameOf = (number: number): Pick<Checkpoint, "sequence" | "hash"> | undefined => {
  const { sequence, hash } = parts[number]?.checkpoint ?? {};
  return sequence === undefined || hash === undefined ? undefined : { sequence, hash };
};

describe("the copy of the audit trail in append blobs", () => {
  it("is empty before anything was copied", async () => {
    expect(await aCopy().last()).toBeUndefined();
  });

  it("holds the records and then the checkpoint, one block each time, and knows the last one", async () => {
    const copy = aCopy();
    await append(copy, 0);
    await append(copy, 1);
    expect(await blobs()).toEqual({ "audit-2026-11-24-0001.jsonl": linesOf(0, 1) });
    expect(await copy.last()).toEqual(nameOf(1));
    expect(between.passed.filter((line) => line.includes("comp=appendblock"))).toHaveLength(2);
  });

  it("is gone on with by another process, where it ends", async () => {
    await append(aCopy(), 0);
    const next = aCopy();
    expect(await next.last()).toEqual(nameOf(0));
    await append(next, 1);
    expect(await blobs()).toEqual({ "audit-2026-11-24-0001.jsonl": linesOf(0, 1) });
  });

  it("begins a new blob every day, which is not overwritten when the clock goes back", async () => {
    const copy = aCopy();
    await append(copy, 0);
    nowMs = Date.parse("2026-11-25T00:00:00Z");
    await append(copy, 1);
    nowMs = Date.parse("2026-11-24T23:59:00Z");
    await append(aCopy(), 2);
    expect(await blobs()).toEqual({
      "audit-2026-11-24-0001.jsonl": linesOf(0),
      "audit-2026-11-25-0001.jsonl": linesOf(1, 2),
    });
  });

  it("goes on in another blob where one holds no more blocks", async () => {
    const limits = { blocks: 2, blockBytes: 4 << 20 };
    await append(aCopy(limits), 0);
    await append(aCopy(limits), 1);
    await append(aCopy(limits), 2);
    expect(await blobs()).toEqual({
      "audit-2026-11-24-0001.jsonl": linesOf(0, 1),
      "audit-2026-11-24-0002.jsonl": linesOf(2),
    });
  });

  it("cuts blocks between lines, at the size that a block may have", async () => {
    const copy = aCopy({ blocks: 50_000, blockBytes: 1_000 });
    await append(copy, 0);
    expect(await blobs()).toEqual({ "audit-2026-11-24-0001.jsonl": linesOf(0) });
    const { blobCommittedBlockCount } = await container.getBlobClient("audit-2026-11-24-0001.jsonl").getProperties();
    expect(blobCommittedBlockCount).toBeGreaterThan(2);
  });

  it("creates only what is not there, appends only where it ends, and sends nothing else that writes", async () => {
    const copy = aCopy();
    await append(copy, 0);
    await append(copy, 1);
    await append(aCopy(), 2);
    const writes = between.passed.filter((line) => !/^(GET|HEAD) /.test(line) && !line.includes("restype=container"));
    const blob = "PUT audit-copy/audit-2026-11-24-0001.jsonl";
    const sizeOf = (...numbers: readonly number[]): number =>
      Buffer.byteLength(
        linesOf(...numbers)
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(""),
      );
    expect(writes).toEqual([
      `${blob} [*]`,
      `${blob}?comp=appendblock [0]`,
      `${blob}?comp=appendblock [${sizeOf(0)}]`,
      `${blob}?comp=appendblock [${sizeOf(0, 1)}]`,
    ]);
  });

  it("has each line once after an answer that got lost, and says that it could not tell", async () => {
    const copy = aCopy();
    between.loseAnswerOf.push(/appendblock/);
    await expect(append(copy, 0)).rejects.toMatchObject({ code: "Rejected" });
    expect(await copy.last()).toEqual(nameOf(0));
    await append(copy, 1);
    expect(await blobs()).toEqual({ "audit-2026-11-24-0001.jsonl": linesOf(0, 1) });
  });

  it("repeats records after an interruption between two blocks, and loses none", async () => {
    const limits = { blocks: 50_000, blockBytes: 1_000 };
    const { checkpoint, records } = parts[0] ?? {};
    if (!checkpoint || !records) throw new Error("no such part");
    async function* interrupted(): AsyncGenerator<AuditRecord> {
      yield* (records ?? []).slice(0, 3);
      throw new Error("the process dies");
    }
    await expect(aCopy(limits).append(interrupted(), checkpoint)).rejects.toThrow("the process dies");
    const [left = []] = Object.values(await blobs());
    expect(left.length).toBeGreaterThan(0);
    const next = aCopy(limits);
    expect(await next.last()).toBeUndefined();
    await append(next, 0);
    expect(await blobs()).toEqual({ "audit-2026-11-24-0001.jsonl": [...left, ...linesOf(0)] });
    expect(await aCopy().last()).toEqual(nameOf(0));
  });

  it("lets one of two writers through, and the other look anew", async () => {
    const [one, two] = [aCopy(), aCopy()];
    await append(one, 0);
    expect(await two.last()).toEqual(nameOf(0));
    await append(one, 1);
    await expect(append(two, 1)).rejects.toMatchObject({ name: "DependencyError" });
    expect(await two.last()).toEqual(nameOf(1));
    await append(two, 2);
    expect(await blobs()).toEqual({ "audit-2026-11-24-0001.jsonl": linesOf(0, 1, 2) });
  });

  it("knows the last checkpoint of an earlier day while the new blob has none", async () => {
    await append(aCopy(), 0);
    await container.getAppendBlobClient("audit-2026-11-25-0001.jsonl").create();
    nowMs = Date.parse("2026-11-25T08:00:00Z");
    const copy = aCopy();
    expect(await copy.last()).toEqual(nameOf(0));
    await append(copy, 1);
    expect(await blobs()).toEqual({
      "audit-2026-11-24-0001.jsonl": linesOf(0),
      "audit-2026-11-25-0001.jsonl": linesOf(1),
    });
  });

  it("leaves other blobs alone", async () => {
    await container.createIfNotExists();
    await container.getBlockBlobClient("audit-notes.txt").upload("mine", 4);
    const copy = aCopy();
    expect(await copy.last()).toBeUndefined();
    await append(copy, 0);
    expect((await container.getBlobClient("audit-notes.txt").downloadToBuffer()).toString()).toBe("mine");
  });

  it("says that it cannot be reached, in our words", async () => {
    const nobody = createAuditCopy({ connectionString: connectionTo("blob", 9) }, { now: () => instant(nowMs) });
    await expect(nobody.last()).rejects.toMatchObject({ code: "Unavailable" });
  });

  it("sends no token where there is no TLS", async () => {
    const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const containerUrl = `http://127.0.0.1:${between.port}/devstoreaccount1/audit-copy`;
    const copy = createAuditCopy({ containerUrl, credential }, { now: () => instant(nowMs) });
    await expect(copy.last()).rejects.toThrow("not permitted for non-TLS");
    expect(between.passed).toEqual([]);
  });
});
