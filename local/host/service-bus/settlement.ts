import { setImmediate as nextTurn } from "node:timers/promises";
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";

export type Outcome = "complete" | "abandon";

/**
 * Settles messages so that the client cannot mix them up: it sends neighbouring outcomes of one turn of the event loop
 * as one, with the first one's state (rhea 3.0.5), and so would complete what was to be abandoned. Equal outcomes may
 * go together; a different one waits until those before it are on their way.
 */
export class Settlements {
  #underWay: Outcome | undefined;

  async settle(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage, outcome: Outcome): Promise<void> {
    await nextTurn(); // what ends in this turn goes out as one
    while (this.#underWay !== undefined && this.#underWay !== outcome) await nextTurn();
    if (this.#underWay === undefined) setImmediate(() => (this.#underWay = undefined));
    this.#underWay = outcome;
    await (outcome === "complete" ? receiver.completeMessage(message) : receiver.abandonMessage(message));
  }
}
