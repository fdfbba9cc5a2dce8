import type { ControlOperations } from "../../service.ts";
import type { ActivityFault, ClientMessage } from "./faults.ts";
import type { HubContext } from "./hub-context.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** The faults of the platform and a look inside, for tests and the demo; README names them. */
export function controlOperations(hub: HubContext): ControlOperations {
  const { faults } = hub;
  const activityFault =
    (kind: ActivityFault) =>
    (parameters: Parameters): void =>
      faults.add(kind, { ...filterOf(parameters), name: textOf(parameters, "name") });
  return {
    loseNext: (parameters) => faults.add(clientMessageOf(parameters), filterOf(parameters)),
    runActivityTwice: activityFault("twice"),
    loseActivityBefore: activityFault("loseBefore"),
    loseActivityAfter: activityFault("loseAfter"),
    holdActivity: (parameters) => faults.hold(textOf(parameters, "name")),
    releaseActivity: (parameters) => faults.release(textOf(parameters, "name")),
    clearFaults: () => faults.clear(),
    unpark: (parameters) => {
      hub.db.transaction("unpark", () => hub.store.unpark(textOf(parameters, "instanceId"), Date.now()));
      hub.poke();
    },
    transactions: () => hub.db.counts,
  };
}

function filterOf({ name, instanceId, times }: Parameters): { name?: string; instanceId?: string; times?: number } {
  return {
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof instanceId === "string" ? { instanceId } : {}),
    ...(typeof times === "number" ? { times } : {}),
  };
}

function textOf(parameters: Parameters, field: string): string {
  const value = parameters[field];
  if (typeof value !== "string") throw new Error(`${field} must be a text`);
  return value;
}

function clientMessageOf({ kind }: Parameters): ClientMessage {
  if (kind === "event" || kind === "suspend" || kind === "resume" || kind === "terminate") return kind;
  throw new Error("kind must be event, suspend, resume or terminate");
}
