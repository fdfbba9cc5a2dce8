import type { ListenerParts } from "./listener.ts";
import { pathOf } from "./trigger.ts";

const REPEATED_AFTER_MS = 10_000;

/** Writes to the log what goes wrong between a listener and the broker; the same again only after a while. */
export class Troubles {
  readonly #parts: ListenerParts;
  readonly #toldAt = new Map<string, number>();

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  tell(what: string, error: unknown): void {
    const { log, trigger } = this.#parts;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const now = performance.now();
    const message = `Service Bus trigger ${what}`;
    if (now - (this.#toldAt.get(message) ?? -Infinity) < REPEATED_AFTER_MS) return;
    this.#toldAt.set(message, now);
    log.write("warning", "system", message, {
      function: trigger.definition.name,
      entity: pathOf(trigger.entity),
      error: reason,
    });
  }

  /** The next trouble is told at once. */
  over(): void {
    if (this.#toldAt.size > 0) this.#toldAt.clear();
  }
}
