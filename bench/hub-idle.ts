/** What of host.json decides how often an idle task hub asks its storage. */
export interface HubPolling {
  readonly partitionCount: number;
  readonly maxQueuePollingIntervalSeconds: number;
}

/** @see https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-azure-storage-provider */
export const DEFAULT_POLLING: HubPolling = { partitionCount: 4, maxQueuePollingIntervalSeconds: 30 };

/** The scale controller looks at every queue, the host renews the lease of every partition. */
const SCALE_CONTROLLER_SECONDS = 10;
const LEASE_RENEWAL_SECONDS = 10;
const HOUR_SECONDS = 3_600;

/**
 * Storage operations an hour of a task hub in which nothing happens, on one instance: each queue is polled at the
 * longest interval, for one control queue a partition and one queue of work items.
 */
export function idleHubOperations({ partitionCount, maxQueuePollingIntervalSeconds }: HubPolling): number {
  const queues = partitionCount + 1;
  const polls = queues / maxQueuePollingIntervalSeconds;
  return HOUR_SECONDS * (polls + queues / SCALE_CONTROLLER_SECONDS + partitionCount / LEASE_RENEWAL_SECONDS);
}

/** @throws Error for an interval that is not hh:mm:ss */
export function pollingOf(hostJson: unknown): HubPolling {
  const { extensions } = hostJson as {
    readonly extensions?: {
      readonly durableTask?: {
        readonly storageProvider?: { readonly partitionCount?: number; readonly maxQueuePollingInterval?: string };
      };
    };
  };
  const { partitionCount, maxQueuePollingInterval: interval } = extensions?.durableTask?.storageProvider ?? {};
  return {
    partitionCount: partitionCount ?? DEFAULT_POLLING.partitionCount,
    maxQueuePollingIntervalSeconds:
      interval === undefined ? DEFAULT_POLLING.maxQueuePollingIntervalSeconds : secondsOf(interval),
  };
}

function secondsOf(interval: string): number {
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d)$/.exec(interval) ?? [];
  if (seconds === undefined) throw new Error(`${interval} is not hh:mm:ss`);
  return Number(hours) * HOUR_SECONDS + Number(minutes) * 60 + Number(seconds);
}
