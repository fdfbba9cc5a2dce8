import { sha256Hex } from "../../shared/crypto/digest.ts";
import { DAY_MS, HOUR_MS, msOf, plus, SECOND_MS } from "../../shared/domain/time.ts";
import type { AuditActor } from "../../shared/domain/audit-event.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { RepeatedMessage, RequestQueues } from "../../shared/ports/request-queues.ts";
import type { Log } from "../worker.ts";
import { bodyDigest } from "./message-delivery.ts";

const FIRST_PAUSE_MS = 15 * SECOND_MS;
const LONGEST_PAUSE_MS = HOUR_MS;
/** Whatever a dependency asks for: somebody may have set its clock wrong. */
const LONGEST_WISH_MS = DAY_MS;
const GIVE_UP_MS = 3 * DAY_MS;

interface Ports {
  readonly clock: Clock;
  readonly audit: Pick<AuditLog, "append">;
  readonly requests: RequestQueues;
  readonly log: Log;
  /** Whose message it is, where no system of the policy sent it. */
  readonly actor?: AuditActor;
}

/** Why a message starts nothing; the description is for people. */
export interface Rejection {
  readonly reason: string;
  readonly description: string;
}

/** Keeps what starts nothing where people find it, once the trail says so. May run twice. @throws DependencyError */
export async function reject(
  { clock, audit, requests, log, actor }: Ports,
  message: RepeatedMessage,
  { reason, description }: Rejection,
): Promise<void> {
  const at = clock.now();
  const { sender, originalId } = message;
  const id = `${sender}-${sha256Hex(`${originalId} ${bodyDigest(message.body)}`).slice(0, 32)}`;
  await audit.append(`door-${at.slice(0, 10)}`, id, {
    type: "MessageRejected",
    at,
    actor: actor ?? { kind: "sender", sender },
    data: { reason, message: sha256Hex(originalId).slice(0, 32) },
  });
  await requests.reject(message, { id, reason, description, at });
  log("warn", "message rejected", { sender, reason });
}

/**
 * Has the message come again after a pause that grows from 15 seconds to an hour, and gives it up after three days;
 * if not even that can be written down, it comes again. May run twice. @throws DependencyError when the bus fails
 */
export async function tryLater(ports: Ports, message: RepeatedMessage, fault: DependencyError): Promise<void> {
  const { sender, attempt, firstAt } = message;
  const now = ports.clock.now();
  const isOver = msOf(now) - msOf(firstAt) > GIVE_UP_MS;
  if (isOver && (await isRejected(ports, message))) return;
  ports.log("warn", "message put back", { sender, attempt, problem: fault.message });
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 20), LONGEST_PAUSE_MS);
  const wishMs = Math.min(fault.retryAfterMs ?? 0, LONGEST_WISH_MS);
  await ports.requests.again({ ...message, attempt: attempt + 1 }, plus(now, Math.max(pauseMs, wishMs)));
}

async function isRejected(ports: Ports, message: RepeatedMessage): Promise<boolean> {
  try {
    await reject(ports, message, {
      reason: "Unavailable",
      description: "What this needs did not answer for three days.",
    });
    return true;
  } catch (error) {
    if (error instanceof DependencyError) return false;
    throw error;
  }
}
