/** Where the bytes of a message lie in the journal: they are not kept in memory. */
export interface BodyLocation {
  offset: number;
  readonly length: number;
}

export type MessageState = "active" | "deferred" | "scheduled";

/** Application properties that a settlement sets: encoded AMQP values by name, in base64 as the journal keeps them. */
export type PropertyChanges = Readonly<Record<string, string>>;

/** What a message is when it comes into an entity. */
export interface MessageFacts {
  readonly sequence: number;
  readonly sessionId: string | undefined;
  readonly enqueuedAt: number;
  /** What the sender asked for; the entity's own limit may be shorter. */
  readonly ttlMs: number | undefined;
  /** Set as long as the message is scheduled. */
  readonly dueAt: number | undefined;
  readonly location: BodyLocation;
}

/** A message in an entity. A class, because there are many: every field is always there. */
export class Message {
  sequence: number;
  readonly sessionId: string | undefined;
  enqueuedAt: number;
  readonly ttlMs: number | undefined;
  expiresAt = Infinity;
  dueAt: number | undefined;
  deliveryCount = 0;
  state: MessageState;
  lock: Lock | undefined = undefined;
  /** It was scheduled once: receivers still see that. */
  wasScheduled: boolean;
  changes: PropertyChanges | undefined = undefined;
  /** The entity whose dead letter this is, when it was forwarded out of there. */
  deadLetterSource: string | undefined = undefined;
  readonly location: BodyLocation;

  constructor(facts: MessageFacts) {
    this.sequence = facts.sequence;
    this.sessionId = facts.sessionId;
    this.enqueuedAt = facts.enqueuedAt;
    this.ttlMs = facts.ttlMs;
    this.dueAt = facts.dueAt;
    this.state = facts.dueAt === undefined ? "active" : "scheduled";
    this.wasScheduled = facts.dueAt !== undefined;
    this.location = facts.location;
  }
}

/** A message in the hands of a receiver. `until` of a message of a session is that of the session. */
export interface Lock {
  /** 16 bytes as latin1 text: the delivery tag. */
  readonly token: string;
  readonly message: Message;
  readonly session: SessionLock | undefined;
  until: number;
}

/** A session in the hands of a receiver. */
export interface SessionLock {
  readonly sessionId: string;
  until: number;
  readonly locks: Set<Lock>;
  /** Told when the session is taken away. */
  readonly lost: () => void;
}
