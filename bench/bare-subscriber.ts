import { ServiceBusClient } from "@azure/service-bus";

/** `bare-subscriber.ts CONNECTION QUEUE CONCURRENCY`: takes messages and does nothing with them. Prints that it listens. */
const [connection = "", queue = "", concurrency = ""] = process.argv.slice(2);

new ServiceBusClient(connection).createReceiver(queue).subscribe(
  {
    processMessage: () => Promise.resolve(),
    processError: ({ error }) => Promise.reject(error),
  },
  { maxConcurrentCalls: Number(concurrency) },
);
console.log("listens");
