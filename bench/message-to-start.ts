import { ServiceBusClient, type ServiceBusSender } from "@azure/service-bus";
import type { Stack } from "../local/stack/stack.ts";
import { startStack } from "../local/supervisor.ts";
import type { Benchmark } from "./benchmark.ts";
import { DurableApi } from "./durable-api.ts";
import { toRow } from "./row.ts";
import { median } from "./statistics.ts";

const ROUNDS = 60;
const WARM_UP = 5;
const FIRST_NUMBER = 5_000_000;

/** From a message that the broker has acknowledged to the orchestration that it starts. */
export const messageToStart: Benchmark = {
  id: "message-to-start",
  async run(session) {
    const stack = await startStack({ dataDirectory: session.directory(this.id), clock: "real" });
    const client = new ServiceBusClient(stack.addresses.serviceBus);
    try {
      const sender = client.createSender("requests-chatbot");
      const samples: number[] = [];
      for (let index = 0; index < WARM_UP + ROUNDS; index++) samples.push(await startOne(stack, sender, index));
      session.keep(this.id, samples);
      return [
        toRow({
          id: "message-to-start.p50",
          what: `message acknowledged by the broker to what the first episode of its orchestration decides, p50 of ${ROUNDS}`,
          value: median(samples.slice(WARM_UP)),
          unit: "ms",
          goal: { atMost: 30 },
        }),
      ];
    } finally {
      await client.close();
      await stack.stop();
    }
  },
};

/** A request with a ticket of its own; whether there is such a ticket is a matter of the orchestration. Answers ms. */
async function startOne(stack: Stack, sender: ServiceBusSender, index: number): Promise<number> {
  const api = new DurableApi(stack);
  const before = new Set(await api.instanceIds());
  const body = {
    version: 1,
    requestId: `message-to-start-${index}`,
    person: "kira.sato",
    role: "Helpdesk Administrator",
    duration: "PT1H",
    justification: "Unlock the accounts of a branch",
    ticket: { system: "servicenow", number: `INC${FIRST_NUMBER + index}` },
  };
  await sender.sendMessages({ messageId: body.requestId, body });
  const acknowledgedAt = Date.now();
  await stack.settle();
  const [started, ...more] = (await api.instanceIds()).filter((id) => !before.has(id));
  if (started === undefined || more.length > 0) throw new Error("a message did not start one orchestration");
  return (await api.firstDecisionAt(started)) - acknowledgedAt;
}
