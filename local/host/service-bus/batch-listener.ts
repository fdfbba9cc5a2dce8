import { setTimeout as pause } from "node:timers/promises";
import type { ServiceBusReceiver } from "@azure/service-bus";
import { LOOK_MS, receiveBatch } from "./collect.ts";
import type { Listener, ListenerParts } from "./listener.ts";
import { receiverOf } from "./receivers.ts";
import { Worker } from "./worker.ts";

/** Runs the function for batches, one after the other; their locks are not renewed. */
export class BatchListener implements Listener {
  readonly #parts: ListenerParts;
  readonly #worker: Worker;
  readonly #receiver: ServiceBusReceiver;
  #loop: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#worker = new Worker(parts);
    this.#receiver = receiverOf(parts);
  }

  start(): void {
    this.#loop = this.#run();
  }

  idle(): Promise<void> {
    return this.#worker.underWay.idle();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#loop;
    await this.#receiver.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) await this.#next().catch((error: unknown) => this.#failed(error));
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#isStopping) return;
    this.#worker.troubles.tell("cannot receive", error);
    await pause(this.#parts.settings.retry.delayMs);
  }

  async #next(): Promise<void> {
    const messages = await receiveBatch(this.#receiver, this.#parts.settings, LOOK_MS, () => this.#isStopping);
    if (messages.length === 0) return;
    this.#worker.troubles.over();
    await this.#worker.underWay.during(() =>
      this.#isStopping ? this.#worker.giveBack(this.#receiver, messages) : this.#worker.batch(this.#receiver, messages),
    );
  }
}
