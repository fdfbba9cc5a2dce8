import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createChangeStore } from "../../shared/adapters/tables/change-store.ts";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import { jsonProperties } from "../../shared/adapters/tables/json-property.ts";
import { sequenceKey } from "../../shared/adapters/tables/keys.ts";
import type { Change, ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { ChangeStore } from "../../shared/ports/change-store.ts";
import { startTables, type LocalTables } from "../support/azurite.ts";
import { anItem, PLAN } from "../support/change-world.ts";
import { ADA, EVA } from "../support/memory-world.ts";

const NOW = "2026-11-24T09:00:00.000Z";
const id = (n: number): ChangeId => n.toString(16).padStart(32, "0") as ChangeId;
const aChange = (n: number, changes: Partial<Change> = {}): Change => ({
  id: id(n),
  askedBy: EVA.key,
  account: EVA.dailyAccount,
  askedAt: NOW,
  because: "a test",
  body: { kind: "wave", planId: PLAN, wave: 1, items: 2 },
  ...changes,
});
const REQUESTED: ChangeState = { status: "Requested", since: NOW, until: NOW };

describe("the table of changes", () => {
  let service: LocalTables;
  let store: ChangeStore;
  let changes: Tables["changes"];
  beforeAll(async () => {
    service = await startTables();
    const tables = createTables({ connectionString: service.connectionString });
    await tables.ensureTables();
    store = createChangeStore(tables);
    changes = tables.changes;
  });
  afterAll(() => service.stop());

  it("keeps a change with its items in order, and only the first of the same id", async () => {
    const items = Array.from({ length: 250 }, (_, n) => anItem(ADA, { holder: `holder ${n}` }));
    await store.ask(aChange(1), items);
    await store.ask(aChange(1, { because: "another" }), []);
    expect(await store.load(id(1))).toEqual({ change: aChange(1), row: undefined, frozen: undefined, verdicts: [] });
    expect(await store.items(id(1))).toEqual(items);
    expect(await store.load(id(99))).toBeUndefined();
  });

  it("writes the state only over the one that was read", async () => {
    await store.ask(aChange(2), []);
    expect(await store.putState(id(2), REQUESTED, undefined)).toBe(true);
    expect(await store.putState(id(2), REQUESTED, undefined)).toBe(false);
    const record = await store.load(id(2));
    expect(record?.row?.state).toEqual(REQUESTED);
    expect(await store.putState(id(2), { ...REQUESTED, since: "later" }, record?.row?.etag)).toBe(true);
    expect(await store.putState(id(2), REQUESTED, record?.row?.etag)).toBe(false);
  });

  it("keeps what is sealed, each under its key, and the last of it", async () => {
    await store.ask(aChange(3), []);
    await store.freeze(id(3), { body: "frozen", mac: "1" });
    await store.keepVerdict(id(3), "nonce-_1", { body: "verdict", mac: "2" });
    await store.putProgress(id(3), [
      { n: 1, body: "one", mac: "3" },
      { n: 2, body: "two", mac: "4" },
    ]);
    await store.putProgress(id(3), [{ n: 1, body: "one again", mac: "5" }]);
    expect(await store.load(id(3))).toMatchObject({
      frozen: { body: "frozen", mac: "1" },
      verdicts: [{ body: "verdict", mac: "2" }],
    });
    expect(await store.progress(id(3), 1)).toEqual({ body: "one again", mac: "5" });
    expect(await store.progress(id(3), 3)).toBeUndefined();
    expect((await store.allProgress(id(3))).map(({ body }) => body)).toEqual(["one again", "two"]);
  });

  it("keeps what a reviewer signed apart from what they go on editing", async () => {
    const keep = { choice: "keep", reason: "on call", about: "ada" } as const;
    const remove = { choice: "remove", reason: "", about: "eva" } as const;
    await store.keepAnswers(id(9), 2, { 1: keep });
    await store.keepAnswers(id(9), 2, { 1: keep }, "digest");
    await store.keepAnswers(id(9), 2, { 1: remove, 250: keep });
    expect(await store.answers(id(9), 2, "digest")).toEqual({ 1: keep });
    expect(await store.answers(id(9), 2)).toEqual({ 1: remove, 250: keep });
    expect(await store.answers(id(9), 1)).toEqual({});
  });

  const holders = async (n: number, from?: number, count?: number) =>
    (await store.items(id(n), from, count)).map(({ holder }) => Number(holder));
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const numbered = (from: number, to: number) => range(from, to).map((n) => anItem(ADA, { holder: `${n}` }));

  it("keeps any number of items in order, read whole or from anywhere, also put again", async () => {
    await store.putItems(id(11), 1, numbered(1, 1_000));
    await store.putItems(id(11), 501, numbered(501, 1_000));
    await store.putItems(id(11), 1_001, numbered(1_001, 1_013));
    expect(await holders(11)).toEqual(range(1, 1_013));
    expect(await holders(11, 499, 4)).toEqual(range(499, 502));
    expect(await holders(11, 1_012, 100)).toEqual(range(1_012, 1_013));
    await expect(store.putItems(id(11), 1_014, numbered(1_014, 1_014))).rejects.toThrow(RangeError);
  });

  it("reads items that stand in a row each, as they once did", async () => {
    await changes.put(
      numbered(1, 12).map((item, index) => ({
        partitionKey: `${id(12)}-${sequenceKey(1)}`,
        rowKey: `item-${sequenceKey(index + 1)}`,
        ...jsonProperties("json", item),
      })),
    );
    expect(await holders(12)).toEqual(range(1, 12));
    expect(await holders(12, 9, 2)).toEqual([9, 10]);
  });

  it("reads each number once where an opening that died left a row for each item, and no more than a row holds", async () => {
    const place = (n: number, json: unknown) => ({
      partitionKey: `${id(15)}-${sequenceKey(1)}`,
      rowKey: `item-${sequenceKey(n)}`,
      ...jsonProperties("json", json),
    });
    await changes.put(range(1, 15).map((n) => place(n, anItem(ADA, { holder: `${-n}` }))));
    await store.putItems(id(15), 1, numbered(1, 13));
    expect(await holders(15, 1, 13)).toEqual(range(1, 13));
    expect(await holders(15, 9, 3)).toEqual([9, 10, 11]);
    await changes.put([place(1, [null, 7, ...numbered(1_003, 1_300)])]);
    expect(await holders(15, 1, 13)).toEqual([...range(1_003, 1_010), 11, 12, 13]);
  });

  it("keeps the progress of any number of items in order, read whole or from anywhere", async () => {
    const count = 1_203;
    const rows = Array.from({ length: count }, (_, index) => ({ n: index + 1, body: `${index + 1}`, mac: "m" }));
    await store.putProgress(id(8), rows);
    const numbers = async (from?: number, some?: number) =>
      (await store.allProgress(id(8), from, some)).map(({ body }) => Number(body));
    expect(await numbers()).toEqual(range(1, count));
    expect(await numbers(499, 4)).toEqual(range(499, 502));
    expect(await numbers(501, 500)).toEqual(range(501, 1_000));
    expect(await numbers(1_200, 100)).toEqual(range(1_200, count));
    expect(await store.load(id(8))).toBeUndefined();
  });

  it("keeps what items begin with together, and what is put of one later counts instead", async () => {
    const begun = range(1, 25).map((n) => ({ n, body: `begun ${n}`, mac: "m" }));
    await store.putProgress(id(13), [{ n: 24, body: "later 24", mac: "m" }]);
    await store.beginProgress(id(13), begun);
    await store.putProgress(id(13), [{ n: 3, body: "later 3", mac: "m" }]);
    await store.beginProgress(id(13), begun.slice(20));
    const expected = begun.map(({ n, body }) => (n === 3 || n === 24 ? `later ${n}` : body));
    expect((await store.allProgress(id(13))).map(({ body }) => body)).toEqual(expected);
    expect((await store.allProgress(id(13), 3, 9)).map(({ body }) => body)).toEqual(expected.slice(2, 11));
    expect(await Promise.all([3, 12, 24, 26].map((n) => store.progress(id(13), n)))).toEqual([
      { body: "later 3", mac: "m" },
      { body: "begun 12", mac: "m" },
      { body: "later 24", mac: "m" },
      undefined,
    ]);
    await expect(store.beginProgress(id(13), begun.slice(1))).rejects.toThrow(RangeError);
  });

  it("reads what was put later also where nothing was of the stretches before", async () => {
    const begun = range(1, 1_100).map((n) => ({ n, body: `begun ${n}`, mac: "m" }));
    await store.beginProgress(id(16), begun);
    await store.putProgress(id(16), [{ n: 1_050, body: "later 1050", mac: "m" }]);
    const read = (await store.allProgress(id(16))).map(({ body }) => body);
    expect(read).toEqual(begun.map(({ n, body }) => (n === 1_050 ? "later 1050" : body)));
  });

  it("reads progress that somebody else wrote as what has no seal", async () => {
    const row = { partitionKey: `${id(14)}-${sequenceKey(1)}`, rowKey: `begun-${sequenceKey(1)}` };
    await changes.put([{ ...row, ...jsonProperties("json", [null, 7, { body: "b" }, { body: 1, mac: ["m"] }]) }]);
    const none = { body: "", mac: "" };
    expect(await store.allProgress(id(14))).toEqual([none, none, { body: "b", mac: "" }, none]);
  });

  it("keeps what is known of a stretch of items, and nothing of the next", async () => {
    const deeds = { readAt: NOW, activities: [{ name: "Update user", count: 2 }], more: false, looked: 1, of: 1 };
    await store.keepDeeds(id(10), 1, { next: 3, of: { 1: deeds, 2: null } });
    await store.keepDeeds(id(10), 1, { next: 4, of: { 1: deeds, 2: null } });
    expect(await store.deeds(id(10), 500)).toEqual({ next: 4, of: { 1: deeds, 2: null } });
    expect(await store.deeds(id(10), 501)).toBeUndefined();
    expect(await store.allProgress(id(10))).toEqual([]);
  });

  it("keeps what is to be signed under its digest", async () => {
    const text = JSON.stringify(Array.from({ length: 400 }, (_, n) => ({ review: id(n), slot: n })));
    await store.keepParts(id(11), "digest", text);
    expect(await store.parts(id(11), "digest")).toBe(text);
    expect(await store.parts(id(11), "another")).toBeUndefined();
    expect(await store.parts(id(12), "digest")).toBeUndefined();
  });

  it("keeps the first claim of a mail, until it is replaced or given up", async () => {
    const [one, other] = [
      { body: "one", mac: "1" },
      { body: "other", mac: "2" },
    ];
    expect(await store.claimMail(id(13), "first-eva.marek", one)).toEqual(one);
    expect(await store.claimMail(id(13), "first-eva.marek", other)).toEqual(one);
    expect(await store.claimMail(id(13), "reminder-eva.marek", other)).toEqual(other);
    expect(await store.claimMail(id(14), "first-eva.marek", other)).toEqual(other);
    await store.putMailClaim(id(13), "first-eva.marek", other);
    expect(await store.mailClaim(id(13), "first-eva.marek")).toEqual(other);
    expect(await store.mailClaim(id(13), "escalation-eva.marek")).toBeUndefined();
    expect(await store.claimMail(id(13), "first-eva.marek", one)).toEqual(other);
    await store.dropMailClaim(id(13), "first-eva.marek", one); // not the one that stands
    expect(await store.mailClaim(id(13), "first-eva.marek")).toEqual(other);
    for (let times = 0; times < 2; times += 1) await store.dropMailClaim(id(13), "first-eva.marek", other);
    expect(await store.claimMail(id(13), "first-eva.marek", one)).toEqual(one);
  });

  it("finds the changes about the same wave, the newest first, and no others", async () => {
    const body = { kind: "wave", planId: "b".repeat(64), wave: 2, items: 1 } as const;
    await store.ask(aChange(4, { body }), []);
    await store.ask(aChange(5, { body: { ...body, kind: "rollback" }, askedAt: "2026-11-24T10:00:00.000Z" }), []);
    await store.ask(aChange(6, { body: { ...body, wave: 3 } }), []);
    expect(await store.about(`${"b".repeat(64)}-2`)).toEqual([id(5), id(4)]);
  });

  it("gives a lock to one at a time, and back only from its holder", async () => {
    expect(await store.lock("standing", id(7))).toBe(id(7));
    expect(await store.lock("standing", id(8))).toBe(id(7));
    await store.unlock("standing", id(8));
    expect(await store.lock("standing", id(8))).toBe(id(7));
    await store.unlock("standing", id(7));
    expect(await store.lock("standing", id(8))).toBe(id(8));
  });

  it("is not confused by rows that somebody else wrote", async () => {
    await store.ask(aChange(9), []);
    await store.freeze(id(9), { body: "{", mac: "" });
    expect((await store.load(id(9)))?.frozen).toEqual({ body: "{", mac: "" });
  });

  it("keeps whom somebody answers for page by page, and forgets those of an opening that died", async () => {
    await store.keepShare(id(80), ADA.key, [1, 3], true);
    await store.keepShare(id(80), ADA.key, [501], false);
    await store.keepShare(id(80), "", [2], true);
    expect(await store.share(id(80), ADA.key)).toEqual([1, 3, 501]);
    await store.keepShare(id(80), ADA.key, [2], true);
    expect(await store.share(id(80), ADA.key)).toEqual([2]);
    expect(await store.share(id(80), "")).toEqual([2]);
  });
});
