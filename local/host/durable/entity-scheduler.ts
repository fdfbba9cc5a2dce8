import type { EntityRelease, EntityRequest } from "./entity-messages.ts";
import type { HistoryEvent } from "./history.ts";
import { receive, type SorterState } from "./message-sorter.ts";

/** What an entity keeps beside its state. */
export interface SchedulerState {
  readonly queue?: readonly EntityRequest[];
  /** The instance that holds the lock. */
  readonly lockedBy?: string;
  readonly sorter: SorterState;
}

export interface Scheduled {
  readonly operations: readonly EntityRequest[];
  /** Granted after the operations; nothing behind it runs before the release. */
  readonly lock: EntityRequest | undefined;
  readonly state: SchedulerState;
}

/** Sorts what has come: the holder's calls go first, everybody else's wait until the entity is free. */
export function scheduleRequests(before: SchedulerState, events: readonly HistoryEvent[]): Scheduled {
  let { sorter, lockedBy } = before;
  const held: EntityRequest[] = [];
  const arrived: EntityRequest[] = [];
  for (const event of events) {
    if (event.EventType !== 15 || event.Input === null) continue;
    if (event.Name === "release") {
      if (lockedBy === (JSON.parse(event.Input) as EntityRelease).parent) lockedBy = undefined;
      continue;
    }
    const request = JSON.parse(event.Input) as EntityRequest;
    const known = request.pos === undefined ? receive(sorter, request) : sorter;
    if (!known) continue;
    sorter = known;
    (lockedBy !== undefined && lockedBy === request.parent ? held : arrived).push(request);
  }
  const queue = [...held, ...(before.queue ?? []), ...arrived];
  const operations: EntityRequest[] = [];
  let lock: EntityRequest | undefined;
  while (!lock && queue[0] && (lockedBy === undefined || lockedBy === queue[0].parent)) {
    const [next] = queue.splice(0, 1);
    if (next?.lockset) lock = next;
    else if (next) operations.push(next);
  }
  const holder = lock?.parent ?? lockedBy;
  return {
    operations,
    lock,
    state: { ...(queue.length > 0 ? { queue } : {}), ...(holder === undefined ? {} : { lockedBy: holder }), sorter },
  };
}
