import { activationView } from "../../shared/contracts/activation-view.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { activationDetails } from "../output/activation-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { ACTIVATION_ID, activationPath } from "./activation-id.ts";

export const show: Command = {
  name: "show",
  summary: "everything about one activation",
  details: "Shows role, account, ticket, state, decisions and the links that you may use.",
  operand: ACTIVATION_ID,
  options: {},
  examples: ["zs show 0123456789abcdef0123456789abcdef"],
  run: async (input, { env, directory, terminal }) => {
    const path = activationPath(input);
    const view = await createApi(openSession(env, directory)).get(path, activationView);
    answer(terminal, view, () => activationDetails(view, terminal));
    return ExitCode.Ok;
  },
};
