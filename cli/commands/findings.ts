import * as z from "zod";
import { changeView, policyView, settingsPreview } from "../../shared/contracts/change.ts";
import { baselineView, findingList } from "../../shared/contracts/finding.ts";
import { createApi } from "../api/client.ts";
import type { Command, CommandContext, Input } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { table } from "../output/table.ts";
import { answer } from "../output/terminal.ts";
import { execution } from "./execution.ts";
import { followChange } from "./follow-change.ts";
import { hexId } from "./hex-id.ts";
import { openSession } from "../sign-in/session.ts";
import { simulate } from "./simulate.ts";

const findings: Command = {
  name: "findings",
  summary: "what is not as the policy wants it, since when (identity team)",
  details: "Shows what the daily look found and what is not gone yet. Exit code 1 if there is anything.",
  options: {},
  examples: ["zs findings"],
  run: async (_input, { env, directory, terminal }) => {
    const list = await createApi(openSession(env, directory)).get("/api/findings", findingList);
    answer(terminal, list, () =>
      list.findings.length === 0
        ? ["There are none."]
        : table(
            ["SINCE", "KIND", "WHAT"],
            list.findings.map(({ since, kind, text }) => [since.slice(0, 10), kind, safeText(text)]),
          ),
    );
    return list.findings.length === 0 ? ExitCode.Ok : ExitCode.Refused;
  },
};

const check: Command = {
  name: "policy check",
  summary: "compare the roles' settings in PIM, and Conditional Access, with the policy (identity team)",
  details:
    "Names every rule that differs, and how, who can open the native door and should not, and where the Conditional Access policy\nbehind the step-up falls short or cannot be looked at. Changes nothing. Exit code 1 if there is a difference.",
  options: {},
  examples: ["zs policy check"],
  run: async (_input, { env, directory, terminal }) => {
    const { roles, differences, nativeDoor, conditionalAccess } = await createApi(openSession(env, directory)).get(
      "/api/baseline",
      baselineView,
    );
    answer(terminal, { roles, differences, nativeDoor, conditionalAccess }, () => [
      ...(differences.length === 0
        ? [`The settings of all ${roles} roles are as the policy wants them.`]
        : table(
            ["ROLE", "RULE", "WANTED", "FOUND"],
            differences.map(({ role, rule, wanted, found }) => [role, rule, wanted, found].map(safeText)),
          )),
      ...(nativeDoor.length === 0 ? [] : ["", ...nativeDoor.map(safeText)]),
      ...(conditionalAccess.length === 0
        ? ["Conditional Access behind their authentication contexts is as it must be."]
        : ["", ...conditionalAccess.map(safeText)]),
    ]);
    return differences.length + nativeDoor.length + conditionalAccess.length === 0 ? ExitCode.Ok : ExitCode.Refused;
  },
};

const SETTINGS = {
  "policy apply": {
    action: "apply",
    summary: "set the roles' settings in PIM to what the policy asks for (identity team)",
    details:
      "Says which rules would be set, and does nothing. With --execute it is asked for: you confirm it, a second person\nagrees, only what differs is set, each rule is read back, and zs policy undo takes it back.",
  },
  "policy native close": {
    action: "nativeClose",
    summary: "nobody activates in PIM itself without the break-glass accounts (identity team)",
    details:
      "Closes the way past this system: self-activation of a listed role needs the approval of the break-glass group.\nSays what would be set; --execute asks for it, and a second person agrees.",
  },
  "policy native open": {
    action: "nativeOpen",
    summary: "let who is eligible activate in PIM itself, past this system (identity team)",
    details:
      "The fallback for when this system is down for long. Says what would be set; --execute asks for it, and a second\nperson agrees. zs policy native close ends it.",
  },
} as const;

const settings = (name: keyof typeof SETTINGS): Command => ({
  name,
  summary: SETTINGS[name].summary,
  details: SETTINGS[name].details,
  options: {
    execute: { help: "ask for it, instead of only saying what would be set" },
    because: { value: "TEXT", help: "why, for the second person and the audit trail (with --execute)" },
    "no-wait": { help: "do not wait until it is decided and done" },
  },
  examples: [`zs ${name}`, `zs ${name} --execute --because "CHG0031007: the baseline"`],
  run: (input, context) => ask(SETTINGS[name].action, undefined, input, context),
});

