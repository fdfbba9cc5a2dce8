import type { Right } from "../auth/grants.ts";
import type { Outcome } from "../model/entity-hooks.ts";
import type { Entity } from "../model/entity.ts";
import type { Lock, Message, SessionLock } from "../model/message.ts";
import type { SendTarget } from "../model/namespace.ts";
import { encodeDelivery } from "../codec/deliver.ts";
import { swapGuid } from "../lock-tokens.ts";
import type { Door } from "./door.ts";
import { LOCK_LOST, SESSION_LOST } from "./errors.ts";
import { changesFrom } from "./outcomes.ts";
import { types, type AmqpError } from "./rhea.ts";
import { accepted } from "./sending-client.ts";

/** What a management node is about: what can be sent to, what can be received from, or both. */
export interface ManagedEntity {
  readonly door: Door;
  readonly target: SendTarget | undefined;
  readonly entity: Entity | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** A refusal with its HTTP-like status. */
export class ManagementError extends Error {
  readonly status: number;
  readonly error: AmqpError;

  constructor(status: number, error: AmqpError) {
    super(error.description);
    this.status = status;
    this.error = error;
  }
}

interface Operation {
  readonly right: Right;
  /** Answers the body of the reply; `undefined` = there is nothing to tell. */
  run(managed: ManagedEntity, body: Fields): unknown;
}

const TIMESTAMP_ARRAY = 0x83;
const LONG_ARRAY = 0x81;
const DEFAULT_PAGE = 100;
const GONE = 410;

/** @see https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "renew-lock": { right: "Listen", run: renewLocks },
  "update-disposition": { right: "Listen", run: updateDisposition },
  "peek-message": { right: "Listen", run: peek },
  "schedule-message": { right: "Send", run: schedule },
  "cancel-scheduled-message": { right: "Send", run: cancel },
  "receive-by-sequence-number": { right: "Listen", run: receiveDeferred },
  "renew-session-lock": { right: "Listen", run: renewSession },
  "set-session-state": { right: "Listen", run: setSessionState },
  "get-session-state": { right: "Listen", run: getSessionState },
  "get-message-sessions": { right: "Listen", run: listSessions },
};

function renewLocks(managed: ManagedEntity, body: Fields): unknown {
  const now = Date.now();
  const locks = locksOf(managed, body, now);
  const { entity, door } = received(managed);
  const ends = locks.map((lock) => entity.renew(lock, now));
  door.broker.watch();
  return { expirations: types.wrap_array(ends, TIMESTAMP_ARRAY) };
}

async function updateDisposition(managed: ManagedEntity, body: Fields): Promise<unknown> {
  const now = Date.now();
  const { entity, door } = received(managed);
  const outcome = outcomeIn(body);
  for (const lock of locksOf(managed, body, now)) entity.settle(lock, outcome, now);
  door.broker.watch();
  await door.broker.journal.durable();
  return {};
}

function peek(managed: ManagedEntity, body: Fields): unknown {
  const { entity, door } = received(managed);
  const from = numberIn(body, "from-sequence-number");
  const sessionId = body["session-id"];
  const wanted = [...entity.messages.values()]
    .filter((message) => message.sequence >= from && (sessionId == null || message.sessionId === sessionId))
    .sort((a, b) => a.sequence - b.sequence)
    .slice(0, numberIn(body, "message-count"));
  if (wanted.length === 0) return undefined;
  return {
    messages: wanted.map((message) => ({
      message: encodeDelivery(message, door.broker.bodyOf(message), message.lock?.until),
    })),
  };
}

async function schedule({ door, target }: ManagedEntity, body: Fields): Promise<unknown> {
  if (!target) throw new ManagementError(400, invalid("this cannot be sent to"));
  const bytes = listIn(body, "messages").map((item) => (item as Fields)["message"]);
  const messages = bytes.flatMap((message) => {
    const taken = Buffer.isBuffer(message)
      ? accepted(door, target, { bytes: message, size: message.length, format: 0 })
      : invalid("a message is not binary");
    if ("condition" in taken) throw new ManagementError(400, taken);
    return taken;
  });
  const numbers = await door.broker.send(target, messages);
  door.broker.watch();
  return { "sequence-numbers": types.wrap_array(numbers, LONG_ARRAY) };
}

async function cancel({ door, target }: ManagedEntity, body: Fields): Promise<unknown> {
  const numbers = listIn(body, "sequence-numbers").map(Number);
  const found = numbers.map((number) => target?.entity.messages.get(number));
  const scheduled = found.filter((message): message is Message => message?.state === "scheduled");
  if (!target || scheduled.length < numbers.length) throw new ManagementError(404, messageNotFound(numbers));
  for (const message of scheduled) target.entity.drop(message);
  await door.broker.journal.durable();
  return {};
}

async function receiveDeferred(managed: ManagedEntity, body: Fields): Promise<unknown> {
  const { entity, door } = received(managed);
  const now = Date.now();
  entity.tick(now);
  const numbers = listIn(body, "sequence-numbers").map(Number);
  const found = numbers.map((number) => entity.messages.get(number));
  const deferred = found.filter(
    (message): message is Message => message?.state === "deferred" && message.lock === undefined,
  );
  if (deferred.length < numbers.length) throw new ManagementError(404, messageNotFound(numbers));
  const session = sessionIn(entity, body, now, entity.settings.requiresSession);
  const removes = numberIn(body, "receiver-settle-mode") === 0;
  const messages = deferred.map((message) => {
    const lock: Lock | undefined = removes ? undefined : entity.lock(message, now, session);
    const bytes = encodeDelivery(message, door.broker.bodyOf(message), lock?.until);
    if (!lock) entity.drop(message);
    const token = swapGuid(Buffer.from(lock?.token ?? door.newToken(), "latin1"));
    return { message: bytes, "lock-token": types.wrap_uuid(token) };
  });
  door.broker.watch();
  if (removes) await door.broker.journal.durable();
  return { messages };
}

function renewSession(managed: ManagedEntity, body: Fields): unknown {
  const { entity, door } = received(managed);
  const now = Date.now();
  const lock = sessionIn(entity, body, now, true);
  const end = entity.renewSession(lock, now);
  door.broker.watch();
  return { expiration: types.wrap_timestamp(end) };
}

async function setSessionState(managed: ManagedEntity, body: Fields): Promise<unknown> {
  const { entity, door } = received(managed);
  const { sessionId } = sessionIn(entity, body, Date.now(), true);
  const given = body["session-state"];
  const state = Buffer.isBuffer(given) ? Buffer.from(given) : undefined;
  entity.setSessionState(sessionId, state);
  door.broker.journal.append({ t: "session", q: entity.path, id: sessionId, set: state !== undefined }, state);
  await door.broker.journal.durable();
  return {};
}

function getSessionState(managed: ManagedEntity, body: Fields): unknown {
  const { entity } = received(managed);
  const { sessionId } = sessionIn(entity, body, Date.now(), true);
  return { "session-state": entity.sessions.get(sessionId)?.state ?? null };
}

function listSessions(managed: ManagedEntity, body: Fields): unknown {
  const { entity } = received(managed);
  const skip = numberIn(body, "skip");
  const ids = [...entity.sessions.all()].map(({ id }) => id).slice(skip, skip + numberIn(body, "top", DEFAULT_PAGE));
  return ids.length === 0 ? undefined : { skip: types.wrap_int(skip + ids.length), "sessions-ids": ids };
}

function received({ entity, door }: ManagedEntity): { readonly entity: Entity; readonly door: Door } {
  if (!entity) throw new ManagementError(400, invalid("messages cannot be received from this"));
  return { entity, door };
}

/** All of the locks, or none of them does anything. */
function locksOf(managed: ManagedEntity, body: Fields, now: number): Lock[] {
  const { entity } = received(managed);
  return listIn(body, "lock-tokens").map((token) => {
    const lock = Buffer.isBuffer(token) ? entity.lockOf(swapGuid(token).toString("latin1"), now) : undefined;
    if (!lock) throw new ManagementError(GONE, LOCK_LOST);
    return lock;
  });
}

function sessionIn(entity: Entity, body: Fields, now: number, isNeeded: true): SessionLock;
function sessionIn(entity: Entity, body: Fields, now: number, isNeeded: boolean): SessionLock | undefined;
function sessionIn(entity: Entity, body: Fields, now: number, isNeeded: boolean): SessionLock | undefined {
  if (!isNeeded) return undefined;
  entity.tick(now);
  const lock = entity.sessions.get(String(body["session-id"]))?.lock;
  if (!lock) throw new ManagementError(GONE, SESSION_LOST);
  return lock;
}

function outcomeIn(body: Fields): Outcome {
  const given = body["properties-to-modify"];
  const changes = typeof given === "object" && given !== null ? { changes: changesFrom(given as Fields) } : {};
  switch (body["disposition-status"]) {
    case "completed":
      return { kind: "complete" };
    case "abandoned":
      return { kind: "abandon", ...changes };
    case "defered":
      return { kind: "defer", ...changes };
    case "suspended":
      return {
        kind: "deadLetter",
        reason: { reason: textIn(body, "deadletter-reason"), description: textIn(body, "deadletter-description") },
        ...changes,
      };
    default:
      throw new ManagementError(400, invalid(`unknown disposition ${String(body["disposition-status"])}`));
  }
}

const listIn = (body: Fields, name: string): readonly unknown[] => {
  const list = body[name];
  if (Array.isArray(list)) return list as readonly unknown[];
  throw new ManagementError(400, invalid(`${name} is missing`));
};

const numberIn = (body: Fields, name: string, otherwise = 0): number =>
  body[name] === undefined || body[name] === null ? otherwise : Number(body[name]);

const textIn = (body: Fields, name: string): string | undefined =>
  typeof body[name] === "string" ? body[name] : undefined;

const invalid = (description: string): AmqpError => ({ condition: "amqp:invalid-field", description });

const messageNotFound = (numbers: readonly number[]): AmqpError => ({
  condition: "com.microsoft:message-not-found",
  description: `There is no such message: ${numbers.join(", ")}.`,
});
