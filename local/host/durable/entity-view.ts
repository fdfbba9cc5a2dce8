import { executionStarted, type HistoryEvent } from "./history.ts";
import type { Instance, Store } from "./store.ts";

/** An entity as the platform keeps it: an instance that never ends, started anew with its state after every batch. */
export function entityAsInstance(
  store: Store,
  id: string,
): { readonly instance: Instance; readonly history: readonly HistoryEvent[] } | undefined {
  const entity = store.entityState(id);
  const { queue, lockedBy, sorter } = store.scheduler(id);
  if (!entity && !queue && lockedBy === undefined) return undefined;
  const at = entity?.operatedAt ?? Date.now();
  const input = JSON.stringify({
    ...(entity ? { exists: true, state: entity.state } : {}),
    queue,
    lockedBy,
    sorter,
  });
  const status = { entityExists: entity !== undefined, queueSize: queue?.length, lockedBy };
  const start = { instanceId: id, executionId: "", name: id, input, parent: null, generation: null };
  return {
    instance: {
      ...start,
      status: "Running",
      output: null,
      customStatus: JSON.stringify(status),
      createdAt: at,
      updatedAt: at,
      parked: null,
    },
    history: [executionStarted(start, at)],
  };
}
