import type { RheaSender } from "./rhea.ts";

/** Calls `end` once, when the client detaches, ends the session, or its connection is gone. */
export function whenLinkEnds(link: RheaSender, end: () => void): void {
  const { connection, session } = link;
  const once = (): void => {
    link.removeListener("sender_close", once);
    session.observers.removeListener("session_close", once);
    connection.removeListener("disconnected", once);
    connection.removeListener("connection_close", once);
    end();
  };
  link.on("sender_close", once);
  session.observers.on("session_close", once);
  connection.on("disconnected", once);
  connection.on("connection_close", once);
}
