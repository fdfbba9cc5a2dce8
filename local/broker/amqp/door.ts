import type { Broker } from "../broker.ts";
import type { Faults } from "../faults.ts";
import { tokenSource } from "../lock-tokens.ts";
import type { Entity } from "../model/entity.ts";
import type { SendTarget } from "../model/namespace.ts";
import type { RheaConnection } from "./rhea.ts";

/** Deliveries in one turn, before others get theirs. */
const DELIVERIES_PER_TURN = 500;

/** Who waits for messages of an entity. */
export interface Waiting {
  readonly entity: Entity;
  /** Hands over one message; false if there is none, or none is wanted. */
  deliverOne(now: number): boolean;
}

/** What all connections share: the broker behind them, the faults, and who waits for messages of which entity. */
export class Door {
  readonly broker: Broker;
  readonly faults: Faults;
  readonly newToken = tokenSource();
  readonly #waiting = new Map<Entity, Set<Waiting>>();
  readonly #scheduled = new Set<Entity>();
  readonly #heldBack = new Set<Entity>();

  constructor(broker: Broker, faults: Faults) {
    this.broker = broker;
    this.faults = faults;
  }

  /** Serves a client from now on. Answers how to stop that. */
  join(client: Waiting): () => void {
    const { entity } = client;
    const clients = this.#waiting.get(entity) ?? new Set();
    this.#waiting.set(entity, clients.add(client));
    const stop = this.broker.whenReady(entity, () => this.deliver(entity));
    return () => {
      clients.delete(client);
      stop();
    };
  }

  /** Hands over what is ready, at the end of this turn. */
  deliver(entity: Entity): void {
    if (this.#scheduled.has(entity)) return;
    this.#scheduled.add(entity);
    queueMicrotask(() => {
      this.#scheduled.delete(entity);
      this.#deliverNow(entity);
    });
  }

  isFull(target: SendTarget): boolean {
    if (this.faults.isFull(target.path)) return true;
    const entities = target.branches?.map(({ entity }) => entity) ?? [target.entity];
    return entities.some(({ bytes }) => bytes >= target.entity.settings.maxBytes);
  }

  /** Ends a connection without a word. */
  drop(connection: RheaConnection): void {
    connection.socket.destroy();
  }

  /** What fails because of one client ends that client's connection, and nothing else. */
  endOnFailure(connection: RheaConnection, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      console.error(error);
      this.drop(connection);
    });
  }

  /** Whether a fault holds back what could be delivered now; it is delivered later by itself. */
  holdsBack(entity: Entity, hasNext: () => boolean): boolean {
    if (this.#heldBack.has(entity)) return true;
    if (this.faults.isEmpty || !hasNext()) return false;
    const delayMs = this.faults.delayMs("deliver", entity.path);
    if (delayMs === 0) return false;
    this.#heldBack.add(entity);
    void this.wait(delayMs).then(() => {
      this.#heldBack.delete(entity);
      this.deliver(entity);
    });
    return true;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** One message to each client in turn, as long as there are messages and somebody wants one. */
  #deliverNow(entity: Entity): void {
    const clients = this.#waiting.get(entity);
    if (!clients || clients.size === 0) return;
    const now = Date.now();
    let left = DELIVERIES_PER_TURN;
    let isMoving = true;
    while (isMoving && left > 0) {
      isMoving = false;
      for (const client of [...clients]) {
        if (!client.deliverOne(now)) continue;
        left -= 1;
        isMoving = true;
        clients.delete(client); // who got one comes last the next time
        clients.add(client);
      }
    }
    this.broker.watch();
    if (left <= 0) setImmediate(() => this.deliver(entity));
  }
}
