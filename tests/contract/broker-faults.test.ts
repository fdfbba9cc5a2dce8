import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../local/broker/config/config-file.ts";
import { createBroker, type BrokerService } from "../../local/broker/service.ts";
import { aMessage, receiveOne, RETRY_OPTIONS } from "../support/service-bus.ts";

const CONFIG = {
  UserConfig: { Namespaces: [{ Name: "ns", Queues: [{ Name: "q" }, { Name: "other" }] }] },
  Zs: { Keys: [{ Name: "sender", Key: "sender key", Rights: ["Send"], Entity: "q" }] },
};

describe("the broker's own ways", () => {
  const directory = mkdtempSync(join(tmpdir(), "broker-faults-"));
  let broker: BrokerService;
  let client: ServiceBusClient;
  const clients: ServiceBusClient[] = [];
  const control = async (operation: string, parameters: Record<string, unknown> = {}): Promise<unknown> =>
    broker.control[operation]?.(parameters);

  /** A client that tries once. */
  function impatient(): ServiceBusClient {
    const once = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0 } });
    clients.push(once);
    return once;
  }

  // A client learns only by its timeout that what it sent went into a connection that is gone.
  beforeAll(async () => {
    broker = createBroker({ config: parseConfig(JSON.stringify(CONFIG)), directory, port: 0 });
    await broker.start();
    client = new ServiceBusClient(broker.connectionString, { retryOptions: { ...RETRY_OPTIONS, timeoutInMs: 2_000 } });
    clients.push(client);
  });
  afterEach(async () => {
    await control("clearFaults");
    for (const entity of ["q", "other"]) await control("purge", { entity });
  });
  afterAll(async () => {
    for (const each of clients) await each.close();
    await broker.stop();
    rmSync(directory, { recursive: true });
  });

  it("stores a message whose acknowledgement is lost, and a client that repeats it sends it twice", async () => {
    await control("faults", { kind: "loseSettlement", on: "send", entity: "q" });
    const sent = aMessage();
    await client.createSender("q").sendMessages(sent);
    const receiver = client.createReceiver("q");
    const received = [await receiveOne(receiver), await receiveOne(receiver)];
    expect(received.map(({ messageId }) => messageId)).toEqual([sent.messageId, sent.messageId]);
  });

  it("completes a message although the client never hears of it", async () => {
    await client.createSender("q").sendMessages(aMessage());
    const receiver = client.createReceiver("q");
    const message = await receiveOne(receiver);
    await control("faults", { kind: "loseSettlement", on: "settle" });
    await receiver.completeMessage(message).catch(() => undefined);
    expect(await control("messages", { entity: "q" })).toEqual([]);
  });

  it("refuses links as often as it is told to", async () => {
    await control("faults", { kind: "refuseLinks", entity: "q", times: 1, condition: "amqp:unauthorized-access" });
    const sender = impatient().createSender("q");
    await expect(sender.sendMessages(aMessage())).rejects.toMatchObject({ code: "UnauthorizedAccess" });
    await impatient().createSender("q").sendMessages(aMessage());
  });

  it("refuses links as a busy server does, unless it is told another condition", async () => {
    await control("faults", { kind: "refuseLinks", entity: "q" });
    await expect(impatient().createReceiver("q").receiveMessages(1)).rejects.toMatchObject({ code: "ServiceBusy" });
  });

  it("takes no more messages when it is told to be full, and hands out those it has", async () => {
    await client.createSender("q").sendMessages(aMessage());
    await control("faults", { kind: "full", entity: "q" });
    const sender = impatient().createSender("q");
    await expect(sender.sendMessages(aMessage())).rejects.toMatchObject({ code: "QuotaExceeded" });
    expect(await control("messages", { entity: "q" })).toHaveLength(1);
    await receiveOne(client.createReceiver("q"));
    await sender.sendMessages(aMessage());
  });

  it.each(["send", "deliver", "settle"] as const)("holds back a %s for as long as it is told to", async (on) => {
    const delayMs = 300;
    const [sender, receiver] = [client.createSender("q"), client.createReceiver("q")];
    if (on !== "send") await sender.sendMessages(aMessage());
    const message = on === "settle" ? await receiveOne(receiver) : undefined;
    await control("faults", { kind: "delay", on, ms: delayMs, entity: "q" });
    const begin = performance.now();
    if (on === "send") await sender.sendMessages(aMessage());
    if (on === "deliver") await receiveOne(receiver);
    if (message) await receiver.completeMessage(message);
    expect(performance.now() - begin).toBeGreaterThan(delayMs - 2);
    expect(await control("messages", { entity: "q" })).toHaveLength(on === "settle" ? 0 : 1);
  });

  it("drops all connections, and clients come back", async () => {
    const sender = client.createSender("q");
    await sender.sendMessages(aMessage());
    expect(await control("dropConnections")).toMatchObject({ dropped: expect.any(Number) as number });
    await sender.sendMessages(aMessage());
    expect(await control("messages", { entity: "q" })).toHaveLength(2);
  });

  it("lets a key do what it may, where it may", async () => {
    const limited = broker.connectionString
      .replace("RootManageSharedAccessKey", "sender")
      .replace("SAS_KEY_VALUE", "sender key");
    const held = new ServiceBusClient(limited, { retryOptions: { maxRetries: 0 } });
    clients.push(held);
    await held.createSender("q").sendMessages(aMessage());
    await expect(held.createReceiver("q").receiveMessages(1)).rejects.toMatchObject({ code: "UnauthorizedAccess" });
    await expect(held.createSender("other").sendMessages(aMessage())).rejects.toMatchObject({
      code: "UnauthorizedAccess",
    });
  });

  it("takes signatures that somebody else made from a key", async () => {
    const { port } = new URL(/sb:\/\/[^;]+/.exec(broker.connectionString)?.[0].replace("sb", "http") ?? "");
    const resource = encodeURIComponent(`sb://127.0.0.1:${port}/q`);
    const expiry = Math.floor(Date.now() / 1000) + 600;
    const signature = createHmac("sha256", "sender key").update(`${resource}\n${expiry}`).digest("base64");
    const token = `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=sender`;
    const signed = new ServiceBusClient(
      `Endpoint=sb://127.0.0.1:${port};SharedAccessSignature=${token};UseDevelopmentEmulator=true;`,
    );
    clients.push(signed);
    await signed.createSender("q").sendMessages(aMessage());
  });

  it.each([
    ["garbage", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a frame of four gigabytes", Buffer.from("414d515003010000ffffffff02010000", "hex")],
    ["a broken SASL frame", Buffer.from("414d5150030100000000000c0201000000534100", "hex")],
    ["nothing that it expects", Buffer.from("414d5150000100000000000a020000000053", "hex")],
  ])("ends a connection that sends %s, and serves all others", async (_name, bytes) => {
    const port = Number(/:(\d+);/.exec(broker.connectionString)?.[1]);
    const socket: Socket = connect(port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined).resume();
    socket.end(bytes);
    await closed;
    await client.createSender("q").sendMessages(aMessage());
  });
});
