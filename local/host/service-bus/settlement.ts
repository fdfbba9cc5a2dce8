import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";

export type Outcome = "complete" | "abandon";

/**
 * Settles messages so that the client cannot mix them up: it sends neighbouring outcomes of one turn of the event loop
 * as one, with the first one's state (rhea 3.0.5), and so would complete what was to be abandoned. Equal outcomes may
 * go together; a different one waits until those before it are on their way.
 */
export class Settlements {
  #underWay: Outcome | undefined;
  #waiting: (() => void)[] = [];

  async settle(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage, outcome: Outcome): Promise<void> {
    await this.#nextTurn(); // what ends in this turn goes out as one
    while (this.#underWay !== undefined && this.#underWay !== outcome) await this.#nextTurn();
    if (this.#underWay === undefined) setImmediate(() => (this.#underWay = undefined));
    this.#underWay = outcome;
    await (outcome === "complete" ? receiver.completeMessage(message) : receiver.abandonMessage(message));
  }

  /** All who wait go on from one callback: from callbacks of their own, the client would write between them. */
  #nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) > 1) return;
      setImmediate(() => {
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const goOn of waiting) goOn();
      });
    });
  }
}