const undo: Command = {
  name: "policy undo",
  summary: "set the rules back that a change of settings set (identity team)",
  details:
    "Puts back what the change found, rule by rule, where nobody changed it since. You confirm it, a second person agrees.",
  operand: { name: "ID", help: "id of the change, as its page and zs policy apply show it" },
  options: {
    because: { value: "TEXT", help: "why, for the second person and the audit trail", required: true },
    execute: { help: "ask for it, instead of only saying what would be set" },
    "no-wait": { help: "do not wait until it is decided and done" },
  },
  examples: ['zs policy undo 0f1e2d3c4b5a69788796a5b4c3d2e1f0 --execute --because "locked people out"'],
  run: async (input, context) => ask("undo", hexId(input, "a change"), input, context),
};

async function ask(
  action: "apply" | "undo" | "nativeOpen" | "nativeClose",
  change: string | undefined,
  input: Input,
  { env, directory, terminal }: CommandContext,
): Promise<ExitCode> {
  const body = { action, ...execution(input), ...(change === undefined ? {} : { change }) };
  const api = createApi(openSession(env, directory));
  const answered = await api.post("/api/baseline/changes", { body }, z.union([settingsPreview, changeView]));
  if (!("dryRun" in answered)) return followChange(api, answered, { terminal, wait: !input.flag("no-wait") });
  answer(terminal, answered, () => [
    answered.rules.length === 0
      ? "No rule would be set."
      : `${answered.rules.length} ${answered.rules.length === 1 ? "rule" : "rules"} would be set. Nothing was done: --execute asks for it.`,
    ...[...answered.rules.map(({ text }) => text), ...answered.left].map((line) => safeText(`  ${line}`)),
  ]);
  return ExitCode.Ok;
}

const FIRST = "not in force yet: it is the first, and accepts itself with the first request.";
const NOT_ACCEPTED =
  'NOT in force: nothing is granted before two persons accept it (zs policy accept --because "…" asks them).';

const diff: Command = {
  name: "policy diff",
  summary: "what the policy that the service runs changes, for whom, and whether it is in force (identity team)",
  details:
    "Compares with the policy that was accepted last: who gains what, then every difference. Changes nothing. Exit code 1 if\nit is not in force.",
  options: {},
  examples: ["zs policy diff"],
  run: async (_input, { env, directory, terminal }) => {
    const view = await createApi(openSession(env, directory)).get("/api/policy", policyView);
    const { hash, accepted, first, gains, differences } = view;
    answer(terminal, view, () => [
      `${hash.slice(0, 12)} is ${accepted ? "in force." : first ? FIRST : NOT_ACCEPTED}`,
      ...[...gains, ...differences].map((line) => safeText(`  ${line}`)),
    ]);
    return accepted ? ExitCode.Ok : ExitCode.Refused;
  },
};

const accept: Command = {
  name: "policy accept",
  summary: "ask for the policy that the service runs to take effect (identity team)",
  details:
    "You confirm it with a fresh sign-in, and a second person, whom the policy before names, agrees. Both see what changes.",
  options: {
    because: { value: "TEXT", help: "why, for the second person and the audit trail", required: true },
    "no-wait": { help: "do not wait until it is decided" },
  },
  examples: ['zs policy accept --because "CHG0031007: Exchange Administrator for four hours"'],
  run: async (input, { env, directory, terminal }) => {
    const api = createApi(openSession(env, directory));
    const asked = await api.post("/api/policy/accept", { body: { because: input.required("because") } }, changeView);
    return followChange(api, asked, { terminal, wait: !input.flag("no-wait") });
  },
};

export const FINDING_COMMANDS: readonly Command[] = [
  diff,
  simulate,
  accept,
  findings,
  check,
  settings("policy apply"),
  undo,
  settings("policy native open"),
  settings("policy native close"),
];
