import { odata } from "@azure/data-tables";
import { chunks } from "../../domain/chunks.ts";
import { parseActivationId, type PersonKey } from "../../domain/ids.ts";
import type { Change, ChangeId, ChangeItem, ChangeState } from "../../domain/change.ts";
import {
  DEEDS_STRETCH as STRETCH,
  ITEMS_TOGETHER,
  subjectOf,
  type AnswerSheet,
  type ChangeStore,
  type DeedsSheet,
} from "../../ports/change-store.ts";
import { rowOfSealed, sealedOf, sealedOfRow } from "./activation-rows.ts";
import { jsonProperties, readForeignJson, readJson } from "./json-property.ts";
import { encodeKey, newestFirstKey, sequenceKey } from "./keys.ts";
import { all, type Row, type StoredRow } from "./table.ts";
import type { Tables } from "./tables.ts";

const VERDICT = "verdict-";
const ITEM = "item-";
const PROGRESS = "progress-";
const BEGUN = "begun-";
const DEEDS = "deeds";
const ANSWERS_IN_A_ROW = 100;

const stretchOf = (id: ChangeId, n: number): string => `${id}-${sequenceKey(Math.floor((n - 1) / STRETCH) + 1)}`;
const answersOf = (id: ChangeId, slot: number, signed: string): string =>
  `${id}-answers-${sequenceKey(slot)}-${signed || "open"}`;

const partsOf = (id: ChangeId): string => `${id}-parts`;
const mailsOf = (campaign: ChangeId): string => `${campaign}-mails`;
const shareOf = (id: ChangeId, of: PersonKey | ""): string => `${id}-share-${encodeKey(of)}`;

/**
 * `changes`: partition change id with the rows `change`, `state`, `frozen`, `verdict-…`; partitions of it with a stretch
 * of `item-…` and `begun-…` (several items each), `progress-…` and one row of `deeds` each, one with the answers of each
 * reviewer and one with the numbers of the items that each answers for; one with what sign-ins are to cover, one with the
 * mails that a campaign's reviews claimed to send; beside them what changes are about (`about-…`) and one row per lock.
 * @throws DependencyError
 */
