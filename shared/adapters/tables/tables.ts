import { TableClient, type TableServiceClientOptions } from "@azure/data-tables";
import type { TokenCredential } from "@azure/identity";
import { DependencyError } from "../../ports/dependency-error.ts";
import { tableOf, type Table } from "./table.ts";

type TableName =
  | "claims"
  | "activations"
  | "pending"
  | "audit"
  | "controls"
  | "holders"
  | "deliveries"
  | "checkpoints"
  | "changes"
  | "findings";

type TablesSettings =
  { readonly connectionString: string } | { readonly tableUrl: string; readonly credential: TokenCredential };

/** The app's tables. Clients are made when first used. */
export type Tables = Readonly<Record<TableName, Table>> & {
  /** Creates the tables that are missing. Once, at start. */
  ensureTables(): Promise<void>;
};

/** Short: whoever calls from a durable activity or a queue is run again anyway. */
const RETRIES = { maxRetries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 };

/**
 * Opens the tables of one storage account, with a connection string or with an identity.
 * `options.additionalPolicies` see every request, for counting and for tests.
 * @throws DependencyError `Misconfigured` for an address that is neither https nor http with a literal loopback address
 */
export function createTables(
  settings: TablesSettings,
  options: Pick<TableServiceClientOptions, "additionalPolicies"> = {},
): Tables {
  const clientOptions = { ...options, retryOptions: RETRIES, ...transportOf(addressOf(settings)) };
  const open = (name: TableName): Table =>
    tableOf(name, () =>
      "connectionString" in settings
        ? TableClient.fromConnectionString(settings.connectionString, name, clientOptions)
        : new TableClient(settings.tableUrl, name, settings.credential, clientOptions),
    );
  const tables: Record<TableName, Table> = {
    claims: open("claims"),
    activations: open("activations"),
    pending: open("pending"),
    audit: open("audit"),
    controls: open("controls"),
    holders: open("holders"),
    deliveries: open("deliveries"),
    checkpoints: open("checkpoints"),
    changes: open("changes"),
    findings: open("findings"),
  };
  return {
    ...tables,
    ensureTables: async () => {
      await Promise.all(Object.values(tables).map((table) => table.create()));
    },
  };
}

const addressOf = (settings: TablesSettings): string =>
  "connectionString" in settings
    ? TableClient.fromConnectionString(settings.connectionString, "any").url
    : settings.tableUrl;

function transportOf(address: string): { readonly allowInsecureConnection?: true } {
  const { protocol, hostname, host } = new URL(address);
  if (protocol === "https:") return {};
  const loopback = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname) || hostname === "[::1]";
  if (protocol === "http:" && loopback) return { allowInsecureConnection: true };
  throw new DependencyError("Misconfigured", `table storage: ${protocol}//${host} is not https`);
}
