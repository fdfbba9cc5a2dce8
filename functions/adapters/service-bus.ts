import { SettingsError, type Settings } from "../../shared/config/settings.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { QueueProbe } from "../../shared/ports/doctor.ts";
import type { EventPublisher } from "../../shared/ports/event-publisher.ts";
import type { HandoverQueue } from "../../shared/ports/handover.ts";
import type { KeptMessages } from "../../shared/ports/kept-messages.ts";
import type { RequestQueues } from "../../shared/ports/request-queues.ts";
import { lazy, once } from "../lazy.ts";
import type { Worker } from "../worker.ts";
import { credential } from "./identity.ts";

interface BusPorts {
  readonly requests: RequestQueues;
  readonly events: EventPublisher;
  readonly handover: HandoverQueue;
  readonly kept: KeptMessages;
  readonly probe: QueueProbe;
}

/** @throws SettingsError when the policy names systems that send messages and there is no bus for them */
export function serviceBusPorts(
  settings: Settings,
  { senders }: Worker["policies"]["policy"],
  clock: Clock,
): BusPorts | undefined {
  const { serviceBus } = settings;
  if (!serviceBus) {
    if (Object.keys(senders).length === 0) return undefined;
    throw new SettingsError([{ name: "SERVICE_BUS", problem: "is missing: the policy names senders" }]);
  }
  const bus = once(async () =>
    (await import("../../shared/adapters/service-bus/client.ts")).createBus(
      serviceBus.kind === "connection"
        ? { connectionString: serviceBus.connection.reveal() }
        : { ...serviceBus, credential: await credential(settings)() },
    ),
  );
  return {
    requests: lazy<RequestQueues>(async () =>
      (await import("../../shared/adapters/service-bus/request-queues.ts")).createRequestQueues(await bus()),
    ),
    events: lazy<EventPublisher>(async () =>
      (await import("../../shared/adapters/service-bus/event-publisher.ts")).createEventPublisher(
        await bus(),
        settings.publicUrl,
        clock,
      ),
    ),
    handover: lazy<HandoverQueue>(async () =>
      (await import("../../shared/adapters/service-bus/handover-queue.ts")).createHandoverQueue(await bus()),
    ),
    kept: lazy<KeptMessages>(async () =>
      (await import("../../shared/adapters/service-bus/kept-messages.ts")).createKeptMessages(
        await bus(),
        Object.keys(senders),
      ),
    ),
    probe: lazy<QueueProbe>(async () =>
      (await import("../../shared/adapters/service-bus/queue-probe.ts")).createQueueProbe(
        await bus(),
        Object.keys(senders),
      ),
    ),
  };
}
