import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseConfig } from "../../../local/broker/config/config-file.ts";
import { createBroker, type BrokerService, type BrokerServiceOptions } from "../../../local/broker/service.ts";
import { APPS, TENANT_ID } from "../../../local/seed.ts";
import type { Stack } from "../../../local/stack/stack.ts";
import { startStack } from "../../../local/supervisor.ts";
import { selfSigned } from "../../support/self-signed.ts";
import { writeTriggeredApp } from "../../support/triggered-app.ts";

/** Each identity may receive from one queue only. */
const CONFIG = parseConfig(
  JSON.stringify({
    UserConfig: { Namespaces: [{ Name: "ns", Queues: [{ Name: "own" }, { Name: "named" }] }] },
    Zs: {
      Access: [
        { Id: APPS.worker.clientId, Rights: ["Listen"], Entity: "own" },
        { Id: APPS.sweeper.clientId, Rights: ["Listen"], Entity: "named" },
      ],
    },
  }),
);

describe("a Service Bus trigger whose connection is an identity", () => {
  const directory = mkdtempSync(join(tmpdir(), "identities-"));
  const tls = selfSigned();
  const trusted = getCACertificates();
  let broker: BrokerService;
  let stack: Stack;

  const brokerWith = (more: Partial<BrokerServiceOptions>): BrokerService =>
    createBroker({ config: CONFIG, directory: join(directory, "broker"), port: 0, ...more });

  beforeAll(async () => {
    const authority = join(directory, "authority.pem");
    writeFileSync(authority, tls.cert);
    setDefaultCACertificates([...trusted, tls.cert]);
    vi.stubEnv("NODE_EXTRA_CA_CERTS", authority);
    // The identity provider's address is known once the stack has started, and the app needs the broker's before.
    const early = brokerWith({ tls });
    await early.start();
    const { host, port } = new URL(/sb:[^;]+/.exec(early.connectionString)?.[0].replace("sb", "http") ?? "");
    stack = await startStack({
      dataDirectory: join(directory, "stack"),
      only: ["world", "host"],
      appDirectory: writeTriggeredApp(directory),
      settings: {
        TRIGGERS: JSON.stringify([
          { name: "own", queueName: "own", connection: "Own" },
          { name: "named", queueName: "named", connection: "Named" },
        ]),
        Own__fullyQualifiedNamespace: host,
        Named__fullyQualifiedNamespace: host,
        Named__credential: "managedidentity",
        Named__clientId: APPS.sweeper.clientId,
      },
    });
    await early.stop();
    const login = `${stack.addresses.login}/${TENANT_ID}`;
    const issuer = { issuer: `${login}/v2.0`, jwksUrl: `${login}/discovery/v2.0/keys` };
    broker = brokerWith({ tls, issuer, port: Number(port) });
    await broker.start();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    setDefaultCACertificates(trusted);
    await stack.stop();
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const seen = async (): Promise<readonly string[]> => {
    const response = await fetch(`${stack.addresses.app}/api/seen`);
    return ((await response.json()) as { seen: { name: string }[] }).seen.map(({ name }) => name);
  };

  it("receives over TLS with a token of the app's own identity, or of the one it names", async () => {
    const client = new ServiceBusClient(broker.connectionString);
    for (const queue of ["own", "named"]) await client.createSender(queue).sendMessages({ body: "a" });
    await client.close();
    await expect.poll(seen, { timeout: 20_000, interval: 50 }).toHaveLength(2);
    expect((await seen()).toSorted()).toEqual(["named", "own"]);
  });
});
