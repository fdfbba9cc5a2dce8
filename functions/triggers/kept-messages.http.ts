import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { z } from "zod";
import type {
  discardedMessage,
  keptMessageList,
  KeptMessageSummary,
  KeptMessageView,
  resubmittedMessage,
} from "../../shared/contracts/kept-message.ts";
import {
  keptMessageIdText,
  parseKeptMessageId,
  SHELVES,
  type KeptMessageId,
  type Shelf,
} from "../../shared/domain/kept-message.ts";
import type { KeptMessage, KeptMessages } from "../../shared/ports/kept-messages.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { callingPerson, isIdentityTeam, refuseAtDoor, type CallingPerson } from "../http/person.ts";
import { problem } from "../http/problem.ts";
import { finishDiscard, recordMessage, type MessageRecord } from "./kept-message-trail.ts";

/** `GET /api/queues/{shelf}?after=…`: a page of what is kept there. Changes nothing; identity team only, as all of these. */
export const listKeptMessages = (door: Door): Handler =>
  forIdentityTeam(door, async ({ kept, shelf, request }) => {
    const text = request.query.get("after");
    const after = text === null ? undefined : parseKeptMessageId(text);
    if (text !== null && !after) return problem("InvalidRequest", "after must be the id of a message");
    const { messages, next, missing } = await kept.list(shelf, after);
    return json(200, {
      messages: messages.map(summaryOf),
      next: next ? keptMessageIdText(next) : null,
      missing: [...missing],
    } satisfies z.input<typeof keptMessageList>);
  });

/** `GET /api/queues/{shelf}/{id}`: one message with its body. Changes nothing. */
export const showKeptMessage = (door: Door): Handler =>
  forIdentityTeam(door, async (calling) => {
    const message = await found(calling);
    return message ? json(200, viewOf(message)) : problem("NotFound");
  });

/** `POST /api/queues/{shelf}/{id}/resubmit`: sends the message to its queue again, where it is looked at like any other. */
export const resubmitKeptMessage = (door: Door): Handler =>
  forIdentityTeam(door, async (calling) => {
    const message = await found(calling);
    if (!message) return notFound(door, calling);
    const { origin } = message;
    if (origin === undefined) return conflict(door, calling, "It came from no queue that messages are taken from.");
    if (!message.isWhole)
      return conflict(door, calling, "It was cut off when it was kept: only its sender has all of it.");
    const messageId = await calling.kept.hold(calling.shelf, message.id, async (held) => {
      await record(door, calling, held.message, "MessageResubmitIntended");
      const copy = await held.sendCopy(origin);
      await record(door, calling, held.message, "MessageResubmitted");
      await held.discard(); // only now: who stops before it finds the message, and does all of it again
      return copy;
    });
    if (messageId === undefined) return notFound(door, calling);
    const id = keptMessageIdText(message.id);
    return json(200, { id, queue: origin, messageId } satisfies z.input<typeof resubmittedMessage>);
  });

/** `POST /api/queues/{shelf}/{id}/discard`: takes the message away for good. */
export const discardKeptMessage = (door: Door): Handler =>
  forIdentityTeam(door, async (calling) => {
    const { kept, shelf } = calling;
    const id = idOf(calling);
    const isGone =
      id &&
      ((await kept.hold(shelf, id, async (held) => {
        await record(door, calling, held.message, "MessageDiscardIntended");
        await held.discard();
        await record(door, calling, held.message, "MessageDiscarded");
        return true;
      })) ??
        (await finishDiscard(door, shelf, id)));
    if (!isGone) return notFound(door, calling);
    return json(200, { id: keptMessageIdText(id) } satisfies z.input<typeof discardedMessage>);
  });

interface Calling {
  readonly caller: CallingPerson;
  readonly request: HttpRequest;
  readonly kept: KeptMessages;
  readonly shelf: Shelf;
}

const forIdentityTeam =
  (door: Door, answer: (calling: Calling) => Promise<HttpResponseInit>): Handler =>
  async (request) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { caller } = calling;
    if (!(await isIdentityTeam(door, caller.person)))
      return request.method === "POST"
        ? refuseAtDoor(door, caller.account, { reason: "Forbidden" })
        : problem("Forbidden");
    const shelf = SHELVES.find((one) => one === request.params["shelf"]);
    if (!shelf) return problem("NotFound");
    if (!door.kept) return problem("NotFound", "This installation has no message bus: SERVICE_BUS is not set.");
    return answer({ caller, request, kept: door.kept, shelf });
  };

const idOf = ({ request }: Calling): KeptMessageId | undefined => parseKeptMessageId(request.params["id"] ?? "");

async function found(calling: Calling): Promise<KeptMessage | undefined> {
  const id = idOf(calling);
  return id && (await calling.kept.find(calling.shelf, id));
}

const notFound = (door: Door, { caller }: Calling): Promise<HttpResponseInit> =>
  refuseAtDoor(door, caller.account, { reason: "NotFound" });

const conflict = (door: Door, { caller }: Calling, detail: string): Promise<HttpResponseInit> =>
  refuseAtDoor(door, caller.account, { reason: "NotFound" }, problem("Conflict", detail));

const record = (
  door: Door,
  { caller: { person, account }, shelf }: Calling,
  message: KeptMessage,
  type: MessageRecord,
): Promise<void> => recordMessage(door, type, shelf, message, { kind: "person", person: person.key, account });

const summaryOf = (message: KeptMessage): KeptMessageSummary => ({
  id: keptMessageIdText(message.id),
  queue: message.origin ?? null,
  messageId: message.originalId,
  enqueuedAt: message.enqueuedAt,
  deliveries: message.deliveries,
  reason: message.reason ?? null,
  description: message.description ?? null,
  bytes: message.body.length,
});

function viewOf(message: KeptMessage): KeptMessageView {
  const text = utf8(message.body);
  return {
    ...summaryOf(message),
    body: text ?? Buffer.from(message.body).toString("base64"),
    encoding: text === undefined ? "base64" : "utf8",
    whole: message.isWhole,
  };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
