import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createActivationStore } from "../../shared/adapters/tables/activation-store.ts";
import { createAuditLog } from "../../shared/adapters/tables/audit-log.ts";
import { encodeKey } from "../../shared/adapters/tables/keys.ts";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import { recordProblem } from "../../shared/crypto/audit-chain.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import { ConflictError, type ActivationRecord, type ActivationStore } from "../../shared/ports/activation-store.ts";
import { aClaim, anEvent, asStored, at, awaitingStepUp } from "../support/activation-rows.ts";
import { startTables, type LocalTables } from "../support/azurite.ts";
import { tapRequests } from "../support/table-requests.ts";

let service: LocalTables;
let tables: Tables;
let store: ActivationStore;
const tap = tapRequests();

beforeAll(async () => {
  service = await startTables();
  tables = createTables({ connectionString: service.connectionString }, tap.options);
  await tables.ensureTables();
  store = createActivationStore(tables);
});
afterAll(() => service.stop());

async function recordsOf(range: { subject?: string; from?: string; to?: string }): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of createAuditLog(tables).read(range)) records.push(record);
  return records;
}

const problemsOf = (records: readonly AuditRecord[]) =>
  records.map((record, index) => recordProblem(record, records[index - 1])).filter((problem) => problem !== undefined);

async function claimed(): Promise<ActivationRecord> {
  const { claim } = await store.claim(aClaim());
  const record = await store.load(claim.activationId);
  if (!record) throw new Error("not claimed");
  return record;
}

/** The transition gets as far as its audit record. */
async function unfinished(record: ActivationRecord, key: string): Promise<void> {
  tap.onRequest = (request, _index, send) =>
    /activations|batch/.test(request.url) && request.method !== "GET" && !request.url.includes("audit")
      ? Promise.reject(new Error("stopped"))
      : send();
  await expect(
    store.transition(record, { key, state: awaitingStepUp, events: [anEvent("EndRequested", { key })] }),
  ).rejects.toThrow("stopped");
  tap.onRequest = undefined;
}

const change = (record: ActivationRecord, key: string, events = 1): Promise<ActivationRecord> =>
  store.transition(record, {
    key,
    state: awaitingStepUp,
    events: Array.from({ length: events }, (_, number) => anEvent("EndRequested", { key, number })),
  });

describe("the audit chain of an activation", () => {
  it("takes in the record of a transition that never finished, and goes on behind it", async () => {
    const record = await claimed();
    await unfinished(record, "first-idea");
    const changed = await change(record, "second-idea", 2);
    const records = await recordsOf({ subject: record.id });
    expect(records.map(({ key }) => key)).toEqual(["first-idea", "second-idea", "second-idea-2"]);
    expect(problemsOf(records)).toEqual([]);
    expect(changed.row?.orphans).toEqual(["first-idea"]);
    expect(changed.row?.chain).toEqual({ sequence: 3, hash: records[2]?.hash });
  });

  it("does not write an orphan's event again when its transition comes after all", async () => {
    const record = await claimed();
    await unfinished(record, "first-idea");
    const changed = await change(record, "second-idea");
    const late = await change(changed, "first-idea", 2);
    const records = await recordsOf({ subject: record.id });
    expect(records.map(({ key }) => key)).toEqual(["first-idea", "second-idea", "first-idea-2"]);
    expect(problemsOf(records)).toEqual([]);
    expect(late.row?.orphans).toEqual([]);
    expect(late.row?.chain.hash).toBe(records[2]?.hash);
  });

  it("keeps what an earlier try of the same transition wrote, although the second try says it differently", async () => {
    const record = await claimed();
    await unfinished(record, "ended");
    await store.transition(record, { key: "ended", state: awaitingStepUp, events: [anEvent("RoleEnded")] });
    const records = await recordsOf({ subject: record.id });
    expect(records.map(({ key, type }) => `${key} ${type}`)).toEqual(["ended EndRequested"]);
  });

  it("gets no record of a transition that comes too late", async () => {
    const record = await claimed();
    const changed = await change(record, "in-time");
    await expect(change(record, "too-late")).rejects.toThrow(ConflictError);
    expect((await recordsOf({ subject: record.id })).map(({ key }) => key)).toEqual(["in-time"]);
    expect((await store.load(record.id))?.row).toEqual(asStored(changed).row);
  });

  it("holds a record longer than one property", async () => {
    const record = await claimed();
    const data = { changes: "ü".repeat(70_000) };
    await store.transition(record, { key: "long", state: awaitingStepUp, events: [anEvent("TicketChanged", data)] });
    const records = await recordsOf({ subject: record.id });
    expect(records[0]?.data).toEqual(data);
    expect(problemsOf(records)).toEqual([]);
  });

  it("goes on behind a row that somebody planted, so that access can still be ended", async () => {
    const record = await claimed();
    await tables.audit.put([{ partitionKey: record.id, rowKey: "0000000001", record: "planted" }]);
    const changed = await change(record, "ended");
    expect(changed.row?.chain.sequence).toBe(2);
    const records = await recordsOf({ subject: record.id });
    expect(records.map(({ key }) => key)).toEqual(["unreadable", "ended"]);
    expect(problemsOf(records)).toContain("its content does not match its hash");
  });
});

