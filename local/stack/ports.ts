import { createServer, type AddressInfo } from "node:net";
import { connectionStringOf } from "../broker/connection-string.ts";
import type { StackAddresses } from "../service.ts";

/** In the order of the ports from `--port-base`. */
const SERVERS = [
  "app",
  "graph",
  "login",
  "servicenow",
  "jira",
  "mailbox",
  "control",
  "table",
  "blob",
  "broker",
  "worker",
  "sweeper",
  "azure",
  "queue",
] as const;

export type StackPorts = Readonly<Record<(typeof SERVERS)[number], number>>;

/** How far each port is from the base, which is the app's. */
export const PORT_OFFSETS = Object.fromEntries(SERVERS.map((name, index) => [name, index])) as StackPorts;

/** Ports from a base, or free ones. */
export async function choosePorts(base: number | undefined): Promise<StackPorts> {
  const ports = base === undefined ? await freePorts(SERVERS.length) : SERVERS.map((_, index) => base + index);
  return Object.fromEntries(SERVERS.map((name, index) => [name, ports[index]])) as StackPorts;
}

/** All are held until all are known, so that none is given twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export const STORAGE_ACCOUNT = "zerostanding";

/** Keys that are part of a connection string. */
export interface AddressKeys {
  readonly storage: string;
  readonly serviceBus: string;
}

/** `hasQueues`: the storage answers for queues too, which only the real Functions host wants. */
export function addressesOf(ports: StackPorts, keys: AddressKeys, hasQueues = false): StackAddresses {
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  return {
    app: at(ports.app),
    graph: at(ports.graph),
    login: at(ports.login),
    servicenow: at(ports.servicenow),
    jira: at(ports.jira),
    mailbox: at(ports.mailbox),
    azure: at(ports.azure),
    control: at(ports.control),
    storage:
      `DefaultEndpointsProtocol=http;AccountName=${STORAGE_ACCOUNT};AccountKey=${keys.storage};` +
      `BlobEndpoint=${at(ports.blob)}/${STORAGE_ACCOUNT};TableEndpoint=${at(ports.table)}/${STORAGE_ACCOUNT};` +
      (hasQueues ? `QueueEndpoint=${at(ports.queue)}/${STORAGE_ACCOUNT};` : ""),
    serviceBus: connectionStringOf(ports.broker, keys.serviceBus),
  };
}
