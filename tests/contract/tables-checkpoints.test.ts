import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeCheckpoint } from "../../functions/triggers/write-checkpoint.timer.ts";
import { createPemSigner } from "../../shared/adapters/keys/pem-signer.ts";
import { createAuditLog } from "../../shared/adapters/tables/audit-log.ts";
import { createCheckpoints } from "../../shared/adapters/tables/checkpoints.ts";
import { all } from "../../shared/adapters/tables/table.ts";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import { ChainEnds } from "../../shared/crypto/chain-ends.ts";
import { checkpointProblem } from "../../shared/crypto/checkpoint.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Checkpoints } from "../../shared/ports/checkpoints.ts";
import { anEvent, at } from "../support/activation-rows.ts";
import { startTables, type LocalTables } from "../support/azurite.ts";
import { newKey } from "../support/notary.ts";
import { tapRequests } from "../support/table-requests.ts";

let service: LocalTables;
let tables: Tables;
let log: AuditLog;
let checkpoints: Checkpoints;
const tap = tapRequests();
const key = newKey();

beforeAll(async () => {
  service = await startTables();
  tables = createTables({ connectionString: service.connectionString }, tap.options);
  await tables.ensureTables();
  log = createAuditLog(tables);
  checkpoints = createCheckpoints(tables);
});
afterAll(() => service.stop());

const aNotary = (): (() => Promise<void>) =>
  writeCheckpoint({
    audit: createAuditLog(tables),
    checkpoints: createCheckpoints(tables),
    signer: createPemSigner(key),
    copy: undefined,
    clock: { now: () => at("09:00") },
    log: () => undefined,
  });

const problemsOf = (written: readonly Checkpoint[]) => {
  const ends = ChainEnds.none();
  return written.map((one, index) =>
    checkpointProblem(one, { before: written[index - 1], ends, trustedKeyIds: undefined }),
  );
};

describe("the ends of the chains", () => {
  it("are the last records by subject, over more than one page, with one request for each", async () => {
    const subjects = ["it's/a #1?", "ünter", "z-1"];
    for (const subject of subjects)
      for (let number = 0; number < 3; number++) await log.append(subject, `k${number}`, anEvent("GrantsFrozen"));
    for (let number = 0; number < 1_005; number++) await log.append("long", `k${number}`, anEvent("GrantsFrozen"));
    const records = await all(log.read({}));
    const before = tap.sent.length;
    const heads = await all(log.heads());
    expect(tap.sent.slice(before)).toHaveLength(2);
    expect(heads.map(({ subject, sequence }) => `${subject} ${sequence}`).toSorted()).toEqual(
      ["it's/a #1? 3", "long 1005", "z-1 3", "ünter 3"].toSorted(),
    );
    for (const head of heads) expect(records).toContainEqual(expect.objectContaining(head));
  });

  it("are there once for a subject: no row in a partition spelled in another way stands in for a record", async () => {
    const { sequence, hash } = await log.append("spelled", "k", anEvent("GrantsFrozen"));
    await tables.audit.insert({ partitionKey: "_73pelled", rowKey: "0000000009", hash: "a".repeat(64) });
    expect((await all(log.heads())).filter(({ subject }) => subject === "spelled")).toEqual([
      { subject: "spelled", sequence, hash },
    ]);
    const long = "ü".repeat(400); // no key of ours has such a letter
    await tables.audit.insert({ partitionKey: long, rowKey: "0000000001", hash: "" });
    expect((await all(log.heads())).filter((end) => end.subject.includes("ü".repeat(3)))).toEqual([]);
    for (const partition of ["_73pelled", long]) await tables.audit.remove(partition, ["0000000009", "0000000001"]);
  });

  it("pass over rows that have no place in a chain, and take one without a hash as it is", async () => {
    await tables.audit.put([{ partitionKey: "planted", rowKey: "zzz", hash: "x" }]);
    expect((await all(log.heads())).filter(({ subject }) => subject === "planted")).toEqual([]);
    await tables.audit.put([{ partitionKey: "planted", rowKey: "0000000007", hash: "x" }]);
    expect(await all(log.heads())).toContainEqual({ subject: "planted", sequence: 7, hash: "" });
  });
});

describe("a part of a chain", () => {
  it("is what comes after a number, up to another one and with it, in one request", async () => {
    for (let number = 0; number < 5; number++) await log.append("it's a part", `k${number}`, anEvent("GrantsFrozen"));
    const before = tap.sent.length;
    const part = await all(log.chain("it's a part", 1, 4));
    expect(tap.sent.slice(before)).toHaveLength(1);
    expect(part).toEqual((await all(log.read({ subject: "it's a part" }))).slice(1, 4));
    expect(await all(log.chain("it's a part", 5, 5))).toEqual([]);
    expect(await all(log.chain("x".repeat(600), 0, 9))).toEqual([]);
  });
});

describe("checkpoints", () => {
  it("are written once where several instances race, and read in order", async () => {
    const notaries = [aNotary(), aNotary(), aNotary()];
    for (const round of [1, 2, 3]) {
      await log.append("raced", `k${round}`, anEvent("GrantsFrozen"));
      await Promise.all(notaries.map((write) => write()));
    }
    const written = await all(checkpoints.read(0));
    expect(written.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(problemsOf(written)).toEqual([undefined, undefined, undefined]);
    expect(await all(checkpoints.read(2))).toEqual(written.slice(2));
  });

  it("cost a read of the newest and one of the chains where nothing is new", async () => {
    const write = aNotary();
    await write();
    const before = tap.sent.length;
    await write();
    expect(tap.sent.slice(before).filter((sent) => !sent.startsWith("GET"))).toEqual([]);
  });

  it("are never replaced", async () => {
    const [first] = await all(checkpoints.read(0));
    if (!first) throw new Error("no checkpoint");
    expect(await checkpoints.append({ ...first, chains: 99 })).toBe(false);
    expect((await all(checkpoints.read(0)))[0]).toEqual(first);
  });

  it("are passed on as unsigned where a row is none, and go on behind it", async () => {
    await tables.checkpoints.put([{ partitionKey: "checkpoint", rowKey: "0000000004", json: "planted" }]);
    await log.append("raced", "after", anEvent("GrantsFrozen"));
    await aNotary()();
    const written = await all(checkpoints.read(3));
    expect(written.map(({ sequence, signature }) => [sequence, signature.length])).toEqual([
      [4, 0],
      [5, 86],
    ]);
  });
});
