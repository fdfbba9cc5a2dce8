import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AzureNamedKeyCredential, generateTableSas, TableServiceClient } from "@azure/data-tables";
import {
  AccountSASPermissions,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { parse } from "yaml";
import { z } from "zod";

/** The parts of a split app; each is a process with an identity of its own. */
export const APP_PARTS = ["front", "worker", "sweeper"] as const;
export type AppPartName = (typeof APP_PARTS)[number];

const Rights = z.object({
  graph: z.record(z.string(), z.string()),
  tables: z.record(z.string(), z.enum(["read", "append", "write"])),
  secrets: z.array(z.string()),
  signs: z.string().optional(),
  auditCopy: z.literal("append").optional(),
});
export type PartRights = z.infer<typeof Rights>;

/** What `infra/permissions.yaml` of the app says that each part may do. */
export function readRights(appDirectory: string): Readonly<Record<AppPartName, PartRights>> {
  const text = readFileSync(join(appDirectory, "infra", "permissions.yaml"), "utf8");
  return z.object({ parts: z.record(z.enum(APP_PARTS), Rights) }).parse(parse(text)).parts;
}

const SAS = {
  read: { query: true },
  append: { query: true, add: true },
  write: { query: true, add: true, update: true, delete: true },
};
/** Long enough for every clock that a test moves. */
const SAS_END = new Date("2099-12-31T00:00:00Z");

/** Where the tables are, with the account's key. */
export interface TableStorage {
  readonly account: string;
  readonly key: string;
  readonly tableUrl: string;
}

/** Makes the tables, as a deployment does: no part may. */
export async function makeTables(
  rights: Readonly<Record<AppPartName, PartRights>>,
  { account, key, tableUrl }: TableStorage,
): Promise<void> {
  const client = new TableServiceClient(tableUrl, new AzureNamedKeyCredential(account, key), {
    allowInsecureConnection: true,
  });
  const tables = new Set(Object.values(rights).flatMap((one) => Object.keys(one.tables)));
  await Promise.all([...tables].map((table) => client.createTable(table)));
}

/** A setting with one shared access signature per table, no better than the right. */
function signatures({ tables }: PartRights, account: string, key: string): string {
  const credential = new AzureNamedKeyCredential(account, key);
  const sign = (table: string, level: keyof typeof SAS): string =>
    generateTableSas(table, credential, { permissions: SAS[level], expiresOn: SAS_END });
  return Object.entries(tables)
    .map(([table, level]) => `${table}?${sign(table, level)}`)
    .join(",");
}

/**
 * The settings of one part of the app, out of those of the whole: without the secrets of the others, and with its tables
 * only.
 */
export function partSettings(
  part: AppPartName,
  whole: Readonly<Record<string, string>>,
  {
    rights,
    storage,
  }: {
    readonly rights: Readonly<Record<AppPartName, PartRights>>;
    readonly storage: TableStorage;
  },
): Record<string, string> {
  const secretsOf = ({ secrets, signs, auditCopy }: PartRights): readonly string[] => [
    ...secrets,
    ...(signs === undefined ? [] : [`${signs.toUpperCase()}_KEY`]),
    ...(auditCopy === undefined ? [] : ["AUDIT_COPY_CONNECTION"]),
  ];
  const own = secretsOf(rights[part]);
  const foreign = new Set(
    Object.values(rights)
      .flatMap(secretsOf)
      .filter((name) => !own.includes(name)),
  );
  const kept = Object.entries(whole).filter(([name]) => !foreign.has(name) && name !== "STORAGE_CONNECTION");
  return {
    ...Object.fromEntries(kept),
    APP_PART: part,
    STORAGE_TABLE_URL: storage.tableUrl,
    STORAGE_TABLE_SAS: signatures(rights[part], storage.account, storage.key),
  };
}

/** A connection that adds to blobs and reads them, and cannot overwrite, delete, or touch a table. */
export function appendOnly(connection: string): string {
  const part = (name: string): string => new RegExp(`${name}=([^;]+)`).exec(connection)?.[1] ?? "";
  const credential = new StorageSharedKeyCredential(part("AccountName"), part("AccountKey"));
  const signature = generateAccountSASQueryParameters(
    {
      expiresOn: SAS_END,
      permissions: AccountSASPermissions.parse("rlac"),
      resourceTypes: "sco",
      services: "b",
    },
    credential,
  ).toString();
  return `BlobEndpoint=${part("BlobEndpoint")};SharedAccessSignature=${signature}`;
}
