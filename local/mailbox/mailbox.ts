import { LocalServer } from "../http/server.ts";
import type { LocalService, StackSettings } from "../service.ts";
import { MailStore, type Mail, type OutgoingMail } from "./mail-store.ts";
import { mountPages } from "./pages.ts";

/** The mailboxes of everybody. Whoever simulates a sender in the same process calls `deliver`. */
export interface Mailbox extends LocalService {
  /** Keeps the message before it returns; may be called before `start` and any number of times with one id. */
  deliver(mail: OutgoingMail): Mail;
}

/** Everything the app sent, as pages one can click and as JSON. See README.md. */
export function createMailbox(settings: StackSettings): Mailbox {
  const store = new MailStore(settings.dataDirectory);
  const server = new LocalServer(settings.addresses.mailbox);
  mountPages(server.app, store);
  return {
    name: "mailbox",
    control: {
      ...server.control,
      messages: ({ to }) => store.all(typeof to === "string" ? to : undefined),
      clear: () => store.clear(),
    },
    deliver: (mail) => store.add(mail),
    start: () => server.start(),
    stop: async () => {
      await server.stop();
      store.close();
    },
  };
}
