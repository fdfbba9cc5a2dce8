import { z } from "zod";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { answer } from "../output/terminal.ts";
import { timeText } from "../output/times.ts";
import { openSession } from "../sign-in/session.ts";

const frozen = z.object({ frozen: z.literal(true), since: z.iso.datetime(), by: z.string() });

export const freeze: Command = {
  name: "freeze",
  summary: "stop all grants and end every role that is held (identity team)",
  details:
    "Stops at once, without a second person and without a question: nothing is granted any more, and every role that\nis held ends. To go on afterwards takes two persons.",
  options: { because: { value: "TEXT", help: "why, for the audit trail (5 to 500 characters)", required: true } },
  examples: ['zs freeze --because "the admin workstations may be compromised"'],
  run: async (input, { env, directory, terminal }) => {
    const body = { because: input.required("because") };
    const result = await createApi(openSession(env, directory)).post("/api/freeze", { body }, frozen);
    answer(terminal, result, () => [`All grants are frozen since ${timeText(result.since)}; held roles end.`]);
    return ExitCode.Ok;
  },
};
