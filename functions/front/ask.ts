import type { InvocationContext } from "@azure/functions";
import type { ActivationId } from "../../shared/domain/ids.ts";
import { plus, SECOND_MS } from "../../shared/domain/time.ts";
import type { PendingBody } from "../../shared/ports/activation-store.ts";
import type { WorkflowGateway } from "../../shared/ports/workflow-gateway.ts";
import type { Front } from "./front.ts";

const RING_AGAIN_AFTER_MS = 30 * SECOND_MS;

/**
 * Writes down what somebody asks, then rings. The row is what counts: where the bell is lost, the worker's `ringDue` rings again.
 * Asking the same again changes nothing.
 */
export async function ask(
  front: Pick<Front, "clock" | "store" | "gatewayOf" | "log">,
  context: InvocationContext,
  activationId: ActivationId,
  key: string,
  body: PendingBody,
  bell: (gateway: WorkflowGateway, id: ActivationId) => Promise<void> = (gateway, id) => gateway.ring(id),
): Promise<void> {
  const createdAt = front.clock.now();
  await front.store.ask({ activationId, key, createdAt, dueAt: plus(createdAt, RING_AGAIN_AFTER_MS), body });
  try {
    await bell(front.gatewayOf(context), activationId);
  } catch (error) {
    front.log("warn", "bell lost", { activationId, message: error instanceof Error ? error.message : "unknown" });
  }
}
