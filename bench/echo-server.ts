import { fdatasync, openSync, write } from "node:fs";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import rhea, { type Delivery, type EventContext } from "rhea";

/**
 * `echo-server.ts FILE`: the least that an AMQP server can do which loses nothing. It appends the bytes of what it is
 * sent to a file, all that came meanwhile with one `fdatasync`, and then accepts. Prints its port.
 */
const [file = ""] = process.argv.slice(2);
const writeTo = promisify(write);
const syncData = promisify(fdatasync);
const fd = openSync(file, "w");

let waiting: { readonly bytes: Buffer; readonly delivery: Delivery }[] = [];
let isWriting = false;

async function run(): Promise<void> {
  isWriting = true;
  while (waiting.length > 0) {
    const round = waiting;
    waiting = [];
    await writeTo(fd, Buffer.concat(round.map(({ bytes }) => bytes)));
    await syncData(fd);
    for (const { delivery } of round) delivery.accept();
  }
  isWriting = false;
}

const container = rhea.create_container();
container.on("message", ({ message, delivery }: EventContext) => {
  if (!delivery) return;
  waiting.push({ bytes: message as unknown as Buffer, delivery }); // not of format 0: rhea does not decode it
  if (!isWriting) setImmediate(() => void (isWriting || run()));
});
const server = container.listen({
  host: "127.0.0.1",
  port: 0,
  receiver_options: { autoaccept: false, credit_window: 1_000 },
});
server.on("listening", () => console.log((server.address() as AddressInfo).port));
