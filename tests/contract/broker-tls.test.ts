import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../local/broker/config/config-file.ts";
import { createBroker, type BrokerService } from "../../local/broker/service.ts";
import { selfSigned } from "../support/self-signed.ts";
import { aMessage, receiveOne } from "../support/service-bus.ts";

const CONFIG = { UserConfig: { Namespaces: [{ Name: "ns", Queues: [{ Name: "q" }] }] } };

describe("the broker over TLS", () => {
  const directory = mkdtempSync(join(tmpdir(), "broker-tls-"));
  const authority = selfSigned();
  const trusted = getCACertificates();
  let broker: BrokerService;

  beforeAll(async () => {
    broker = createBroker({ config: parseConfig(JSON.stringify(CONFIG)), directory, port: 0, tls: authority });
    await broker.start();
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await broker.stop();
    rmSync(directory, { recursive: true });
  });

  it("gives a connection string as Azure's, without the emulator's mark", () => {
    expect(broker.connectionString).toMatch(
      /^Endpoint=sb:\/\/localhost:\d+;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;$/,
    );
  });

  it("is not talked to by a client that does not trust its certificate", async () => {
    const client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0 } });
    await expect(client.createSender("q").sendMessages(aMessage())).rejects.toThrow(/self-signed certificate/);
    await client.close();
  });

  it("serves the unmodified client, which speaks TLS unless told otherwise", async () => {
    setDefaultCACertificates([...trusted, authority.cert]);
    const client = new ServiceBusClient(broker.connectionString);
    const sent = aMessage();
    await client.createSender("q").sendMessages(sent);
    const receiver = client.createReceiver("q");
    const received = await receiveOne(receiver);
    expect(received.messageId).toBe(sent.messageId);
    await receiver.completeMessage(received);
    expect(await broker.control["messages"]?.({ entity: "q" })).toEqual([]);
    await client.close();
  });
});
