import { activationView, type ActivationView } from "../../shared/contracts/activation-view.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { isSafeAddress } from "../config/address.ts";
import { CliError, ExitCode, unavailable } from "../exit-code.ts";
import { activationDetails } from "../output/activation-text.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { ACTIVATION_ID, activationPath } from "./activation-id.ts";

/** Both words open the one page where a decision is made: what counts is the sign-in there, never this command. */
const opensThePage = (name: string, deed: string): Command => ({
  name,
  summary: `open the page where you ${deed} a request`,
  details: `Opens the page that shows the request and takes your decision, with a fresh sign-in. There is no second way to\ndecide, so this command by itself ${deed === "deny" ? "denies" : "approves"} nothing.`,
  operand: ACTIVATION_ID,
  options: { "no-browser": { help: "only print the link" } },
  examples: [`zs ${name} 0123456789abcdef0123456789abcdef`],
  run: async (input, { env, directory, terminal, openBrowser }) => {
    const view = await createApi(openSession(env, directory)).get(activationPath(input), activationView);
    const link = decisionLink(view, deed);
    answer(terminal, { id: view.id, decide: link }, () => [
      ...activationDetails(view, terminal),
      "",
      `To ${deed} it: ${safeText(link)}`,
    ]);
    if (!input.flag("no-browser")) openBrowser(link);
    return ExitCode.Ok;
  },
});

export const approve = opensThePage("approve", "approve");
export const deny = opensThePage("deny", "deny");

function decisionLink({ status, links }: ActivationView, deed: string): string {
  const link = deed === "deny" || status === "AwaitingApproval" ? links.decide : undefined; // a denial counts until the grant
  if (link === undefined)
    throw new CliError(
      ExitCode.Refused,
      "NothingToDecide",
      status === "AwaitingApproval"
        ? "you are not asked to decide about this request"
        : `there is nothing to decide now: the request is ${status}`,
    );
  if (!isSafeAddress(link)) throw unavailable(`the service gave a link that is neither https nor loopback: ${link}`);
  return link;
}
