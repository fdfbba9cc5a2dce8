import { createHmac } from "node:crypto";
import { once } from "node:events";
import rhea, { type Connection, type EventContext, type Receiver, type Sender } from "rhea";

export const IN_FLIGHT = 100;
const BODY_BYTES = 1_000;
const TOKEN_SECONDS = 3_600;

/** AMQP's own, and one that rhea hands over undecoded, to who has nothing to decode. */
export const FORMAT = { message: 0, bytes: 1 } as const;

/** A client as thin as they come: what is measured is the server. */
export async function connectTo(port: number): Promise<Connection> {
  const connection = rhea
    .create_container()
    .connect({ port, host: "127.0.0.1", username: "any", reconnect: false, sender_options: { autosettle: true } });
  await once(connection, "connection_open");
  return connection;
}

export async function disconnect(connection: Connection): Promise<void> {
  connection.close();
  await once(connection, "connection_close");
}

/** Messages a second that are sent and acknowledged, a hundred in flight. */
export async function sendAll(connection: Connection, target: string, count: number, format: number): Promise<number> {
  const sender = connection.open_sender({ target });
  await once(sender, "sendable");
  const begin = performance.now();
  await acknowledged(sender, count, format);
  const seconds = (performance.now() - begin) / 1_000;
  sender.close();
  return count / seconds;
}

function acknowledged(sender: Sender, count: number, format: number): Promise<void> {
  const bytes = rhea.message.encode({
    message_id: "0123456789abcdef",
    body: rhea.message.data_section(Buffer.alloc(BODY_BYTES, "x")) as unknown,
  });
  let [sent, done] = [0, 0];
  return new Promise((resolve, reject) => {
    const pump = (): void => {
      while (sent < count && sent - done < IN_FLIGHT && sender.sendable()) {
        sent++;
        sender.send(bytes, undefined, format);
      }
    };
    sender.on("sendable", pump);
    sender.on("accepted", () => {
      if (++done === count) resolve();
      else pump();
    });
    for (const event of ["rejected", "released", "modified", "sender_error", "disconnected"])
      sender.on(event, () => reject(new Error(`a message was not accepted: ${event}`)));
    pump();
  });
}

/** Messages a second that are received under a lock and completed, with the completion acknowledged. */
export async function receiveAll(connection: Connection, source: string, count: number): Promise<number> {
  const begin = performance.now();
  const receiver = connection.open_receiver({
    source,
    snd_settle_mode: 0,
    rcv_settle_mode: 1,
    autoaccept: false, // what the server has settled is over for rhea too: its session holds 2048 deliveries
    credit_window: IN_FLIGHT,
  });
  await completed(receiver, count);
  const seconds = (performance.now() - begin) / 1_000;
  receiver.close();
  return count / seconds;
}

function completed(receiver: Receiver, count: number): Promise<void> {
  let done = 0;
  return new Promise((resolve, reject) => {
    receiver.on("message", ({ delivery }: EventContext) => {
      delivery?.accept();
    });
    receiver.on("settled", () => {
      if (++done === count) resolve();
    });
    for (const event of ["receiver_error", "disconnected"])
      receiver.on(event, () => reject(new Error(`the messages did not come: ${event}`)));
  });
}

/** Shows the broker the emulator's key, as every Service Bus client does before it opens a link. */
export async function putToken(connection: Connection): Promise<void> {
  const resource = encodeURIComponent("sb://127.0.0.1/");
  const expiry = Math.floor(Date.now() / 1_000) + TOKEN_SECONDS;
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
  replies.close();
  requests.close();
}
