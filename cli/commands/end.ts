import { activationView } from "../../shared/contracts/activation-view.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { ACTIVATION_ID, activationPath } from "./activation-id.ts";

export const end: Command = {
  name: "end",
  summary: "end the access early, or withdraw the request",
  details:
    "Ends an activation that is yours, that you may approve, or any as a member of the identity team. A role that is\nheld is removed; the directory refuses that in the first five minutes, so it can take as long.",
  operand: ACTIVATION_ID,
  options: {},
  examples: ["zs end 0123456789abcdef0123456789abcdef"],
  run: async (input, { env, directory, terminal }) => {
    const path = `${activationPath(input)}/end`;
    const view = await createApi(openSession(env, directory)).post(path, {}, activationView);
    answer(terminal, view, () => [
      `Asked to end ${safeText(view.role.name)} for ${safeText(view.person.name)}. zs show ${input.operand()} tells when it is done.`,
    ]);
    return ExitCode.Ok;
  },
};
