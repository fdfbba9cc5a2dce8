import { onClockSet } from "../clock.ts";
import type { ControlOperations, LocalService } from "../service.ts";
import { Door } from "./amqp/door.ts";
import { AmqpServer } from "./amqp/server.ts";
import { identityCheck, type TokenIssuer } from "./auth/identity.ts";
import { refused } from "./auth/grants.ts";
import { lenientNow } from "./auth/lenient-now.ts";
import { verifySas, type SasKey } from "./auth/sas.ts";
import { Broker } from "./broker.ts";
import type { BrokerConfig } from "./config/config-file.ts";
import { connectionStringOf, EMULATOR_KEY, ROOT_KEY } from "./connection-string.ts";
import { brokerControl } from "./control.ts";
import { Faults } from "./faults.ts";

export interface BrokerServiceOptions {
  readonly config: BrokerConfig;
  /** Where the journal lies; made if absent. */
  readonly directory: string;
  readonly port: number;
  readonly host?: string;
  /** The key of the whole namespace; the emulator's unless said otherwise. */
  readonly rootKey?: string;
  /** Whose tokens count; none unless said otherwise. */
  readonly issuer?: TokenIssuer;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly compactFromBytes?: number;
}

export interface BrokerService extends LocalService {
  /** With the key of the whole namespace; in the form of the official emulator unless it speaks TLS. Known once it has started. */
  readonly connectionString: string;
}

/** A Service Bus broker as a part of the local stack, or alone. See README.md. */
export function createBroker(options: BrokerServiceOptions): BrokerService {
  const { config, directory, port, host = "127.0.0.1", rootKey = EMULATOR_KEY, compactFromBytes } = options;
  const faults = new Faults();
  const broker = new Broker({
    settings: config.namespace,
    directory,
    failed: giveUp,
    ...(compactFromBytes === undefined ? {} : { compactFromBytes }),
  });
  const root: SasKey = { name: ROOT_KEY, key: rootKey, rights: ["Manage"], path: "" };
  const server = new AmqpServer({
    door: new Door(broker, faults),
    checkToken: tokenCheck(options, [root, ...config.keys]),
    host,
    port,
    ...(options.tls ? { tls: options.tls } : {}),
  });
  let listensOn = port;
  let forgetClock: (() => void) | undefined;
  return {
    name: "broker",
    control: brokerControl({ broker, server, faults }) satisfies ControlOperations,
    get connectionString() {
      return connectionStringOf(listensOn, rootKey, options.tls !== undefined);
    },
    start: async () => {
      const cutBytes = broker.open();
      if (cutBytes > 0) console.error(`the journal ended in an unfinished write: ${cutBytes} bytes were cut off`);
      listensOn = await server.listen();
      forgetClock = onClockSet(() => broker.tick());
    },
    settle: async () => {
      const wasDue = broker.tick();
      await broker.journal.durable();
      return wasDue;
    },
    stop: async () => {
      forgetClock?.();
      await server.close();
      await broker.close();
    },
  };
}

function tokenCheck({ config, issuer }: BrokerServiceOptions, keys: readonly SasKey[]) {
  const identity = issuer && identityCheck(issuer, config.access, config.namespace.name);
  return async (type: string, token: string, audience: string) => {
    if (type === "servicebus.windows.net:sastoken") return verifySas(token, audience, keys, lenientNow());
    if (type === "jwt" && identity) return identity(token, audience, Date.now());
    return refused(`InvalidToken: tokens of type ${type} are not accepted here`);
  };
}

/** After a failed write nobody knows what is on the disk: the next start reads it. */
function giveUp(error: Error): never {
  console.error(`the journal cannot be written: ${error.message}`);
  process.exit(1);
}
