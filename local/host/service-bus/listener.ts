import type { ServiceBusClient } from "@azure/service-bus";
import type { HostLog } from "../host-log.ts";
import type { Invoker } from "../invoker.ts";
import type { ServiceBusHostSettings } from "./host-settings.ts";
import type { ServiceBusTrigger } from "./trigger.ts";

/** Receives for one function. */
export interface Listener {
  start(): void;
  /** Resolves when nothing that it has received is still under way. */
  idle(): Promise<void>;
  /** Takes nothing new and waits for what is under way. */
  stop(): Promise<void>;
}

/** What every kind of listener works with. */
export interface ListenerParts {
  readonly trigger: ServiceBusTrigger;
  readonly settings: ServiceBusHostSettings;
  readonly client: ServiceBusClient;
  readonly invoker: Invoker;
  readonly log: HostLog;
}
