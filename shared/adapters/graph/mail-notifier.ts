import { GraphError } from "@microsoft/microsoft-graph-client";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { Notifier } from "../../ports/notifier.ts";
import { retryAfterOf, type Graph } from "./graph-client.ts";

/** Mail through Graph `sendMail` from one mailbox. @see https://learn.microsoft.com/graph/api/user-sendmail */
export function createMailNotifier(graph: Graph, senderId: string): Notifier {
  return {
    async mail({ to, subject, html }) {
      const message = {
        subject,
        body: { contentType: "html", content: html },
        toRecipients: to.map((address) => ({ emailAddress: { address } })),
      };
      try {
        await graph.post(`/users/${senderId}/sendMail`, { message, saveToSentItems: false });
      } catch (error) {
        if (error instanceof DependencyError) throw error;
        const status = error instanceof GraphError ? error.statusCode : -1;
        const retryAfterMs = retryAfterOf(error);
        throw new DependencyError(
          status === 429 ? "Throttled" : status === 401 || status === 403 ? "Misconfigured" : "Unavailable",
          `Graph sendMail: ${status}`,
          {
            cause: error,
            ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
          },
        );
      }
    },
  };
}
