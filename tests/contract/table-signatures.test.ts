import { AzureNamedKeyCredential, AzureSASCredential, generateTableSas, TableClient } from "@azure/data-tables";
import { beforeAll, describe, expect, it } from "vitest";
import { useStack } from "../support/stack.ts";

const OPTIONS = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
const ROW = { partitionKey: "a", rowKey: "there", text: "as it was" };

/** The signatures that a split app works with, against the local storage. */
describe("a table's shared access signature", () => {
  const stack = useStack({ only: ["storage"] });
  let whole: TableClient;

  beforeAll(async () => {
    whole = TableClient.fromConnectionString(stack().addresses.storage, "things", OPTIONS);
    await whole.createTable();
    await TableClient.fromConnectionString(stack().addresses.storage, "others", OPTIONS).createTable();
    await whole.createEntity(ROW);
  });

  function signed(permissions: Parameters<typeof generateTableSas>[2] & object, table = "things"): TableClient {
    const { storage } = stack().addresses;
    const [, account = ""] = /AccountName=([^;]+)/.exec(storage) ?? [];
    const [, key = ""] = /AccountKey=([^;]+)/.exec(storage) ?? [];
    const [, url = ""] = /TableEndpoint=([^;]+)/.exec(storage) ?? [];
    const sas = generateTableSas("things", new AzureNamedKeyCredential(account, key), {
      expiresOn: new Date("2099-01-01"),
      ...permissions,
    });
    return new TableClient(url, table, new AzureSASCredential(sas), OPTIONS);
  }

  const append = () => signed({ permissions: { query: true, add: true } });
  const statusOf = async (call: Promise<unknown>): Promise<number> =>
    call.then(
      () => 200,
      (error: unknown) => (error as { statusCode?: number }).statusCode ?? 0,
    );

  it("that may append adds rows, alone and in a transaction, and reads them", async () => {
    await append().createEntity({ partitionKey: "b", rowKey: "1" });
    await append().submitTransaction([
      ["create", { partitionKey: "b", rowKey: "2" }],
      ["create", { partitionKey: "b", rowKey: "3" }],
    ]);
    const read: unknown[] = [];
    for await (const row of append().listEntities({ queryOptions: { filter: "PartitionKey eq 'b'" } })) read.push(row);
    expect(read).toHaveLength(3);
  });

  it("that may append changes and removes nothing", async () => {
    const changed = { ...ROW, text: "forged" };
    expect(await statusOf(append().updateEntity(changed, "Replace"))).toBe(403);
    expect(await statusOf(append().upsertEntity(changed, "Merge"))).toBe(403);
    expect(await statusOf(append().deleteEntity("a", "there"))).toBe(403);
    expect((await whole.getEntity("a", "there"))["text"]).toBe("as it was");
  });

  it.each([
    ["replaces", ["upsert", { ...ROW, text: "forged" }, "Replace"]],
    ["merges", ["update", { ...ROW, text: "forged" }, "Merge"]],
    ["removes", ["delete", { partitionKey: "a", rowKey: "there" }]],
  ] as const)("that may append makes no transaction that also %s, not even a part of it", async (_what, step) => {
    const added = { partitionKey: "a", rowKey: "added" };
    expect(await statusOf(append().submitTransaction([["create", added], [...step]]))).toBe(403);
    expect((await whole.getEntity("a", "there"))["text"]).toBe("as it was");
    expect(await statusOf(whole.getEntity("a", "added"))).toBe(404);
  });

  it("that may read adds nothing", async () => {
    const read = signed({ permissions: { query: true } });
    expect((await read.getEntity("a", "there"))["text"]).toBe("as it was");
    expect(await statusOf(read.createEntity({ partitionKey: "c", rowKey: "1" }))).toBe(403);
    expect(await statusOf(read.submitTransaction([["create", { partitionKey: "c", rowKey: "1" }]]))).toBe(403);
  });

  it("is of no use at another table", async () => {
    const other = signed({ permissions: { query: true, add: true, update: true, delete: true } }, "others");
    expect(await statusOf(other.createEntity({ partitionKey: "c", rowKey: "1" }))).toBe(403);
    expect(await statusOf(other.submitTransaction([["create", { partitionKey: "c", rowKey: "1" }]]))).toBe(403);
  });
});