export function createChangeStore({ changes }: Pick<Tables, "changes">): ChangeStore {
  /** Without a count: up to the first stretch that has none. */
  async function numbered(id: ChangeId, prefix: string, from = 1, count = Infinity): Promise<readonly StoredRow[]> {
    const found: StoredRow[] = [];
    for (let n = from; n < from + count; n += STRETCH - ((n - 1) % STRETCH)) {
      const last = Math.min(from + count, n + STRETCH - ((n - 1) % STRETCH));
      const [first, end] = [`${prefix}${sequenceKey(n)}`, `${prefix}${sequenceKey(last)}`];
      const keys = odata`PartitionKey eq ${stretchOf(id, n)} and RowKey ge ${first} and RowKey lt ${end}`;
      const rows = await all(changes.query(keys));
      if (rows.length === 0 && count === Infinity) break;
      found.push(...rows);
    }
    return found;
  }
  /** Several to a row, whose key has the number of the first. */
  async function putTogether(id: ChangeId, prefix: string, first: number, values: readonly object[]): Promise<void> {
    if ((first - 1) % ITEMS_TOGETHER !== 0) throw new RangeError(`no row of items begins with number ${first}`);
    await changes.put(
      chunks(values, ITEMS_TOGETHER).map((some, index) => {
        const n = first + index * ITEMS_TOGETHER;
        return {
          partitionKey: stretchOf(id, n),
          rowKey: `${prefix}${sequenceKey(n)}`,
          ...jsonProperties("json", some),
        };
      }),
    );
  }
  /**
   * As somebody wrote them: nobody has looked whether they are what was put. Of several that say something of the same number
   * the row that begins first counts: the others were left by an opening that died while each item had a row of its own.
   */
  async function together(id: ChangeId, prefix: string, from = 1, count = Infinity): Promise<readonly Numbered[]> {
    const before = (from - 1) % ITEMS_TOGETHER;
    const rows = await numbered(id, prefix, from - before, count + before);
    const found = new Map<number, Numbered>();
    for (const one of rows.flatMap((row) => valuesOf(row, prefix)))
      if (one.n >= from && one.n < from + count && !found.has(one.n)) found.set(one.n, one);
    return [...found.values()].toSorted((a, b) => a.n - b.n);
  }
  const putItems = (id: ChangeId, first: number, items: readonly ChangeItem[]): Promise<void> =>
    putTogether(id, ITEM, first, items);

  return {
    ask: async (change, items) => {
      const { id, askedAt } = change;
      await putItems(id, 1, items);
      await changes.insert({ partitionKey: id, rowKey: "change", ...jsonProperties("json", change) });
      await changes.insert({
        partitionKey: aboutPartition(subjectOf(change)),
        rowKey: `${newestFirstKey(askedAt)}-${id}`,
      });
    },
    load: async (id) => {
      const rows = await changes.partition(id);
      const asked = rows.find(({ rowKey }) => rowKey === "change");
      const change = asked && (readForeignJson(asked, "json") as Change | undefined);
      if (change?.id !== id) return undefined;
      const state = rows.find(({ rowKey }) => rowKey === "state");
      const frozen = rows.find(({ rowKey }) => rowKey === "frozen");
      return {
        change,
        row: state && { state: readJson(state, "json") as ChangeState, etag: state.etag },
        frozen: frozen && sealedOfRow(frozen),
        verdicts: rows.filter(({ rowKey }) => rowKey.startsWith(VERDICT)).map(sealedOfRow),
      };
    },
    putState: async (id, state, etag) => {
      const row: Row = { partitionKey: id, rowKey: "state", ...jsonProperties("json", state) };
      if (etag === undefined) return (await changes.insert(row)) === undefined;
      return (await changes.transact([["update", row, "Replace", { etag }]])) !== undefined;
    },
    // Put, not inserted: a forged row in its place must not keep a true one out.
    freeze: (id, frozen) => changes.put([rowOfSealed(id, "frozen", frozen)]),
    frozen: async (id) => {
      const row = await changes.get(id, "frozen");
      return row && sealedOfRow(row);
    },
    keepVerdict: (id, key, verdict) => changes.put([rowOfSealed(id, `${VERDICT}${key}`, verdict)]),
    putItems,
    items: async (id, from, count) =>
      (await together(id, ITEM, from, count)).flatMap(({ value }) =>
        typeof value === "object" && value !== null ? [value as ChangeItem] : [],
      ),
    keepShare: async (id, of, numbers, begins) => {
      const partitionKey = shareOf(id, of);
      const before = begins ? await changes.partition(partitionKey) : [];
      await changes.remove(
        partitionKey,
        before.map(({ rowKey }) => rowKey),
      );
      await changes.put([{ partitionKey, rowKey: sequenceKey(numbers[0] ?? 0), ...jsonProperties("json", numbers) }]);
    },
    share: async (id, of) =>
      (await changes.partition(shareOf(id, of))).flatMap(
        (row) => (readForeignJson(row, "json") as readonly number[] | undefined) ?? [],
      ),
    beginProgress: (id, rows) =>
      putTogether(
        id,
        BEGUN,
        rows[0]?.n ?? 1,
        rows.map(({ body, mac }) => ({ body, mac })),
      ),
    progress: async (id, n) => {
      const row = await changes.get(stretchOf(id, n), `${PROGRESS}${sequenceKey(n)}`);
      if (row) return sealedOfRow(row);
      const [begun] = await together(id, BEGUN, n, 1);
      return begun && sealedOf(begun.value);
    },
    allProgress: async (id, from, count) => {
      const begun = (await together(id, BEGUN, from, count)).map(({ n, value }) => [n, sealedOf(value)] as const);
      const last = begun.at(-1)?.[0];
      const upTo = count ?? (last === undefined ? undefined : last + 1 - (from ?? 1)); // a stretch may have none of later
      const later = (await numbered(id, PROGRESS, from, upTo)).map(
        (row) => [numberOf(row, PROGRESS), sealedOfRow(row)] as const,
      );
      return [...new Map([...begun, ...later])].toSorted(([a], [b]) => a - b).map(([, sealed]) => sealed);
    },
    answers: async (id, slot, signed = "") =>
      Object.assign(
        {},
        ...(await changes.partition(answersOf(id, slot, signed))).map((row) => readForeignJson(row, "json") ?? {}),
      ) as AnswerSheet,
    keepAnswers: (id, slot, answers, signed = "") => {
      const pages = Map.groupBy(Object.entries(answers), ([n]) => Math.floor((Number(n) - 1) / ANSWERS_IN_A_ROW) + 1);
      return changes.put(
        [...pages].map(([page, entries]) => ({
          partitionKey: answersOf(id, slot, signed),
          rowKey: sequenceKey(page),
          ...jsonProperties("json", Object.fromEntries(entries)),
        })),
      );
    },
    keepParts: (id, digest, text) =>
      changes.put([{ partitionKey: partsOf(id), rowKey: digest, ...jsonProperties("json", text) }]),
    parts: async (id, digest) => {
      const row = await changes.get(partsOf(id), digest);
      const text = row && readForeignJson(row, "json");
      return typeof text === "string" ? text : undefined;
    },
    claimMail: async (campaign, key, claim) => {
      const taken = await changes.insert(rowOfSealed(mailsOf(campaign), encodeKey(key), claim));
      return taken ? sealedOfRow(taken) : claim;
    },
    mailClaim: async (campaign, key) => {
      const row = await changes.get(mailsOf(campaign), encodeKey(key));
      return row && sealedOfRow(row);
    },
    putMailClaim: (campaign, key, claim) => changes.put([rowOfSealed(mailsOf(campaign), encodeKey(key), claim)]),
    dropMailClaim: async (campaign, key, claim) => {
      const row = await changes.get(mailsOf(campaign), encodeKey(key));
      const stands = row && sealedOfRow(row);
      if (stands && stands.body === claim.body && stands.mac === claim.mac) await changes.removeUnchanged(row);
    },
    putProgress: (id, rows) =>
      changes.put(
        rows.map(({ n, ...sealed }) => rowOfSealed(stretchOf(id, n), `${PROGRESS}${sequenceKey(n)}`, sealed)),
      ),
    deeds: async (id, n) => {
      const row = await changes.get(stretchOf(id, n), DEEDS);
      return row && (readForeignJson(row, "json") as DeedsSheet | undefined);
    },
    keepDeeds: (id, n, sheet) =>
      changes.put([{ partitionKey: stretchOf(id, n), rowKey: DEEDS, ...jsonProperties("json", sheet) }]),
    about: async (subject) =>
      (await changes.partition(aboutPartition(subject))).flatMap(({ rowKey }) => {
        const id = parseActivationId(rowKey.split("-")[1] ?? "");
        return id ? [id] : [];
      }),
    lock: async (name, id) => {
      const taken = await changes.insert({ partitionKey: "lock", rowKey: encodeKey(name), holder: id });
      return taken ? (parseActivationId(String(taken["holder"])) ?? id) : id;
    },
    unlock: async (name, id) => {
      const row = await changes.get("lock", encodeKey(name));
      if (row?.["holder"] === id) await changes.removeUnchanged(row);
    },
  };
}

interface Numbered {
  readonly n: number;
  readonly value: unknown;
}

const numberOf = (row: StoredRow, prefix: string): number => Number(row.rowKey.slice(prefix.length));

/** A row holds several values from the number in its key on; one of before that was so, a single one. */
const valuesOf = (row: StoredRow, prefix: string): readonly Numbered[] =>
  [readForeignJson(row, "json")]
    .flat()
    .slice(0, ITEMS_TOGETHER)
    .map((value, index) => ({ n: numberOf(row, prefix) + index, value }));

const aboutPartition = (subject: string): string => `about-${encodeKey(subject)}`;
