import type { JournalRecord, MoveRecord, PutRecord } from "../journal/records.ts";
import { deadLetterChanges, NO_SESSION } from "./dead-letter-reasons.ts";
import { DuplicateHistory } from "./duplicates.ts";
import { Entity } from "./entity.ts";
import { accepts, type FilterFacts } from "./filters.ts";
import type { IncomingMessage } from "./incoming.ts";
import type { BodyLocation, Message } from "./message.ts";
import { fullRecord } from "./put-records.ts";
import { arrive, putAll, replay } from "./replay.ts";
import {
  DEFAULT_ENTITY,
  deadLetterSettings,
  type EntitySettings,
  type NamespaceSettings,
  type Rule,
  type TopicSettings,
} from "./settings.ts";

/** What the namespace asks of its surroundings. */
export interface NamespaceHooks {
  /** Remembers a record; `written` is called once it and its bytes are safe. */
  record(record: JournalRecord, bytes?: Buffer, written?: (location: BodyLocation) => void): void;
  token(): string;
  ready(entity: Entity): void;
  /** What rules look at, of a message whose bytes lie in the journal. */
  facts(location: BodyLocation): FilterFacts;
}

/** What can be sent to. */
export interface SendTarget {
  readonly path: string;
  readonly entity: Entity; // of a topic: what is scheduled there
  readonly history: DuplicateHistory | undefined;
  readonly forwardTo: string | undefined;
  /** Of a topic. */
  readonly branches: readonly Branch[] | undefined;
}

interface Branch {
  readonly entity: Entity;
  readonly rules: readonly Rule[];
}

export const DEAD_LETTERS = "$DeadLetterQueue";
const keyOf = (path: string): string => path.toLowerCase();

/** All entities of a broker, and the ways between them. */
export class Namespace {
  readonly targets = new Map<string, SendTarget>();
  readonly entities = new Map<string, Entity>();
  readonly #hooks: NamespaceHooks;

