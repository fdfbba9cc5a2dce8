import { TableClient, TableServiceClient, type TableEntityResult } from "@azure/data-tables";
import type { Stack } from "../../local/stack/stack.ts";

/** A row as somebody with the storage key sees it. */
export type RawRow = TableEntityResult<Record<string, unknown>>;

const INSECURE = { allowInsecureConnection: true };

const clientOf = ({ addresses }: Stack, table: string): TableClient =>
  TableClient.fromConnectionString(addresses.storage, table, INSECURE);

/** All rows of a table, or of one partition, in key order. */
export async function storedRows(stack: Stack, table: string, partition?: string): Promise<RawRow[]> {
  const filter = partition === undefined ? {} : { queryOptions: { filter: `PartitionKey eq '${partition}'` } };
  const rows: RawRow[] = [];
  for await (const row of clientOf(stack, table).listEntities(filter)) rows.push(row);
  return rows;
}

/** Every row of every table, with the ETags: two dumps are equal only if nothing was written in between. */
export async function dumpTables(stack: Stack): Promise<Readonly<Record<string, readonly RawRow[]>>> {
  const dump: Record<string, readonly RawRow[]> = {};
  const service = TableServiceClient.fromConnectionString(stack.addresses.storage, INSECURE);
  for await (const { name } of service.listTables()) if (name !== undefined) dump[name] = await storedRows(stack, name);
  return dump;
}

/** What the app keeps as JSON in properties `name`, `name1`, `name2`…. */
export function jsonOf(row: Readonly<Record<string, unknown>>, name = "json"): unknown {
  let text = "";
  for (let index = 0; ; index++) {
    const piece = row[index === 0 ? name : `${name}${index}`];
    if (typeof piece !== "string") break;
    text += piece;
  }
  return JSON.parse(text);
}

/** Writes a row over whatever stands there: what somebody with the storage key can do. */
export async function overwriteRow(
  stack: Stack,
  table: string,
  row: { readonly partitionKey: string; readonly rowKey: string } & Readonly<Record<string, unknown>>,
): Promise<void> {
  await clientOf(stack, table).upsertEntity(row, "Replace");
}

export async function deleteRow(stack: Stack, table: string, partitionKey: string, rowKey: string): Promise<void> {
  await clientOf(stack, table).deleteEntity(partitionKey, rowKey);
}
