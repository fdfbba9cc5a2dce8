import type { ControlOperations } from "../service.ts";
import type { AmqpServer } from "./amqp/server.ts";
import type { Broker } from "./broker.ts";
import { parseFault, type Faults } from "./faults.ts";
import type { Entity } from "./model/entity.ts";

interface Parts {
  readonly broker: Broker;
  readonly server: AmqpServer;
  readonly faults: Faults;
}

const PAGE = 100;

/** The operations of the broker in the control API; see README.md. */
export function brokerControl({ broker, server, faults }: Parts): ControlOperations {
  const entityIn = (parameters: Readonly<Record<string, unknown>>): Entity => {
    const name = parameters["entity"];
    const entity = typeof name === "string" ? broker.namespace.entity(name) : undefined;
    if (!entity) throw new Error(`there is no entity ${String(name)}`);
    return entity;
  };
  return {
    entities: () => [...broker.namespace.entities.values()].map(countsOf),
    messages: (parameters) => [...entityIn(parameters).messages.values()].slice(0, PAGE).map(viewOf),
    purge: async (parameters) => {
      const entity = entityIn(parameters);
      const messages = [...entity.messages.values()];
      for (const message of messages) entity.drop(message);
      await broker.journal.durable();
      return { removed: messages.length };
    },
    status: () => ({
      connections: server.connectionCount,
      journalBytes: broker.journal.size,
      compactions: broker.journal.compactions,
    }),
    dropConnections: () => ({ dropped: server.dropAll() }),
    faults: (parameters) => faults.add(parseFault(parameters)),
    clearFaults: () => faults.clear(),
  };
}

function countsOf(entity: Entity): Record<string, unknown> {
  const counts = { active: 0, deferred: 0, scheduled: 0 };
  for (const { state } of entity.messages.values()) counts[state] += 1;
  return { entity: entity.path, ...counts, locked: entity.lockCount, bytes: entity.bytes };
}

const viewOf = (message: Entity["messages"] extends Map<number, infer M> ? M : never): Record<string, unknown> => ({
  sequence: message.sequence,
  state: message.state,
  locked: message.lock !== undefined,
  deliveryCount: message.deliveryCount,
  enqueuedAt: new Date(message.enqueuedAt).toISOString(),
  bytes: message.location.length,
  ...(message.sessionId === undefined ? {} : { sessionId: message.sessionId }),
});
