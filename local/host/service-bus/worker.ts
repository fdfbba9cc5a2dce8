import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import { batchPayloadOf, payloadOf } from "./body.ts";
import type { ListenerParts } from "./listener.ts";
import { batchMetadataOf, metadataOf } from "./metadata.ts";
import { Settlements, type Outcome } from "./settlement.ts";
import { Troubles } from "./troubles.ts";
import { UnderWay } from "./under-way.ts";

/** Runs the function for messages and settles them by how it ended. */
export class Worker {
  readonly underWay = new UnderWay();
  readonly troubles: Troubles;
  readonly #parts: ListenerParts;
  readonly #settlements = new Settlements();

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.troubles = new Troubles(parts);
  }

  /**
   * Runs the function and begins to complete the message if it succeeds, to abandon it if it throws; answers the rest of
   * that. Never rejects.
   */
  async one(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): Promise<{ settled: Promise<void> }> {
    const { trigger, invoker } = this.#parts;
    const succeeded = await this.#attempt(() => {
      const payload = payloadOf(message, trigger.isBinary);
      return invoker.invoke(trigger.definition, payload, metadataOf(message, payload.string));
    });
    if (succeeded && !trigger.autoCompleteMessages) return { settled: Promise.resolve() };
    return { settled: this.#settle(receiver, [message], succeeded ? "complete" : "abandon") };
  }

  /** All completed or all abandoned; without automatic completion neither. Never rejects. */
  async batch(receiver: ServiceBusReceiver, messages: readonly ServiceBusReceivedMessage[]): Promise<void> {
    const { trigger, invoker } = this.#parts;
    const succeeded = await this.#attempt(() =>
      invoker.invoke(trigger.definition, batchPayloadOf(messages, trigger.isBinary), batchMetadataOf(messages)),
    );
    if (trigger.autoCompleteMessages) await this.#settle(receiver, messages, succeeded ? "complete" : "abandon");
  }

  /** Gives back what came while the host stops. */
  giveBack(receiver: ServiceBusReceiver, messages: readonly ServiceBusReceivedMessage[]): Promise<void> {
    return this.#settle(receiver, messages, "abandon");
  }

  /** The invoker has recorded what the function threw; what the message cannot be bound to is recorded here. */
  async #attempt(invoke: () => Promise<unknown>): Promise<boolean> {
    let invocation: Promise<unknown>;
    try {
      invocation = invoke();
    } catch (error) {
      this.troubles.tell("cannot bind a message", error);
      return false;
    }
    return invocation.then(
      () => true,
      () => false,
    );
  }

  async #settle(
    receiver: ServiceBusReceiver,
    messages: readonly ServiceBusReceivedMessage[],
    outcome: Outcome,
  ): Promise<void> {
    const settled = messages.map((message) =>
      this.#settlements
        .settle(receiver, message, outcome)
        .catch((error: unknown) => this.troubles.tell(`cannot ${outcome} a message`, error)),
    );
    await Promise.all(settled);
  }
}
