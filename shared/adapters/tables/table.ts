import { odata, type TableClient, type TransactionAction } from "@azure/data-tables";
import { guarded, unlessStatus } from "./table-error.ts";

export interface Row {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly [property: string]: unknown;
}
/** As read from the table. */
export type StoredRow = Row & { readonly etag: string };

/** Limits of an entity group transaction: 100 rows of one partition, 4 MiB; the rest is room for headers. */
const MOST_ACTIONS = 100;
const MOST_BYTES = 3_500_000;

/** A row that stood in the way of an insert may be gone when it is looked at. */
const MOST_TRIES = 5;

/** One table, in the few ways in which it is used here. Everything throws `DependencyError` for faults of the service. */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<StoredRow | undefined>;
  /** In the order of partition and row keys, over all pages. The filter is made with `odata`; `""` is everything. */
  query(filter: string, select?: readonly string[]): AsyncIterable<StoredRow>;
  partition(partitionKey: string): Promise<readonly StoredRow[]>;
  /**
   * Insert-only. Answers the row of somebody else that has the key already; `undefined`: ours is written. An insert that
   * the SDK repeated because its answer got lost is recognised as ours.
   */
  insert(row: Row): Promise<StoredRow | undefined>;
  /** All or nothing, in one partition. Answers the ETag of the first row; `undefined`: a row exists or was changed. */
  transact(actions: readonly TransactionAction[]): Promise<string | undefined>;
  /** Inserts or replaces rows of one partition, in as few requests as there can be. */
  put(rows: readonly Row[]): Promise<void>;
  /** Replaces a row that is still there. */
  replace(row: Row): Promise<void>;
  /** Deletes rows of one partition; what is gone already is no matter. */
  remove(partitionKey: string, rowKeys: readonly string[]): Promise<void>;
  /** Deletes the row unless it was changed since it was read. */
  removeUnchanged(row: StoredRow): Promise<void>;
  create(): Promise<void>;
}

/** The client is made when it is first used. */
export function tableOf(name: string, open: () => TableClient): Table {
  let opened: TableClient | undefined;
  const client = (): TableClient => (opened ??= open());

  const get = (partitionKey: string, rowKey: string): Promise<StoredRow | undefined> =>
    unlessStatus(name, [404], async () => (await client().getEntity(partitionKey, rowKey)) as unknown as StoredRow);

  async function* query(filter: string, select?: readonly string[]): AsyncGenerator<StoredRow> {
    const pages = client()
      .listEntities({ queryOptions: { ...(filter !== "" && { filter }), ...(select && { select: [...select] }) } })
      .byPage({ maxPageSize: 1_000 });
    for (;;) {
      const page = await guarded(name, () => pages.next());
      if (page.done) return;
      yield* page.value as unknown as StoredRow[];
    }
  }

  async function insert(row: Row): Promise<StoredRow | undefined> {
    const writer = crypto.randomUUID();
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (await unlessStatus(name, [409], () => client().createEntity({ ...row, writer }))) return undefined;
      const stored = await get(row.partitionKey, row.rowKey);
      if (stored) return stored["writer"] === writer ? undefined : stored;
    }
    throw new Error(`${name}: the row ${row.partitionKey}/${row.rowKey} comes and goes`);
  }

  async function transact(actions: readonly TransactionAction[]): Promise<string | undefined> {
    const answer = await unlessStatus(name, [409, 412], () => submit(client(), actions));
    return answer && (answer.etag ?? "");
  }

  async function remove(partitionKey: string, rowKeys: readonly string[]): Promise<void> {
    for (const keys of groups(rowKeys, (key) => key.length)) {
      const actions = keys.map((rowKey): TransactionAction => ["delete", { partitionKey, rowKey }]);
      const done = await unlessStatus(name, [404], () => submit(client(), actions));
      // One missing row fails the whole batch.
      if (!done && keys.length > 1) await Promise.all(keys.map((key) => remove(partitionKey, [key])));
    }
  }

  return {
    get,
    query,
    insert,
    transact,
    remove,
    partition: (partitionKey) => all(query(odata`PartitionKey eq ${partitionKey}`)),
    put: async (rows) => {
      for (const partition of Map.groupBy(rows, ({ partitionKey }) => partitionKey).values())
        for (const group of groups(partition, (row) => Buffer.byteLength(JSON.stringify(row)))) {
          const actions = group.map((row): TransactionAction => ["upsert", row, "Replace"]);
          await guarded(name, () => submit(client(), actions));
        }
    },
    replace: async (row) => {
      await unlessStatus(name, [404], () => client().updateEntity(row, "Replace"));
    },
    removeUnchanged: async ({ partitionKey, rowKey, etag }) => {
      await unlessStatus(name, [404, 412], () => client().deleteEntity(partitionKey, rowKey, { etag }));
    },
    create: () => guarded(name, () => client().createTable()),
  };
}

/** A batch of one is sent as what it is. */
async function submit(
  client: TableClient,
  actions: readonly TransactionAction[],
): Promise<{ readonly etag?: string | undefined }> {
  const [first] = actions;
  if (!first) return {};
  if (actions.length > 1) {
    const { subResponses } = await client.submitTransaction([...actions]);
    return { etag: subResponses[0]?.etag };
  }
  switch (first[0]) {
    case "create":
      return client.createEntity(first[1]);
    case "delete":
      await client.deleteEntity(first[1].partitionKey, first[1].rowKey);
      return {};
    case "update":
      return client.updateEntity(first[1], first[2], first[3]);
    case "upsert":
      return client.upsertEntity(first[1], first[2]);
  }
}

/** Groups that fit into one batch each. */
function groups<T>(items: readonly T[], bytesOf: (item: T) => number): readonly (readonly T[])[] {
  const result: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    const last = result.at(-1);
    if (last && last.length < MOST_ACTIONS && bytes + size <= MOST_BYTES) {
      last.push(item);
      bytes += size;
    } else {
      result.push([item]);
      bytes = size;
    }
  }
  return result;
}

/** Everything a query answers. */
export async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const result: T[] = [];
  for await (const item of items) result.push(item);
  return result;
}
