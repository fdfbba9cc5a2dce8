import { Grants, type Right } from "../auth/grants.ts";
import { lenientNow } from "../auth/lenient-now.ts";
import type { Entity } from "../model/entity.ts";
import { DEAD_LETTERS } from "../model/namespace.ts";
import { parseAddress } from "./addresses.ts";
import { tokenNode, type TokenCheck } from "./cbs.ts";
import type { Door } from "./door.ts";
import { notAllowed, notFound, refusedByFault, unauthorized } from "./errors.ts";
import { managementNode } from "./management.ts";
import { keepRawMessages } from "./raw-messages.ts";
import { serveReplies, serveRequests } from "./request-node.ts";
import type { AmqpError, LinkContext, RheaConnection, RheaReceiver, RheaSender } from "./rhea.ts";
import { serveSendingClient } from "./sending-client.ts";
import { startReceiving } from "./start-receiving.ts";

type Allow = (path: string, right: Right) => boolean;
type TokenNode = ReturnType<typeof tokenNode>;

/**
 * Serves one connection: every link goes to the token node, to a management node or to an entity. A link that is
 * refused is opened to nothing and closed with the reason.
 */
export function serveConnection(door: Door, connection: RheaConnection, checkToken: TokenCheck): void {
  const grants = new Grants();
  const tokens = tokenNode(grants, checkToken);
  const allow: Allow = (path, right) => grants.allow(path, right, lenientNow());
  connection.on("session_open", ({ session }: LinkContext) => keepRawMessages(session));
  connection.on("receiver_open", ({ receiver }: LinkContext) => {
    const refusal = receiver && openForSending(door, receiver, allow, tokens);
    if (refusal) receiver.close(refusal);
  });
  connection.on("sender_open", ({ sender }: LinkContext) => {
    const refusal = sender && openForReceiving(door, sender, allow);
    if (refusal) sender.close(refusal);
  });
}

/** A link on which the client sends. Answers why it is refused. */
function openForSending(door: Door, link: RheaReceiver, allow: Allow, tokens: TokenNode): AmqpError | undefined {
  const { node, path } = parseAddress(link.target?.address ?? "");
  switch (node) {
    case "cbs":
      serveRequests(door, link, tokens);
      return undefined;
    case "management":
      return openManagement(door, link, path, allow);
    case "entity":
      return openTarget(door, link, path, allow);
  }
}

function openManagement(door: Door, link: RheaReceiver, path: string, allow: Allow): AmqpError | undefined {
  if (!allow(path, "Listen") && !allow(path, "Send")) return unauthorized("Manage", path);
  const answer = managementNode(door, path, (right) => allow(path, right));
  if (!answer) return notFound(path);
  serveRequests(door, link, answer);
  return undefined;
}

function openTarget(door: Door, link: RheaReceiver, path: string, allow: Allow): AmqpError | undefined {
  if (!allow(path, "Send")) return unauthorized("Send", path);
  const target = door.broker.namespace.target(path);
  if (!target) return notFound(path);
  const condition = door.faults.refusal(target.path);
  if (condition !== undefined) return refusedByFault(condition);
  serveSendingClient(door, link, target);
  return undefined;
}

/** A link on which the client receives. Answers why it is refused. */
function openForReceiving(door: Door, link: RheaSender, allow: Allow): AmqpError | undefined {
  const { node, path } = parseAddress(link.source?.address ?? "");
  if (node !== "entity") {
    serveReplies(link);
    return undefined;
  }
  if (!allow(path, "Listen")) return unauthorized("Listen", path);
  const entity = door.broker.namespace.entity(path);
  if (!entity) return notFound(path);
  const condition = door.faults.refusal(entity.path);
  if (condition !== undefined) return refusedByFault(condition);
  const forwards = forwardOf(door, entity);
  if (forwards !== undefined) return notAllowed(`Messages of '${path}' are forwarded to '${forwards}'.`);
  return startReceiving(door, link, entity);
}

/** Nobody receives from where messages only pass through. */
function forwardOf(door: Door, entity: Entity): string | undefined {
  const suffix = `/${DEAD_LETTERS}`;
  if (!entity.path.endsWith(suffix)) return entity.settings.forwardTo;
  return door.broker.namespace.entity(entity.path.slice(0, -suffix.length))?.settings.forwardDeadLettersTo;
}
