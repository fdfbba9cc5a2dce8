import * as z from "zod";
import { changeView, wavePreview } from "../../shared/contracts/change.ts";
import { postureView, standingPlanView } from "../../shared/contracts/standing.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode, usageError } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { writeTextFile } from "../text-file.ts";
import { execution } from "./execution.ts";
import { followChange } from "./follow-change.ts";
import { wholeNumber } from "./whole-number.ts";
import { readPlanFile, writePlanFile } from "../standing/plan-file.ts";
import { planText, previewText } from "../standing/plan-text.ts";
import { postureHtml } from "../standing/posture-html.ts";
import { postureText } from "../standing/posture-text.ts";

const report: Command = {
  name: "standing report",
  summary: "how every role is held: standing, eligible, active now (identity team)",
  details:
    "Reads the directory and counts, the most dangerous role first; then names what a count of persons leaves out: groups,\napplications and who owns them, guests, custom roles, identities of this system, exceptions. Changes nothing.",
  options: {
    before: { value: "PLAN", help: "compare with how things stood when this plan was made" },
    html: { value: "FILE", help: "also write one self-contained page with charts" },
  },
  examples: ["zs standing report", "zs standing report --before plan.yaml --html posture.html"],
  run: async (input, { env, directory, terminal }) => {
    const plan = input.optional("before");
    const made = plan === undefined ? undefined : readPlanFile(plan);
    const view = await createApi(openSession(env, directory)).get("/api/standing", postureView);
    if (made && made.tenantId !== view.tenantId) throw usageError(`${plan ?? ""} is a plan of another tenant`);
    const before = made?.roles;
    const page = input.optional("html");
    if (page !== undefined) writeTextFile(page, postureHtml(view, before));
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

const waves = {
  apply: {
    summary: "convert one wave of a plan to eligible (identity team)",
    details:
      "Says what would be done, and does nothing. With --execute it is asked for: you confirm it with a fresh sign-in, the\ntop wave needs a second person, and zs shows the progress. Everybody becomes eligible before anything is taken away; the\nfirst surprise stops the rest.",
  },
  rollback: {
    summary: "take the conversion of one wave back (identity team)",
    details:
      "Says what would be done, and does nothing. With --execute everything that conversions of this wave changed is put back:\nthe standing assignments, and without the eligibilities that were made; who was disabled or lost\nthe eligibility since gets nothing back. Needs a second person.",
  },
} as const;

const wave = (action: keyof typeof waves): Command => ({
  name: `standing ${action}`,
  ...waves[action],
  operand: { name: "PLAN", help: "the file that zs standing plan --out wrote" },
  options: {
    wave: { value: "N", help: "1 is Global Administrator", required: true },
    because: { value: "TEXT", help: "why, for the second person and the audit trail (with --execute)" },
    execute: { help: "ask for it, instead of only saying what would be done" },
    "no-wait": { help: "do not wait until it is done" },
  },
  examples: [
    `zs standing ${action} plan.yaml --wave 1`,
    `zs standing ${action} plan.yaml --wave 1 --execute --because "CHG0031007: no standing Global Administrators"`,
  ],
  run: async (input, { env, directory, terminal }) => {
    const number = wholeNumber(input, "wave", { from: 1, to: 4 });
    const body = { action, wave: number, ...execution(input), plan: readPlanFile(input.operand()) };
    const api = createApi(openSession(env, directory));
    const answered = await api.post("/api/standing/waves", { body }, z.union([wavePreview, changeView]));
    if ("dryRun" in answered) {
      answer(terminal, answered, () => previewText(answered));
      return ExitCode.Ok;
    }
    return followChange(api, answered, { terminal, wait: !input.flag("no-wait") });
  },
});

export const STANDING_COMMANDS: readonly Command[] = [report, plan, wave("apply"), wave("rollback")];