  constructor(settings: NamespaceSettings, hooks: NamespaceHooks) {
    this.#hooks = hooks;
    for (const queue of settings.queues) this.#addTarget(queue.name, queue, undefined);
    for (const topic of settings.topics) {
      const branches = topic.subscriptions.map((subscription) => ({
        entity: this.#addReceivable(`${topic.name}/Subscriptions/${subscription.name}`, {
          ...subscription,
          ttlMs: Math.min(subscription.ttlMs, topic.ttlMs),
        }),
        rules: subscription.rules,
      }));
      this.#addTarget(topic.name, { ...DEFAULT_ENTITY, ...limitsOf(topic) }, branches);
    }
  }

  /** A queue or a topic. */
  target(path: string): SendTarget | undefined {
    return this.targets.get(keyOf(path));
  }

  /** A queue, a subscription or the dead letters of one. */
  entity(path: string): Entity | undefined {
    const entity = this.entities.get(keyOf(path));
    return entity && this.targets.get(keyOf(path))?.branches ? undefined : entity;
  }

  /** Sends a message on its ways. Answers the number it got where it was sent to, 0 for a duplicate. */
  send(target: SendTarget, incoming: IncomingMessage, now: number): number {
    const noted: string[] = [];
    const destinations =
      incoming.scheduledAt === undefined || incoming.scheduledAt <= now
        ? this.#route(target, incoming.messageId, incoming.facts, now, noted)
        : note(target, incoming.messageId, now, noted)
          ? [target.entity]
          : [];
    const homeless = destinations.filter((entity) => lacksSession(entity, incoming.sessionId));
    for (const entity of homeless) this.#putDeadLetter(entity, incoming, now);
    const numbers = this.#put(
      destinations.filter((entity) => !homeless.includes(entity)),
      incoming,
      now,
      noted,
    );
    return numbers[0] ?? 0;
  }

  /** Applies what a journal remembers. */
  replay(record: JournalRecord, location: BodyLocation, bytes: Buffer): void {
    const stored = (path: string): Entity | undefined => this.#stored(path);
    replay(record, location, bytes, { stored, target: (path) => this.target(path) });
  }

  /** Everything there is, as the shortest journal that tells it. Bodies by where they lie now. */
  *snapshot(now: number): Iterable<{ record: JournalRecord; location?: BodyLocation; bytes?: Buffer }> {
    for (const { path, history } of this.targets.values())
      for (const [id, at] of history?.entries(now) ?? []) yield { record: { t: "seen", q: path, id, at } };
    for (const entity of this.entities.values()) {
      yield { record: { t: "next", q: entity.path, n: entity.nextSequence } };
      for (const { id, state } of entity.sessions.all())
        if (state) yield { record: { t: "session", q: entity.path, id, set: true }, bytes: state };
      for (const message of entity.messages.values())
        yield { record: fullRecord(entity, message), location: message.location };
    }
  }

  #addTarget(path: string, settings: EntitySettings, branches: readonly Branch[] | undefined): void {
    const { duplicateWindowMs, forwardTo } = settings;
    this.targets.set(keyOf(path), {
      path,
      entity: this.#addReceivable(path, settings, branches !== undefined),
      history: duplicateWindowMs === undefined ? undefined : new DuplicateHistory(duplicateWindowMs),
      forwardTo,
      branches,
    });
  }

  #addReceivable(path: string, settings: EntitySettings, isTopic = false): Entity {
    const add = (at: string, its: EntitySettings, isDeadLetters: boolean): Entity => {
      const entity: Entity = new Entity(at, its, {
        record: (record) => this.#hooks.record(record),
        token: () => this.#hooks.token(),
        ready: () => this.#hooks.ready(entity),
        deadLetter: (message, now) => this.#toDeadLetters(entity, message, now),
        appliesTtl: !isDeadLetters && !isTopic,
        ...(isTopic || its.forwardTo !== undefined
          ? { passOn: (message: Message, now: number) => this.#passOn(entity, message, now) }
          : {}),
      });
      this.entities.set(keyOf(at), entity);
      return entity;
    };
    if (!isTopic) add(`${path}/${DEAD_LETTERS}`, deadLetterSettings(settings), true);
    return add(path, settings, false);
  }

  #stored(path: string): Entity | undefined {
    return this.entities.get(keyOf(path));
  }

  /** Where a message that comes to a target ends up: nowhere for a duplicate. */
  #route(target: SendTarget, id: string | undefined, facts: () => FilterFacts, now: number, noted: string[]): Entity[] {
    if (id !== undefined && !note(target, id, now, noted)) return [];
    if (target.branches)
      return target.branches
        .filter(({ rules }) => accepts(rules, facts))
        .flatMap(({ entity }) => this.#follow(entity, id, facts, now, noted));
    return this.#follow(target.entity, id, facts, now, noted);
  }

  #follow(entity: Entity, id: string | undefined, facts: () => FilterFacts, now: number, noted: string[]): Entity[] {
    const next = entity.settings.forwardTo === undefined ? undefined : this.target(entity.settings.forwardTo);
    return next ? this.#route(next, id, facts, now, noted) : [entity];
  }

  #put(entities: readonly Entity[], incoming: IncomingMessage, now: number, noted: readonly string[]): number[] {
    const numbers = entities.map((entity) => entity.nextSequence++);
    if (entities.length === 0 && noted.length === 0) return numbers;
    const { sessionId, ttlMs, scheduledAt } = incoming;
    const dueAt = scheduledAt !== undefined && scheduledAt > now ? scheduledAt : undefined;
    const record: PutRecord = {
      t: "put",
      to: entities.map((entity, index) => [entity.path, numbers[index] ?? 0]),
      at: now,
      ...(ttlMs === undefined ? {} : { ttl: ttlMs }),
      ...(sessionId === undefined ? {} : { session: sessionId }),
      ...(dueAt === undefined ? {} : { due: dueAt }),
      ...(noted.length === 0 ? {} : { id: incoming.messageId, noted }),
    };
    this.#hooks.record(record, incoming.bytes, (location) => putAll(record, location, (path) => this.#stored(path)));
    return numbers;
  }

  #putDeadLetter(entity: Entity, incoming: IncomingMessage, now: number): void {
    const record: PutRecord = {
      t: "put",
      to: [[this.#deadLettersOf(entity).path, entity.nextSequence++]],
      at: now,
      changes: deadLetterChanges(NO_SESSION),
    };
    this.#hooks.record(record, incoming.bytes, (location) => putAll(record, location, (path) => this.#stored(path)));
  }

  #deadLettersOf(entity: Entity): Entity {
    return this.#stored(`${entity.path}/${DEAD_LETTERS}`) ?? entity; // of dead letters: themselves
  }

  #toDeadLetters(from: Entity, message: Message, now: number): void {
    const forward = from.settings.forwardDeadLettersTo;
    const next = forward === undefined ? undefined : this.target(forward);
    if (!next) {
      const home = this.#deadLettersOf(from);
      const sequence =
        home === from ? message.sequence : home.messages.has(message.sequence) ? home.nextSequence++ : message.sequence;
      this.#move(from, message, [[home.path, sequence]], {
        at: message.enqueuedAt,
        n: message.deliveryCount,
        source: message.deadLetterSource,
      });
      return;
    }
    this.#forward(from, message, next, now, from.path);
  }

  #passOn(from: Entity, message: Message, now: number): void {
    const target = this.target(from.settings.forwardTo ?? from.path);
    if (target) this.#forward(from, message, target, now, message.deadLetterSource);
  }

  #forward(from: Entity, message: Message, target: SendTarget, now: number, source: string | undefined): void {
    const facts = (): FilterFacts => this.#hooks.facts(message.location);
    const entities =
      target.branches && target.entity === from
        ? this.#branchesOf(target, facts, now)
        : this.#route(target, undefined, facts, now, []);
    const homes = entities.map((entity) =>
      lacksSession(entity, message.sessionId) ? this.#deadLettersOf(entity) : entity,
    );
    const to = homes.map((entity) => [entity.path, entity.nextSequence++] as const);
    this.#move(from, message, to, { at: now, n: 0, source });
  }

  #branchesOf(target: SendTarget, facts: () => FilterFacts, now: number): Entity[] {
    return (target.branches ?? [])
      .filter(({ rules }) => accepts(rules, facts))
      .flatMap(({ entity }) => this.#follow(entity, undefined, facts, now, []));
  }

  #move(
    from: Entity,
    message: Message,
    to: MoveRecord["to"],
    its: { readonly at: number; readonly n: number; readonly source: string | undefined },
  ): void {
    const record: MoveRecord = {
      t: "move",
      q: from.path,
      s: message.sequence,
      to,
      at: its.at,
      n: its.n,
      ...(message.changes ? { changes: message.changes } : {}),
      ...(its.source === undefined ? {} : { source: its.source }),
    };
    this.#hooks.record(record);
    arrive(record, message, (path) => this.#stored(path));
  }
}

const limitsOf = ({ duplicateWindowMs, maxMessageBytes, maxBytes }: TopicSettings): Partial<EntitySettings> => ({
  duplicateWindowMs,
  maxMessageBytes,
  maxBytes,
});

const lacksSession = (entity: Entity, sessionId: string | undefined): boolean =>
  entity.settings.requiresSession && sessionId === undefined;

/** Notes a message id where duplicates are looked for; answers whether it is no duplicate. */
function note(target: SendTarget, id: string, now: number, noted: string[]): boolean {
  if (!target.history) return true;
  if (!target.history.admit(id, now)) return false;
  noted.push(target.path);
  return true;
}
