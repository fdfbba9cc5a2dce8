import type { JournalRecord } from "../../local/broker/journal/records.ts";
import type { Entity } from "../../local/broker/model/entity.ts";
import type { IncomingMessage } from "../../local/broker/model/incoming.ts";
import { Namespace } from "../../local/broker/model/namespace.ts";
import type { NamespaceSettings } from "../../local/broker/model/settings.ts";

const BYTES = Buffer.from("0123456789");

/** The entities of a broker without journal and connections: what is remembered is kept in a list. */
export interface ModelUnderTest {
  readonly namespace: Namespace;
  readonly records: JournalRecord[];
  entity(path: string): Entity;
  send(path: string, incoming: IncomingMessage, now: number): number;
  replayAll(records: readonly JournalRecord[]): void;
}

export function aNamespace(settings: Partial<NamespaceSettings>): ModelUnderTest {
  const records: JournalRecord[] = [];
  let tokens = 0;
  const namespace = new Namespace(
    { name: "test", queues: [], topics: [], ...settings },
    {
      record: (record, bytes, written) => {
        records.push(record);
        written?.({ offset: 0, length: bytes?.length ?? 0 });
      },
      token: () => `token-${++tokens}`,
      ready: () => undefined,
      facts: () => ({ system: {}, properties: {} }),
    },
  );
  const entity = (path: string): Entity => {
    const found = namespace.entities.get(path.toLowerCase());
    if (!found) throw new Error(`there is no ${path}`);
    return found;
  };
  return {
    namespace,
    records,
    entity,
    send: (path, incoming, now) => {
      const target = namespace.target(path);
      if (!target) throw new Error(`there is no ${path}`);
      return namespace.send(target, incoming, now);
    },
    replayAll: (all) => {
      for (const record of all) namespace.replay(record, { offset: 0, length: BYTES.length }, Buffer.alloc(0));
    },
  };
}

export const anIncoming = (fields: Partial<IncomingMessage> = {}): IncomingMessage => ({
  bytes: BYTES,
  messageId: "id",
  sessionId: undefined,
  ttlMs: undefined,
  scheduledAt: undefined,
  facts: () => ({ system: {}, properties: {} }),
  ...fields,
});
