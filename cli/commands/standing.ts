import { writeFileSync } from "node:fs";
import { postureView, standingPlanView } from "../../shared/contracts/standing.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode, usageError } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { readPlanFile, writePlanFile } from "../standing/plan-file.ts";
import { planText } from "../standing/plan-text.ts";
import { postureHtml } from "../standing/posture-html.ts";
import { postureText } from "../standing/posture-text.ts";

const report: Command = {
  name: "standing report",
  summary: "how every role is held: standing, eligible, active now (identity team)",
  details:
    "Reads the directory and counts, the most dangerous role first; then names what a count of persons leaves out: groups,\nservice principals, guests, custom roles, identities of this system, exceptions. Changes nothing.",
  options: {
    before: { value: "PLAN", help: "compare with how things stood when this plan was made" },
    html: { value: "FILE", help: "also write one self-contained page with charts" },
  },
  examples: ["zs standing report", "zs standing report --before plan.yaml --html posture.html"],
  run: async (input, { env, directory, terminal }) => {
    const plan = input.optional("before");
    const before = plan === undefined ? undefined : readPlanFile(plan).roles;
    const view = await createApi(openSession(env, directory)).get("/api/standing", postureView);
    const page = input.optional("html");
    if (page !== undefined) write(page, postureHtml(view, before));
    answer(terminal, before ? { ...view, before } : view, () => [
      ...postureText(view, before),
      ...(page === undefined ? [] : ["", `Written to ${safeText(page)}.`]),
    ]);
    return ExitCode.Ok;
  },
};

const plan: Command = {
  name: "standing plan",
  summary: "what would become of every standing assignment, and why (identity team)",
  details:
    "Reads what stands and says for each assignment: convert to eligible, leave (and why), or blocked (by what). With --out\nit is a file to review and to apply, wave by wave, Global Administrator first. Changes nothing in the directory.",
  options: { out: { value: "FILE", help: "write the plan to this file" } },
  examples: ["zs standing plan", "zs standing plan --out plan.yaml"],
  run: async (input, { env, directory, terminal }) => {
    const made = await createApi(openSession(env, directory)).get("/api/standing/plan", standingPlanView);
    const file = input.optional("out");
    if (file !== undefined) writePlanFile(file, made);
    answer(terminal, made, () => [
      ...planText(made, terminal),
      ...(file === undefined ? [] : ["", `Written to ${safeText(file)}.`]),
    ]);
    return made.preflight.every(({ ok }) => ok) ? ExitCode.Ok : ExitCode.Refused;
  },
};

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch {
    throw usageError(`${file} cannot be written`);
  }
}

export const STANDING_COMMANDS: readonly Command[] = [report, plan];
