import type { InvocationContext } from "@azure/functions";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import { maySend } from "../../shared/domain/opening.ts";
import { REASONS, refusal } from "../../shared/domain/reasons.ts";
import { isRole } from "../../shared/domain/ticket-check.ts";
import { DAY_MS, HOUR_MS, instant, msOf, plus, SECOND_MS, type Instant } from "../../shared/domain/time.ts";
import type { ActivationStore } from "../../shared/ports/activation-store.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { ReceivedMessage, RequestQueues } from "../../shared/ports/request-queues.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";
import type { WorkflowGateway } from "../../shared/ports/workflow-gateway.ts";
import { claimFor } from "../activation/claim-request.ts";
import type { Log } from "../worker.ts";
import { readMessage } from "./read-message.ts";

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

const FIRST_PAUSE_MS = 15 * SECOND_MS;
const LONGEST_PAUSE_MS = HOUR_MS;
const GIVE_UP_MS = 3 * DAY_MS;

interface Rejection {
  readonly reason: string;
  readonly description: string;
}

/**
 * One message of a system's own queue. Who sends is the queue. It starts the activation, or the one that is there
 * already; what cannot start any is kept on the queue of rejected messages with its reason, and what fails for a passing
 * reason comes again after a growing pause. Only a crash leaves the message to the trigger, which delivers it again.
 * May run twice: the claim is the same.
 */
export const receiveRequest =
  (door: MessageDoor, sender: string) =>
  async (body: unknown, context: InvocationContext): Promise<void> => {
    const delivery = deliveryOf(sender, body, context, door.clock.now());
    try {
      const rejection = await take(door, delivery, context);
      if (rejection) await reject(door, delivery, rejection);
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error;
      await tryAgain(door, delivery, error);
    }
  };

interface Delivery extends ReceivedMessage {
  readonly attempt: number;
  readonly firstAt: Instant;
}

/**
 * The properties of a message that was put back are ours. A body whose members have the names of properties can hide
 * them; such a body is not valid, and what it hides only times its repetition.
 */
function deliveryOf(
  sender: string,
  body: unknown,
  { triggerMetadata = {} }: InvocationContext,
  now: Instant,
): Delivery {
  const own = (triggerMetadata["applicationProperties"] ?? {}) as Readonly<Record<string, unknown>>;
  const { originalId = triggerMetadata["messageId"], attempt, firstAt } = own;
  const bytes = bytesOf(body);
  return {
    sender,
    body: bytes,
    originalId: typeof originalId === "string" || typeof originalId === "number" ? `${originalId}` : digest(bytes),
    attempt: Number.isSafeInteger(attempt) ? Math.max(0, attempt as number) : 0,
    firstAt: typeof firstAt === "string" && !Number.isNaN(Date.parse(firstAt)) ? instant(Date.parse(firstAt)) : now,
  };
}

const digest = (bytes: Uint8Array): string => sha256Hex(Buffer.from(bytes).toString("base64")).slice(0, 32);

/** The trigger hands bytes over; a host that parsed them already gets them back as text. */
const bytesOf = (body: unknown): Uint8Array => {
  if (body instanceof Uint8Array) return body;
  if (body === undefined || body === null) return new Uint8Array();
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
};

async function take(
  door: MessageDoor,
  { sender, body }: Delivery,
  context: InvocationContext,
): Promise<Rejection | undefined> {
  const read = readMessage(body);
  if (!("message" in read)) return read;
  const { message } = read;
  const { policy, people } = door.policies;
  const person = people.byKey(message.person);
  const role = policy.roles.find((one) => isRole(message.role, one));
  const rules = policy.senders[sender];
  // Whether a person or a role exists is nothing for a system that may not ask for them.
  if (!rules || !person || !role || !maySend(rules, { person: person.key, ...role }))
    return worded(refusal("SenderNotAllowed"));
  const via = { door: "message" as const, sender, requestKey: message.requestId };
  const asked = await claimFor(door, { via, person, body: message });
  if ("refusal" in asked) return worded(asked.refusal);
  const { won, claim } = await door.store.claim(asked.candidate);
  if (won) await door.gatewayOf(context).start(claim.activationId); // one whose winner died is started by the sweeper
  return undefined;
}

const worded = ({ reason, detail }: ReturnType<typeof refusal>): Rejection => ({
  reason,
  description: `${REASONS[reason]}${detail === undefined ? "" : ` (${detail})`}`,
});

async function reject(door: MessageDoor, delivery: Delivery, { reason, description }: Rejection): Promise<void> {
  const at = door.clock.now();
  const { sender, originalId, body } = delivery;
  const key = `${sender}-${sha256Hex(`${originalId} ${digest(body)}`).slice(0, 32)}`;
  await door.audit.append(`door-${at.slice(0, 10)}`, key, {
    type: "MessageRejected",
    at,
    actor: { kind: "sender", sender },
    data: { reason, message: sha256Hex(originalId).slice(0, 32) },
  });
  await door.requests.reject(delivery, { reason, description, at });
  door.log("warn", "message rejected", { sender, reason });
}

async function tryAgain(door: MessageDoor, delivery: Delivery, error: DependencyError): Promise<void> {
  const now = door.clock.now();
  door.log("warn", "message put back", { sender: delivery.sender, attempt: delivery.attempt, problem: error.message });
  if (msOf(now) - msOf(delivery.firstAt) > GIVE_UP_MS)
    return reject(door, delivery, {
      reason: "Unavailable",
      description: "What this needs did not answer for three days.",
    });
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(delivery.attempt, 20), LONGEST_PAUSE_MS);
  const pause = Math.max(pauseMs, error.retryAfterMs ?? 0);
  await door.requests.again({ ...delivery, attempt: delivery.attempt + 1 }, plus(now, pause));
}
