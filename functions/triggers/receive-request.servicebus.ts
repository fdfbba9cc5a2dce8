import type { InvocationContext } from "@azure/functions";
import { digestOf } from "../../shared/crypto/digest.ts";
import { maySend } from "../../shared/domain/opening.ts";
import { REASONS, refusal } from "../../shared/domain/reasons.ts";
import { isRole } from "../../shared/domain/ticket-check.ts";
import type { ActivationStore } from "../../shared/ports/activation-store.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { RepeatedMessage, RequestQueues } from "../../shared/ports/request-queues.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";
import type { WorkflowGateway } from "../../shared/ports/workflow-gateway.ts";
import { claimFor } from "../activation/claim-request.ts";
import type { Log } from "../worker.ts";
import { deliveryOf } from "./message-delivery.ts";
import { reject, tryLater, type Rejection } from "./put-back.ts";
import { readMessage } from "./read-message.ts";
import { takenRequests, type TakenRequests } from "./taken-requests.ts";

/** What the door of messages works with. */
export interface MessageDoor {
  readonly clock: Clock;
  readonly policies: PolicyStore;
  readonly store: ActivationStore;
  readonly audit: Pick<AuditLog, "append">;
  readonly directory: Pick<RoleDirectory, "eligibilities">;
  readonly requests: RequestQueues;
  readonly gatewayOf: (context: InvocationContext) => WorkflowGateway;
  readonly log: Log;
}

/**
 * One message of a system's own queue. Who sends is the queue. It starts the activation, or finds the one that is there
 * already; what cannot start any is kept on the queue of rejected messages with its reason, and what fails for a passing
 * reason comes again after a growing pause. Only a crash leaves the message to the trigger, which delivers it again.
 * May run twice: the claim is the same.
 */
export const receiveRequest = (door: MessageDoor, sender: string) => {
  const taken = takenRequests();
  return async (body: unknown, context: InvocationContext): Promise<void> => {
    const delivery = deliveryOf(sender, body, context.triggerMetadata ?? {}, door.clock.now());
    try {
      const rejection = await take(door, taken, delivery, context);
      if (rejection) await reject(door, delivery, rejection);
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error;
      await tryLater(door, delivery, error);
    }
  };
};

async function take(
  door: MessageDoor,
  taken: TakenRequests,
  { sender, body, expiresAt }: RepeatedMessage,
  context: InvocationContext,
): Promise<Rejection | undefined> {
  const read = readMessage(body);
  if (!("message" in read)) return read;
  if (expiresAt !== undefined && expiresAt <= door.clock.now()) return EXPIRED;
  const { message } = read;
  const { policy, people } = door.policies;
  const person = people.byKey(message.person);
  const role = policy.roles.find((one) => isRole(message.role, one));
  const rules = policy.senders[sender];
  // Whether a person or a role exists is nothing for a system that may not ask for them.
  if (!rules || !person || !role || !maySend(rules, { person: person.key, ...role }))
    return worded(refusal("SenderNotAllowed"));
  const digest = digestOf(message);
  if (taken.has(digest, door.clock.now())) return undefined;
  const via = { door: "message" as const, sender, requestKey: message.requestId };
  const asked = await claimFor(door, { via, person, body: message });
  if ("refusal" in asked) return worded(asked.refusal);
  const { won, claim } = await door.store.claim(asked.candidate);
  if (won) await door.gatewayOf(context).start(claim.activationId); // one whose winner died is started by `ringDue`
  taken.add(digest, door.clock.now());
  return undefined;
}

const EXPIRED: Rejection = {
  reason: "Expired",
  description: "The message expired before what it needs could be asked.",
};

const worded = ({ reason, detail }: ReturnType<typeof refusal>): Rejection => ({
  reason,
  description: `${REASONS[reason]}${detail === undefined ? "" : ` (${detail})`}`,
});
