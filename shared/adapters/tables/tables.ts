import { AzureSASCredential, TableClient, type TableServiceClientOptions } from "@azure/data-tables";
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
  | { readonly connectionString: string }
  | { readonly tableUrl: string; readonly credential: TokenCredential }
  /** One shared access signature per table that may be touched. */
  | { readonly tableUrl: string; readonly signatures: ReadonlyMap<string, string> };

/** The app's tables. Clients are made when first used. */
export type Tables = Readonly<Record<TableName, Table>> & {
  /** Creates the tables that are missing, where it may. Once, at start. */
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
  const open = (name: TableName): Table => tableOf(name, () => clientOf(settings, name, clientOptions));
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
      await Promise.all(Object.values(tables).map((table) => table.create().catch(unlessMayNot)));
    },
  };
}

function clientOf(settings: TablesSettings, name: TableName, options: TableServiceClientOptions): TableClient {
  if ("connectionString" in settings) return TableClient.fromConnectionString(settings.connectionString, name, options);
  if ("credential" in settings) return new TableClient(settings.tableUrl, name, settings.credential, options);
  const signature = settings.signatures.get(name);
  if (signature === undefined) throw new DependencyError("Misconfigured", `table storage, ${name}: no right to it`);
  return new TableClient(settings.tableUrl, name, new AzureSASCredential(signature), options);
}

/** Who may only use tables finds those that the deployment made; one that is missing is named when it is first used. */
function unlessMayNot(error: unknown): void {
  if (!(error instanceof DependencyError && error.code === "Misconfigured")) throw error;
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