describe("AuditLog", () => {
  it("chains the events of a subject", async () => {
    const log = createAuditLog(tables);
    for (const key of ["a", "b", "c"])
      await log.append("door-2026-11-24", key, anEvent("RequestRefusedAtDoor", { key }));
    const records = await recordsOf({ subject: "door-2026-11-24" });
    expect(records.map(({ key, sequence }) => `${key} ${sequence}`)).toEqual(["a 1", "b 2", "c 3"]);
    expect(problemsOf(records)).toEqual([]);
  });

  it("writes one key once, in this process and in the next, and answers the first record", async () => {
    const log = createAuditLog(tables);
    const first = await log.append("findings", "stuck-1", anEvent("FindingReported", { try: 1 }));
    await log.append("findings", "stuck-2", anEvent("FindingReported"));
    expect(await log.append("findings", "stuck-1", anEvent("FindingReported", { try: 2 }))).toEqual(first);
    expect(await createAuditLog(tables).append("findings", "stuck-1", anEvent("FindingReported"))).toEqual(first);
    expect(await recordsOf({ subject: "findings" })).toHaveLength(2);
  });

  it.each(["zzz", "9999999999", "9999999999-", "a", "00000000001"])(
    "goes on beside a row %s that somebody planted in no place of the chain",
    async (rowKey) => {
      const subject = `planted-${rowKey}`;
      await tables.audit.put([{ partitionKey: encodeKey(subject), rowKey, key: "planted", hash: "0".repeat(64) }]);
      for (const key of ["a", "b", "c"]) await createAuditLog(tables).append(subject, key, anEvent("FindingReported"));
      const records = (await recordsOf({ subject })).filter(({ key }) => key !== "unreadable");
      expect(records.map(({ key, sequence }) => `${key} ${sequence}`)).toEqual(["a 1", "b 2", "c 3"]);
    },
  );

  it("keeps one chain when several processes append at once", async () => {
    const logs = [createAuditLog(tables), createAuditLog(tables), createAuditLog(tables)];
    await Promise.all(
      logs.flatMap((log, process) =>
        Array.from({ length: 10 }, (_, number) =>
          log.append("noise", `${process}-${number}`, anEvent("UnauthenticatedCalls")),
        ),
      ),
    );
    const records = await recordsOf({ subject: "noise" });
    expect(new Set(records.map(({ key }) => key)).size).toBe(30);
    expect(records).toHaveLength(30);
    expect(problemsOf(records)).toEqual([]);
  });

  it("costs one request per event once the chain is known", async () => {
    const log = createAuditLog(tables);
    await log.append("controls", "a", anEvent("GrantsFrozen"));
    const before = tap.sent.length;
    await log.append("controls", "b", anEvent("GrantsResumed"));
    expect(tap.sent.slice(before)).toEqual(["POST audit"]);
  });

  it("recovers when an append failed", async () => {
    const log = createAuditLog(tables);
    await log.append("recovers", "a", anEvent("GrantsFrozen"));
    tap.onRequest = () => Promise.reject(new Error("stopped"));
    await expect(log.append("recovers", "b", anEvent("GrantsFrozen"))).rejects.toThrow("stopped");
    tap.onRequest = undefined;
    await log.append("recovers", "b", anEvent("GrantsFrozen"));
    expect((await recordsOf({ subject: "recovers" })).map(({ key }) => key)).toEqual(["a", "b"]);
  });

  it("reads everything, by subject and sequence, over more than one page", async () => {
    const log = createAuditLog(tables);
    const subjects = ["p-1", "p-2"];
    await Promise.all(
      subjects.map(async (subject) => {
        for (let number = 0; number < 520; number++)
          await log.append(subject, `k${number}`, anEvent("UnauthenticatedCalls"));
      }),
    );
    const records = (await recordsOf({})).filter(({ subject }) => subjects.includes(subject));
    const order = records.map(({ subject, sequence }) => `${subject} ${String(sequence).padStart(10, "0")}`);
    expect(order).toHaveLength(1_040);
    expect(order).toEqual(order.toSorted());
  });

  it("reads a range of time, both ends included", async () => {
    const log = createAuditLog(tables);
    const hours = ["08:00", "09:00", "10:00", "11:00"];
    for (const hour of hours) await log.append("range", hour, { ...anEvent("GrantsFrozen"), at: at(hour) });
    const keys = async (range: { from?: string; to?: string }) =>
      (await recordsOf({ subject: "range", ...range })).map(({ key }) => key);
    expect(await keys({ from: at("09:00"), to: at("10:00") })).toEqual(["09:00", "10:00"]);
    expect(await keys({ from: at("10:00") })).toEqual(["10:00", "11:00"]);
    expect(await keys({ to: at("08:00") })).toEqual(["08:00"]);
  });

  it("keeps subjects apart whatever they contain", async () => {
    const log = createAuditLog(tables);
    for (const subject of ["it's/a #1?", "it's/a #2?"]) await log.append(subject, "k", anEvent("GrantsFrozen"));
    expect((await recordsOf({ subject: "it's/a #1?" })).map(({ subject }) => subject)).toEqual(["it's/a #1?"]);
  });
});
