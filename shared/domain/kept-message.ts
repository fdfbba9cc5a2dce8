/** Where messages are kept that nobody works on any more: refused with a reason, or given up by the broker. */
export const SHELVES = ["rejected", "dead-letters"] as const;
export type Shelf = (typeof SHELVES)[number];

/** Names one kept message: its queue, and its number there. */
export interface KeptMessageId {
  readonly queue: string;
  /** Of 64 bits, as decimal digits. */
  readonly sequence: string;
}

export function parseKeptMessageId(text: string): KeptMessageId | undefined {
  const [, queue, sequence] = /^([a-z][a-z0-9-]{0,63})\.([1-9]\d{0,18})$/.exec(text) ?? [];
  return queue === undefined || sequence === undefined ? undefined : { queue, sequence };
}

export const keptMessageIdText = ({ queue, sequence }: KeptMessageId): string => `${queue}.${sequence}`;
