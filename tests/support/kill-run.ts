import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient, type ServiceBusReceiver, type ServiceBusSender } from "@azure/service-bus";
import { startBrokerProcess } from "./broker-process.ts";
import { QUEUE } from "./service-bus.ts";

const PRODUCERS = 20;
const CONSUMERS = 4;
const FAIL_FAST = { maxRetries: 0, timeoutInMs: 1_500 };

/** What clients were told, and what came of it. */
export interface KillReport {
  readonly acknowledged: ReadonlySet<string>;
  readonly received: ReadonlySet<string>;
  /** Received after a completion of theirs had been acknowledged. */
  readonly resurrected: readonly string[];
}

/** Kills a broker under load, again and again, then takes out what is left in it. */
export async function killUnderLoad(kills: number, acknowledgedBetween: number): Promise<KillReport> {
  const directory = mkdtempSync(join(tmpdir(), "killed-broker-"));
  const load = new Load();
  let broker = await startBrokerProcess(directory);
  const port = Number(/:(\d+);/.exec(broker.connectionString)?.[1]);
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const running = load.run(broker.connectionString, acknowledgedBetween);
      await running.enough;
      await broker.kill();
      await running.ended();
      broker = await startBrokerProcess(directory, port);
    }
    await load.takeAll(broker.connectionString);
    return load;
  } finally {
    await broker.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Running {
  readonly enough: Promise<unknown>;
  ended(): Promise<void>;
}

class Load implements KillReport {
  readonly acknowledged = new Set<string>();
  readonly received = new Set<string>();
  readonly resurrected: string[] = [];
  readonly #completed = new Set<string>();
  #next = 1;

  /** Sends and receives until that is ended; `enough` resolves after so many acknowledged sends. */
  run(connectionString: string, count: number): Running {
    let isOver = false;
    const untilOver = async (step: () => Promise<unknown>): Promise<void> => {
      while (!isOver) await step().catch(() => undefined); // what was not acknowledged does not count
    };
    const client = new ServiceBusClient(connectionString, { retryOptions: FAIL_FAST });
    const goal = this.acknowledged.size + count;
    const enough = Promise.withResolvers<undefined>();
    const sender = client.createSender(QUEUE.plain);
    const told = (): void => {
      if (this.acknowledged.size >= goal) enough.resolve(undefined);
    };
    const loops = [
      ...Array.from({ length: PRODUCERS }, () => untilOver(() => this.#sendOne(sender, told))),
      ...Array.from({ length: CONSUMERS }, () => {
        const receiver = client.createReceiver(QUEUE.plain, { maxAutoLockRenewalDurationInMs: 0 });
        return untilOver(() => this.#takeSome(receiver, 500));
      }),
    ];
    return {
      enough: enough.promise,
      ended: async () => {
        isOver = true;
        await Promise.all(loops);
        await client.close().catch(() => undefined);
      },
    };
  }

  async takeAll(connectionString: string): Promise<void> {
    const client = new ServiceBusClient(connectionString);
    const receiver = client.createReceiver(QUEUE.plain, { maxAutoLockRenewalDurationInMs: 0 });
    while ((await this.#takeSome(receiver, 2_000)) > 0);
    await client.close();
  }

  async #sendOne(sender: ServiceBusSender, told: () => void): Promise<void> {
    const messageId = `message-${this.#next++}`;
    await sender.sendMessages({ messageId, body: { text: messageId, filling: "x".repeat(300) } });
    this.acknowledged.add(messageId);
    told();
  }

  async #takeSome(receiver: ServiceBusReceiver, waitMs: number): Promise<number> {
    const messages = await receiver.receiveMessages(50, { maxWaitTimeInMs: waitMs });
    for (const { messageId } of messages) {
      const id = String(messageId);
      this.received.add(id);
      if (this.#completed.has(id)) this.resurrected.push(id);
    }
    for (const message of messages) {
      await receiver.completeMessage(message);
      this.#completed.add(String(message.messageId));
    }
    return messages.length;
  }
}
