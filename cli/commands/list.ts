import { activationList } from "../../shared/contracts/activation-view.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { activationTable } from "../output/activation-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";

export const list: Command = {
  name: "list",
  summary: "your own activations, and those that wait for you",
  details: "Shows the newest activations that you asked for, and those that wait for your decision.",
  options: {},
  examples: ["zs list", "zs list --json"],
  run: async (_input, { env, directory, terminal }) => {
    const activations = await createApi(openSession(env, directory)).get("/api/activations", activationList);
    answer(terminal, activations, () => [
      ...(activations.waitingForMe.length > 0
        ? ["Waiting for you:", ...activationTable(activations.waitingForMe, terminal), ""]
        : ["Nothing waits for you.", ""]),
      ...(activations.own.length > 0
        ? ["Your own:", ...activationTable(activations.own, terminal)]
        : ["You have asked for nothing yet: zs request --help"]),
    ]);
    return ExitCode.Ok;
  },
};
