/** What one queue, subscription or topic is set up to do. Durations in milliseconds; no limit is `Infinity`. */
export interface EntitySettings {
  readonly lockMs: number;
  readonly maxDeliveryCount: number;
  readonly ttlMs: number;
  readonly deadLetterOnExpiration: boolean;
  readonly requiresSession: boolean;
  readonly duplicateWindowMs: number | undefined;
  readonly forwardTo: string | undefined;
  readonly forwardDeadLettersTo: string | undefined;
  readonly maxMessageBytes: number;
  readonly maxBytes: number;
}

/** A place for dead letters: nothing ends there by itself. */
export const deadLetterSettings = ({ lockMs }: EntitySettings): EntitySettings => ({
  ...DEFAULT_ENTITY,
  lockMs,
  maxDeliveryCount: Infinity,
});

export interface CorrelationFilter {
  readonly kind: "correlation";
  /** Names of `FilterFacts` with the text they must have. */
  readonly system: Readonly<Partial<Record<SystemProperty, string>>>;
  readonly properties: Readonly<Record<string, string>>;
}

export type Rule = { readonly kind: "all" } | { readonly kind: "none" } | CorrelationFilter;

export const SYSTEM_PROPERTIES = [
  "correlationId",
  "messageId",
  "to",
  "replyTo",
  "subject",
  "sessionId",
  "replyToSessionId",
  "contentType",
] as const;

export type SystemProperty = (typeof SYSTEM_PROPERTIES)[number];

export interface QueueSettings extends EntitySettings {
  readonly name: string;
}

export interface SubscriptionSettings extends EntitySettings {
  readonly name: string;
  readonly rules: readonly Rule[];
}

export interface TopicSettings {
  readonly name: string;
  readonly ttlMs: number;
  readonly duplicateWindowMs: number | undefined;
  readonly maxMessageBytes: number;
  readonly maxBytes: number;
  readonly subscriptions: readonly SubscriptionSettings[];
}

export interface NamespaceSettings {
  readonly name: string;
  readonly queues: readonly QueueSettings[];
  readonly topics: readonly TopicSettings[];
}

/** Azure's defaults of a queue. */
export const DEFAULT_ENTITY: EntitySettings = {
  lockMs: 60_000,
  maxDeliveryCount: 10,
  ttlMs: Infinity,
  deadLetterOnExpiration: false,
  requiresSession: false,
  duplicateWindowMs: undefined,
  forwardTo: undefined,
  forwardDeadLettersTo: undefined,
  maxMessageBytes: 256 * 1024,
  maxBytes: 1024 * 1024 * 1024,
};
