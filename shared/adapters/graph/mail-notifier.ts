import { GraphError } from "@microsoft/microsoft-graph-client";
import { DependencyError, type DependencyErrorCode } from "../../ports/dependency-error.ts";
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
        throw new DependencyError(codeOf(status), `Graph sendMail: ${status}`, {
          cause: error,
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        });
      }
    },
  };
}

/** What Graph refuses it will refuse again, such as an address that is none. */
function codeOf(status: number): DependencyErrorCode {
  if (status === 429) return "Throttled";
  if (status === 401 || status === 403) return "Misconfigured";
  return status >= 400 && status < 500 && status !== 408 ? "Rejected" : "Unavailable";
}
