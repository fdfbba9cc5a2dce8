import { changeView } from "../../shared/contracts/change.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { hexId } from "./hex-id.ts";

export const withdraw: Command = {
  name: "withdraw",
  summary: "take back a change that you asked for, before its work began",
  details:
    "For changes of eligibility, standing access, settings and the policy. What was signed for it counts no more. A request\nfor a role is withdrawn with zs end; what a wave did is put back with zs standing rollback.",
  operand: { name: "ID", help: "id of the change, as its page and the command that asked for it show it" },
  options: {},
  examples: ["zs withdraw 0f1e2d3c4b5a69788796a5b4c3d2e1f0"],
  run: async (input, { env, directory, terminal }) => {
    const id = hexId(input, "a change");
    const view = await createApi(openSession(env, directory)).post(`/api/changes/${id}/withdraw`, {}, changeView);
    answer(terminal, view, () => [`Asked to withdraw it. Its page tells when it is: ${safeText(view.page)}`]);
    return ExitCode.Ok;
  },
};
