import type { Door } from "./door.ts";
import type { AmqpMessage, LinkContext, RheaReceiver, RheaSender, RheaSession } from "./rhea.ts";
import { ACCEPTED } from "./rhea.ts";
import { settleIncoming } from "./settling.ts";

/** What a node answers; the correlation is added here. */
export interface Reply {
  readonly application_properties: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

const CREDIT = 100;

/** Serves requests that come in on a link; replies go out on the client's other link to the same node. */
export function serveRequests(door: Door, link: RheaReceiver, answer: (request: AmqpMessage) => Promise<Reply>): void {
  const address = link.target?.address ?? "";
  link.set_target({ address });
  link.set_source({ ...(link.source?.address === undefined ? {} : { address: link.source.address }) });
  link.add_credit(CREDIT);
  link.on("message", ({ message, delivery }: LinkContext) => {
    if (!delivery || !message || Buffer.isBuffer(message)) return;
    settleIncoming(delivery, ACCEPTED);
    link.add_credit(1);
    const answered = answer(message).then((reply) => {
      const correlated = { correlation_id: message.correlation_id ?? message.message_id, ...reply };
      replyLink(link.session, address, message.reply_to)?.send(correlated);
    });
    door.endOnFailure(link.connection, answered);
  });
}

/** Serves the link on which a client waits for replies. */
export function serveReplies(link: RheaSender): void {
  link.local.attach.snd_settle_mode = 1; // nobody settles a reply
  link.set_source({ address: link.source?.address ?? "" });
  link.set_target({ ...(link.target?.address === undefined ? {} : { address: link.target.address }) });
}

/**
 * Clients name their link in `reply-to` by its name (JavaScript) or its target (.NET); some not at all: then it is the
 * link from the same node in the same session.
 */
function replyLink(session: RheaSession, node: string, replyTo: string | undefined): RheaSender | undefined {
  const links = Object.values(session.links).filter((link) => link.is_sender() && link.is_open()) as RheaSender[];
  return (
    links.find(({ name, target }) => replyTo !== undefined && (name === replyTo || target?.address === replyTo)) ??
    links.find(({ source }) => source?.address?.toLowerCase() === node.toLowerCase())
  );
}
