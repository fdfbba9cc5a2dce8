import type { DatabaseSync } from "node:sqlite";
import { post } from "./post.ts";

/** One event on its way to the app. The body is fixed when the event happens; the headers are made for every try. */
export interface Delivery {
  readonly kind: string;
  readonly eventId: string;
  readonly path: string;
  readonly body: string;
  readonly createdAt: string;
  readonly attempts: readonly DeliveryAttempt[];
  readonly nextAttemptAt: string | undefined;
}

export interface DeliveryAttempt {
  readonly at: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent when no answer came; then there is an `error`. */
  readonly status?: number;
  readonly error?: string;
  /** A repetition ordered through the control API: it changes nothing in the product's own schedule of retries. */
  readonly repeated?: true;
}

/** What distinguishes the senders. */
export interface DeliveryHabits {
  /** Headers of one try, the signature among them; `retry` is 0 for the first. */
  headers(delivery: Pick<Delivery, "kind" | "eventId" | "body">, retry: number): Record<string, string>;
  /** How long to wait before the next try; `undefined` gives up. `tries` were made so far. */
  retryInMs(kind: string, tries: number, status: number | undefined): number | undefined;
}

interface Repetition {
  readonly times: number;
  /** Sends the headers of the first try again, byte by byte, instead of signing anew: a replay. */
  readonly verbatim: boolean;
}

const POLL_MS = 200;

/** The outgoing webhooks of one ticket system: written down first, then sent, then retried as the product would. */
export class Deliveries {
  readonly #database: DatabaseSync;
  readonly #system: string;
  readonly #app: string;
  readonly #habits: DeliveryHabits;
  readonly #underWay = new Map<number, Promise<unknown>>();
  readonly #stopping = new AbortController();
  #poll: NodeJS.Timeout | undefined;

  constructor(database: DatabaseSync, system: string, app: string, habits: DeliveryHabits) {
    this.#database = database;
    this.#system = system;
    this.#app = app;
    this.#habits = habits;
  }

  start(): void {
    this.#poll = setInterval(() => void this.sendDue(), POLL_MS);
    this.#poll.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#poll);
    this.#stopping.abort();
    await Promise.allSettled(this.#underWay.values());
  }

  /** Resolves after the first try, whatever came of it. */
  async send(event: Pick<Delivery, "kind" | "eventId" | "path" | "body">): Promise<void> {
    const now = Date.now();
    const delivery: Delivery = {
      ...event,
      createdAt: new Date(now).toISOString(),
      attempts: [],
      nextAttemptAt: undefined,
    };
    // A product that retries still owes the first try after a crash; one that does not has lost the event.
    const owed = this.#habits.retryInMs(event.kind, 1, undefined) === undefined ? null : now;
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO deliveries (system, delivery, next_attempt_at) VALUES (?, ?, ?)")
      .run(this.#system, JSON.stringify(delivery), owed);
    await this.#once(Number(lastInsertRowid), () => this.#try(Number(lastInsertRowid)));
  }

  /** Sends every retry whose time has come. */
  async sendDue(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const due = this.#database
      .prepare("SELECT sequence FROM deliveries WHERE system = ? AND next_attempt_at <= ? ORDER BY sequence")
      .all(this.#system, Date.now());
    await Promise.all(due.map(({ sequence }) => this.#once(Number(sequence), () => this.#try(Number(sequence)))));
  }

  /** Resolves when what was due has been tried; answers whether there was anything. */
  async settle(): Promise<boolean> {
    const due = this.sendDue();
    const busy = this.#underWay.size > 0;
    await due;
    await Promise.allSettled(this.#underWay.values());
    return busy;
  }

  /** In the order of the events. */
  list(): readonly Delivery[] {
    return this.#database
      .prepare("SELECT sequence FROM deliveries WHERE system = ? ORDER BY sequence")
      .all(this.#system)
      .map(({ sequence }) => this.#read(Number(sequence)));
  }

  /** Sends one delivery (by its place in the list) or all of them again, all copies at once. Answers the statuses. */
  async repeat(index: number | "all", { times, verbatim }: Repetition): Promise<readonly (number | string)[]> {
    const sequences = this.#database
      .prepare("SELECT sequence FROM deliveries WHERE system = ? ORDER BY sequence")
      .all(this.#system)
      .map(({ sequence }) => Number(sequence));
    const chosen = index === "all" ? sequences : sequences.slice(index, index === -1 ? undefined : index + 1);
    if (chosen.length === 0) throw new Error(`no delivery ${index}`);
    const copies = chosen.flatMap((sequence) => Array.from({ length: times }, () => sequence));
    const attempts = await Promise.all(copies.map((sequence) => this.#attempt(sequence, { verbatim })));
    return attempts.map((attempt) => attempt.status ?? attempt.error ?? "no answer");
  }

  /** Posts anything to a route of the app, without writing it down. */
  sendRaw(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<unknown> {
    return post(this.#app + path, body, headers, this.#stopping.signal);
  }

  /** The poll must not send what is on its way already. */
  async #once(sequence: number, run: () => Promise<void>): Promise<void> {
    if (this.#underWay.has(sequence)) return;
    const running = run().finally(() => this.#underWay.delete(sequence));
    this.#underWay.set(sequence, running);
    await running;
  }

  async #try(sequence: number): Promise<void> {
    const attempt = await this.#attempt(sequence, undefined);
    if (this.#stopping.signal.aborted) return; // cut off by our own stop: still owed
    const { kind, attempts } = this.#read(sequence);
    const tries = attempts.filter((one) => !one.repeated).length;
    const waitMs = this.#habits.retryInMs(kind, tries, attempt.status);
    this.#database
      .prepare("UPDATE deliveries SET next_attempt_at = ? WHERE sequence = ?")
      .run(waitMs === undefined ? null : Date.now() + waitMs, sequence);
  }

  async #attempt(sequence: number, repetition: { readonly verbatim: boolean } | undefined): Promise<DeliveryAttempt> {
    const delivery = this.#read(sequence);
    const retry = delivery.attempts.filter((one) => !one.repeated).length;
    const first = repetition?.verbatim ? delivery.attempts[0] : undefined;
    const headers = first?.headers ?? this.#habits.headers(delivery, retry);
    const at = new Date().toISOString();
    const outcome = await post(this.#app + delivery.path, delivery.body, headers, this.#stopping.signal).then(
      ({ status }) => ({ status }),
      (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
    );
    const attempt: DeliveryAttempt = { at, headers, ...outcome, ...(repetition ? { repeated: true } : {}) };
    if (!this.#stopping.signal.aborted) this.#append(sequence, attempt);
    return attempt;
  }

  #append(sequence: number, attempt: DeliveryAttempt): void {
    const delivery = this.#read(sequence);
    const longer = { ...delivery, nextAttemptAt: undefined, attempts: [...delivery.attempts, attempt] };
    this.#database
      .prepare("UPDATE deliveries SET delivery = ? WHERE sequence = ?")
      .run(JSON.stringify(longer), sequence);
  }

  #read(sequence: number): Delivery {
    const row = this.#database
      .prepare("SELECT delivery, next_attempt_at FROM deliveries WHERE sequence = ?")
      .get(sequence);
    if (!row) throw new Error(`no delivery with sequence ${sequence}`);
    const delivery = JSON.parse(String(row["delivery"])) as Delivery;
    const next = row["next_attempt_at"];
    return { ...delivery, nextAttemptAt: next === null ? undefined : new Date(Number(next)).toISOString() };
  }
}
