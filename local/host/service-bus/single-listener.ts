import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import type { Listener, ListenerParts } from "./listener.ts";
import { LockKeeper } from "./lock-keeper.ts";
import { receiverOf } from "./receivers.ts";
import { Slots } from "./slots.ts";
import { Worker } from "./worker.ts";

/** Runs the function for single messages, several at once, and keeps their locks meanwhile. */
export class SingleListener implements Listener {
  readonly #parts: ListenerParts;
  readonly #worker: Worker;
  readonly #locks: LockKeeper;
  readonly #slots: Slots;
  readonly #receiver: ServiceBusReceiver;
  #subscription: { close(): Promise<void> } | undefined;
  #isStopping = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#worker = new Worker(parts);
    this.#slots = new Slots(parts.settings.maxConcurrentCalls);
    const { troubles } = this.#worker;
    this.#locks = new LockKeeper(parts.settings.maxAutoLockRenewalMs, (error) =>
      troubles.tell("cannot renew a lock", error),
    );
    this.#receiver = receiverOf(parts);
  }

  /** The client connects by itself, now and whenever the broker was away. */
  start(): void {
    const { maxConcurrentCalls, prefetchCount } = this.#parts.settings;
    this.#subscription = this.#receiver.subscribe(
      {
        processMessage: (message) => this.#worker.underWay.during(() => this.#receive(message)),
        processError: ({ error }) => {
          if (!this.#isStopping) this.#worker.troubles.tell("cannot receive", error);
          return Promise.resolve();
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls: maxConcurrentCalls + prefetchCount },
    );
  }

  idle(): Promise<void> {
    return this.#worker.underWay.idle();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#subscription?.close();
    await this.idle();
    this.#locks.stop();
    await this.#receiver.close();
  }

  /**
   * What was fetched ahead waits for its turn, its lock running. The next message may come while this one is being
   * settled, as with the client's own subscriber.
   */
  async #receive(message: ServiceBusReceivedMessage): Promise<void> {
    this.#worker.troubles.over();
    await this.#slots.use(async () => {
      if (this.#isStopping) return this.#worker.giveBack(this.#receiver, [message]);
      const release = this.#locks.hold(message.lockedUntilUtc, () => this.#receiver.renewMessageLock(message));
      const { settled } = await this.#worker.one(this.#receiver, message);
      release();
      void this.#worker.underWay.during(() => settled);
    });
  }
}
