import type { FunctionDefinition } from "../function-definition.ts";
import { resolveConnection, type Connection } from "./connection.ts";
import type { ServiceBusHostSettings } from "./host-settings.ts";

export type Entity =
  | { readonly kind: "queue"; readonly queue: string }
  | { readonly kind: "subscription"; readonly topic: string; readonly subscription: string };

/** A function with a Service Bus trigger, its options read. */
export interface ServiceBusTrigger {
  readonly definition: FunctionDefinition;
  readonly entity: Entity;
  readonly connection: Connection;
  /** `cardinality` is `many`. */
  readonly isBatch: boolean;
  readonly isSessionsEnabled: boolean;
  readonly isBinary: boolean;
  readonly autoCompleteMessages: boolean;
}

export const pathOf = (entity: Entity): string =>
  entity.kind === "queue" ? entity.queue : `${entity.topic}/Subscriptions/${entity.subscription}`;

/** @throws Error with one sentence that names the function */
export function readTrigger(
  definition: FunctionDefinition,
  settings: ServiceBusHostSettings,
  environment: Readonly<Record<string, string | undefined>>,
): ServiceBusTrigger {
  const { name, trigger } = definition;
  try {
    const { cardinality, dataType, isSessionsEnabled, autoCompleteMessages } = trigger;
    return {
      definition,
      entity: entityOf(trigger),
      connection: resolveConnection(trigger["connection"], environment),
      isBatch: word("cardinality", cardinality, ["one", "many"]) === "many",
      isSessionsEnabled: flag("isSessionsEnabled", isSessionsEnabled) ?? false,
      isBinary: word("dataType", dataType, ["string", "binary", "stream"]) !== "string",
      autoCompleteMessages: flag("autoCompleteMessages", autoCompleteMessages) ?? settings.autoCompleteMessages,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The '${name}' function is in error: ${reason}`, { cause: error });
  }
}

function entityOf({ queueName, topicName, subscriptionName }: FunctionDefinition["trigger"]): Entity {
  if (typeof queueName === "string" && queueName !== "") return { kind: "queue", queue: queueName };
  if (typeof topicName !== "string" || topicName === "")
    throw new Error("a Service Bus trigger needs queueName, or topicName and subscriptionName.");
  if (typeof subscriptionName !== "string" || subscriptionName === "")
    throw new Error("a Service Bus trigger on a topic needs subscriptionName.");
  return { kind: "subscription", topic: topicName, subscription: subscriptionName };
}

/** One of `words`, the first of them if nothing is said. */
function word(option: string, value: unknown, words: readonly string[]): string | undefined {
  if (value === undefined || value === "") return words[0];
  const found = words.find((candidate) => typeof value === "string" && candidate === value.toLowerCase());
  if (found === undefined) throw new Error(`${option} is ${words.join(" or ")}.`);
  return found;
}

function flag(option: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw new Error(`${option} is true or false.`);
}
