import type { ActivationView } from "../../shared/contracts/activation-view.ts";
import { closingText } from "./activation-text.ts";
import { safeValue } from "./safe-text.ts";
import { durationText, timeText } from "./times.ts";

/** What happens next with an activation, and who has to do something, in the requester's words. */
export function nextStepText(view: ActivationView): readonly string[] {
  const { id, status, role, until, waitingFor, links, closing, duration } = safeValue(view);
  const limit = until === null ? "" : ` until ${timeText(until)}`;
  switch (status) {
    case "Requested":
      return [`Next: policy and ticket are checked. zs show ${id} tells what comes of it.`];
    case "AwaitingStepUp":
      return [`Next: prove that it is you who asks${limit}, with a fresh sign-in:`, ...link(links.stepUp)];
    case "AwaitingApproval": {
      const whom = waitingFor.map(({ persons }) => persons.map(({ name }) => name).join(" or ")).join(", and ");
      return [`Next: waits for ${whom}${limit}. They have been asked.`];
    }
    case "Ready":
      return [`Next: it is approved. Start it${limit}, with a fresh sign-in:`, ...link(links.start)];
    case "Granting":
      return ["Next: the directory is being asked for the role."];
    case "Active":
      return [`You hold ${role.name} for ${durationText(duration)}${limit}. Done earlier? zs end ${id}`];
    case "Ending":
      return [`The access is being removed; at the latest it ends by itself${limit.replace(" until", " at")}.`];
    case "Ended":
    case "Refused":
    case "Failed":
      return [
        closing ? `${status}: ${closingText(closing)}` : status,
        "The ticket is not used up: when that has changed, ask again with a new --key.",
      ];
    case "Denied":
    case "Expired":
    case "Cancelled":
      return [closing ? `${status}: ${closingText(closing)}` : status];
  }
}

const link = (url: string | undefined): readonly string[] => (url === undefined ? [] : [`  ${url}`]);
