import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ServiceBusClient } from "@azure/service-bus";
import type { Stack } from "../local/stack/stack.ts";
import { startStack } from "../local/supervisor.ts";
import type { Benchmark, Session } from "./benchmark.ts";
import { startProgram } from "./program.ts";
import { toRow, type Row } from "./row.ts";
import { interleaved, median } from "./statistics.ts";

const APP = resolve(import.meta.dirname, "apps/trigger");
const ROUNDS = 15;
const MESSAGES = 3_000;
const BATCH = 500;
/** As in host.json. */
const CONCURRENCY = 16;
const LOOK_MS = 5;
const GIVE_UP_MS = 60_000;
/** Two queues of the stack with the same properties. */
const QUEUES = { host: "requests-chatbot", bare: "ticket-events" } as const;

/** How fast the embedded host takes messages that the function does nothing with. */
export const trigger: Benchmark = {
  id: "trigger",
  run: async (session) => [await acceptRate(session)],
};

async function acceptRate(session: Session): Promise<Row> {
  const dataDirectory = session.directory("trigger");
  const stack = await startStack({ dataDirectory, only: ["broker", "host"], appDirectory: APP, clock: "real" });
  const { serviceBus } = stack.addresses;
  const words = [join("bench", "bare-subscriber.ts"), serviceBus, QUEUES.bare, `${CONCURRENCY}`];
  const bare = await startProgram({ words, lines: 1 });
  const client = new ServiceBusClient(serviceBus);
  try {
    const subjects = {
      host: () => accepted(stack, client, QUEUES.host),
      bare: () => accepted(stack, client, QUEUES.bare),
    };
    await interleaved(1, subjects);
    const samples = await interleaved(ROUNDS, subjects);
    session.keep("trigger", samples);
    const [ours, other] = [median(samples.host), median(samples.bare)];
    return toRow({
      id: "trigger.accept-rate",
      what: `messages a second through an empty function (${ours.toFixed(0)}), to a bare subscriber on the same broker`,
      value: ours / other,
      unit: "x",
      baseline: `${other.toFixed(0)} a second`,
      goal: { atLeast: 0.7 },
    });
  } finally {
    await client.close();
    await bare.stop();
    await stack.stop();
  }
}

let sent = 0;

/** Messages a second, from the first one that is sent to the last one that is completed. */
async function accepted(stack: Stack, client: ServiceBusClient, queue: string): Promise<number> {
  const sender = client.createSender(queue);
  const begin = performance.now();
  for (let left = MESSAGES; left > 0; left -= BATCH)
    await sender.sendMessages(
      Array.from({ length: Math.min(left, BATCH) }, () => ({ messageId: `${sent++}`, body: { some: "content" } })),
    );
  while ((await messagesIn(stack, queue)) > 0) {
    if (performance.now() - begin > GIVE_UP_MS) throw new Error(`${queue} is not taken`);
    await pause(LOOK_MS);
  }
  const perSecond = (MESSAGES * 1_000) / (performance.now() - begin);
  await sender.close();
  return perSecond;
}

async function messagesIn(stack: Stack, queue: string): Promise<number> {
  const all = (await stack.call("broker", "entities")) as readonly {
    readonly entity: string;
    readonly active: number;
  }[];
  const own = all.filter(({ entity }) => entity.toLowerCase().split("/")[0] === queue);
  return own.reduce((sum, { active }) => sum + active, 0);
}
