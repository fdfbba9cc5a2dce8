import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import rhea, { type Connection, type Delivery, type EventContext, type Receiver } from "rhea";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCEPTED, MODIFIED, rejectedWith } from "../../local/broker/amqp/rhea.ts";
import { parseConfig } from "../../local/broker/config/config-file.ts";
import { createBroker, type BrokerService } from "../../local/broker/service.ts";

const CONFIG = JSON.stringify({ UserConfig: { Namespaces: [{ Name: "ns", Queues: [{ Name: "q" }] }] } });

/** A delivery as it is inside rhea, with what the broker answered. */
type Settled = Delivery & { readonly remote_state?: { readonly constructor: { readonly composite_type?: string } } };

describe("outcomes of neighbouring deliveries that arrive together", () => {
  const directory = mkdtempSync(join(tmpdir(), "broker-outcomes-"));
  let broker: BrokerService;
  let connection: Connection;
  beforeAll(async () => {
    broker = createBroker({ config: parseConfig(CONFIG), directory, port: 0 });
    await broker.start();
    const port = Number(/:(\d+);/.exec(broker.connectionString)?.[1]);
    connection = rhea.create_container().connect({ port, host: "127.0.0.1", username: "any", reconnect: false });
    await putToken(connection);
  });
  afterAll(async () => {
    connection.close();
    await once(connection, "connection_close");
    await broker.stop();
    rmSync(directory, { recursive: true });
  });

  it("are answered each with its own", async () => {
    const sender = connection.open_sender({ target: "q" });
    await once(sender, "sendable");
    for (const body of ["a", "b", "c"]) sender.send({ body });
    const receiver = connection.open_receiver({
      source: "q",
      rcv_settle_mode: 1,
      snd_settle_mode: 0,
      autoaccept: false,
      autosettle: false,
      credit_window: 3,
    });
    const [first, second, third] = await take(receiver, 3);
    const answered = settledBy(receiver, 3);
    settle(first, ACCEPTED);
    settle(second, rejectedWith({ condition: "com.microsoft:dead-letter", description: "why" }));
    settle(third, MODIFIED);
    expect((await answered).map((delivery) => delivery.remote_state?.constructor.composite_type)).toEqual([
      "accepted",
      "rejected",
      "modified",
    ]);
    const counts = (await broker.control["entities"]?.({})) as readonly { entity: string; active: number }[];
    expect(counts.map(({ entity, active }) => [entity, active])).toEqual([
      ["q/$DeadLetterQueue", 1],
      ["q", 1],
    ]);
  });

  /** Each in a frame of its own: the client's rhea would merge them as well. */
  function settle(delivery: Delivery | undefined, state: unknown): void {
    delivery?.update(false, state as Parameters<Delivery["update"]>[1]);
    (connection as unknown as { _process(): void })._process();
  }
});

function take(receiver: Receiver, count: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  return new Promise((resolve) => {
    receiver.on("message", ({ delivery }: EventContext) => {
      if (delivery && deliveries.push(delivery) === count) resolve(deliveries);
    });
  });
}

function settledBy(receiver: Receiver, count: number): Promise<Settled[]> {
  const settled: Settled[] = [];
  return new Promise((resolve) => {
    receiver.on("settled", ({ delivery }: EventContext) => {
      if (settled.push(delivery as Settled) === count) resolve(settled);
    });
  });
}

async function putToken(connection: Connection): Promise<void> {
  const resource = encodeURIComponent("sb://127.0.0.1/");
  const expiry = Math.floor(Date.now() / 1000) + 600;
  const signature = createHmac("sha256", "SAS_KEY_VALUE").update(`${resource}\n${expiry}`).digest("base64");
  const replies = connection.open_receiver({ source: "$cbs", name: "replies" });
  const requests = connection.open_sender("$cbs");
  await once(requests, "sendable");
  requests.send({
    message_id: "1",
    reply_to: "replies",
    application_properties: {
      operation: "put-token",
      type: "servicebus.windows.net:sastoken",
      name: "sb://127.0.0.1/",
    },
    body: `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=RootManageSharedAccessKey`,
  });
  await once(replies, "message");
}
