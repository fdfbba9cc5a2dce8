import { encodeDelivery } from "../codec/deliver.ts";
import type { Outcome } from "../model/entity-hooks.ts";
import type { Entity } from "../model/entity.ts";
import type { Lock, SessionLock } from "../model/message.ts";
import type { Door, Waiting } from "./door.ts";
import { LOCK_LOST, SESSION_LOST } from "./errors.ts";
import { outcomeOf, replyTo, type RemoteOutcome } from "./outcomes.ts";
import { rejectedWith, type LinkContext, type RheaDelivery, type RheaSender } from "./rhea.ts";
import { settleOutgoing } from "./settling.ts";

const OUTCOMES: readonly RemoteOutcome[] = ["accepted", "rejected", "released", "modified"];

/** A link on which a client receives, from one entity or one session of it. */
export class ReceivingClient implements Waiting {
  readonly entity: Entity;
  readonly session: SessionLock | undefined;
  readonly #door: Door;
  readonly #link: RheaSender;
  readonly #removes: boolean;
  #used = 0; // of the credit, counted here: rhea counts at the end of the turn

  constructor(door: Door, link: RheaSender, entity: Entity, session: SessionLock | undefined) {
    this.#door = door;
    this.#link = link;
    this.entity = entity;
    this.session = session;
    this.#removes = link.snd_settle_mode === 1;
    this.#answerDrains();
    for (const outcome of OUTCOMES)
      link.on(outcome, ({ delivery }: LinkContext) => {
        if (delivery) door.endOnFailure(link.connection, this.#settle(delivery, outcome));
      });
  }

  get credit(): number {
    return this.#link.credit + this.#link.delivery_count - this.#used;
  }

  /** Hands over one message if there is one and the client wants one. */
  deliverOne(now: number): boolean {
    if (this.credit <= 0 || !this.#link.is_open() || this.#link.session.outgoing.available() < 1) return false;
    if (this.#door.holdsBack(this.entity, () => this.entity.hasNext(now, this.session))) return false;
    return this.#removes ? this.#remove(now) : this.#lend(now);
  }

  #lend(now: number): boolean {
    const lock = this.entity.lockNext(now, this.session);
    if (!lock) return false;
    const { message } = lock;
    const bytes = encodeDelivery(message, this.#door.broker.bodyOf(message), lock.until);
    this.#used += 1;
    this.#link.send(bytes, Buffer.from(lock.token, "latin1"), 0);
    return true;
  }

  #remove(now: number): boolean {
    const message = this.entity.takeNext(now, this.session);
    if (!message) return false;
    const bytes = encodeDelivery(message, this.#door.broker.bodyOf(message), undefined);
    this.#used += 1;
    this.#link.send(bytes, Buffer.from(this.#door.newToken(), "latin1"), 0);
    return true;
  }

  async #settle(delivery: RheaDelivery, remote: RemoteOutcome): Promise<void> {
    const { faults, broker } = this.#door;
    const delayMs = faults.delayMs("settle", this.entity.path);
    if (delayMs > 0) await this.#door.wait(delayMs);
    const now = Date.now();
    const lock = this.entity.lockOf(delivery.tag.toString("latin1"), now);
    if (!lock) {
      const isSessionGone = this.session !== undefined && !this.entity.isHeld(this.session, now);
      await broker.journal.durable();
      settleOutgoing(delivery, rejectedWith(isSessionGone ? SESSION_LOST : LOCK_LOST));
      return;
    }
    this.#apply(lock, outcomeOf(remote, delivery.remote_state), now);
    await broker.journal.durable();
    if (faults.loses("settle", this.entity.path)) this.#door.drop(this.#link.connection);
    else settleOutgoing(delivery, replyTo(remote));
  }

  #apply(lock: Lock, outcome: Outcome, now: number): void {
    this.entity.settle(lock, outcome, now);
    this.#door.broker.watch();
  }

  /** A drain is answered even at zero credit, where rhea would stay silent and the client wait. */
  #answerDrains(): void {
    const link = this.#link;
    link._get_drain = () => {
      if (!link._draining || !link._drained) return false;
      link.delivery_count += link.credit;
      link.credit = 0;
      this.#used = link.delivery_count;
      return true;
    };
    link.on("sender_flow", () => this.#door.deliver(this.entity));
    link.on("sender_draining", () => {
      while (this.deliverOne(Date.now()));
      link.set_drained(true);
    });
  }
}
