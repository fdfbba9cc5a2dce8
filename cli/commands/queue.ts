import {
  discardedMessage,
  keptMessageList,
  keptMessageView,
  resubmittedMessage,
} from "../../shared/contracts/kept-message.ts";
import { parseKeptMessageId, SHELVES, type Shelf } from "../../shared/domain/kept-message.ts";
import { createApi } from "../api/client.ts";
import type { Command, OperandSpec } from "../command.ts";
import { ExitCode, usageError } from "../exit-code.ts";
import { keptMessageDetails, keptMessageTable } from "../output/kept-message-text.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";

const WHAT = {
  rejected: "messages that were rejected",
  "dead-letters": "messages that the bus gave up",
} as const satisfies Record<Shelf, string>;
const EXAMPLE_ID = { rejected: "requests-rejected.17", "dead-letters": "ticket-events.4" } as const;

const operandOf = (shelf: Shelf): OperandSpec => ({
  name: "ID",
  help: `id of the message, as zs queue ${shelf} list shows it`,
});

/** The path of the message that was named. @throws CliError */
function pathOf(shelf: Shelf, id: string, option = ""): string {
  if (!parseKeptMessageId(id))
    throw usageError(`${option}"${id}" is not the id of a message (such as ${EXAMPLE_ID[shelf]}; list shows it)`);
  return `/api/queues/${shelf}/${id}`;
}

function list(shelf: Shelf): Command {
  return {
    name: `queue ${shelf} list`,
    summary: `${WHAT[shelf]}, the oldest first (identity team)`,
    details: `Shows ${WHAT[shelf]}, with the reason, a hundred at most. Looking changes nothing.`,
    options: { after: { value: "ID", help: "go on behind this message" } },
    examples: [`zs queue ${shelf} list`, `zs queue ${shelf} list --after ${EXAMPLE_ID[shelf]}`],
    run: async (input, { env, directory, terminal }) => {
      const after = input.optional("after");
      if (after !== undefined) pathOf(shelf, after, "--after: ");
      const path = `/api/queues/${shelf}${after === undefined ? "" : `?after=${after}`}`;
      const page = await createApi(openSession(env, directory)).get(path, keptMessageList);
      answer(terminal, page, () => [
        ...(page.messages.length > 0 ? keptMessageTable(page.messages, terminal) : ["There are none."]),
        ...missingQueues(page.missing),
        ...(page.next === null ? [] : ["", `There may be more: zs queue ${shelf} list --after ${safeText(page.next)}`]),
      ]);
      return ExitCode.Ok;
    },
  };
}

const missingQueues = (names: readonly string[]): readonly string[] =>
  names.length === 0
    ? []
    : ["", `The bus does not have, and so nothing is shown of: ${names.map((name) => safeText(name)).join(", ")}`];

function show(shelf: Shelf): Command {
  return {
    name: `queue ${shelf} show`,
    summary: "one of them with its body (identity team)",
    details: "Shows one message: where it came from, why it lies here, and its body. Looking changes nothing.",
    operand: operandOf(shelf),
    options: {},
    examples: [`zs queue ${shelf} show ${EXAMPLE_ID[shelf]}`],
    run: async (input, { env, directory, terminal }) => {
      const path = pathOf(shelf, input.operand());
      const message = await createApi(openSession(env, directory)).get(path, keptMessageView);
      answer(terminal, message, () => keptMessageDetails(message, terminal));
      return ExitCode.Ok;
    },
  };
}

function resubmit(shelf: Shelf): Command {
  return {
    name: `queue ${shelf} resubmit`,
    summary: "send one of them to its queue again (identity team)",
    details:
      "Sends the message as it came to the queue that it came from, and takes it away here. It is looked at like any\nother: what was wrong with it and still is makes it come back here. The audit trail names you.",
    operand: operandOf(shelf),
    options: {},
    examples: [`zs queue ${shelf} resubmit ${EXAMPLE_ID[shelf]}`],
    run: async (input, { env, directory, terminal }) => {
      const path = `${pathOf(shelf, input.operand())}/resubmit`;
      const sent = await createApi(openSession(env, directory)).post(path, {}, resubmittedMessage);
      answer(terminal, sent, () => [`Sent to ${safeText(sent.queue)} again, as ${safeText(sent.messageId)}.`]);
      return ExitCode.Ok;
    },
  };
}

function discard(shelf: Shelf): Command {
  return {
    name: `queue ${shelf} discard`,
    summary: "take one of them away for good (identity team)",
    details: "Takes the message away, without a question and for good. The audit trail names you.",
    operand: operandOf(shelf),
    options: {},
    examples: [`zs queue ${shelf} discard ${EXAMPLE_ID[shelf]}`],
    run: async (input, { env, directory, terminal }) => {
      const path = `${pathOf(shelf, input.operand())}/discard`;
      const gone = await createApi(openSession(env, directory)).post(path, {}, discardedMessage);
      answer(terminal, gone, () => [`${safeText(gone.id)} is discarded.`]);
      return ExitCode.Ok;
    },
  };
}

/** The same four words for both places where messages end up. */
export const QUEUE_COMMANDS: readonly Command[] = SHELVES.flatMap((shelf) => [
  list(shelf),
  show(shelf),
  resubmit(shelf),
  discard(shelf),
]);
