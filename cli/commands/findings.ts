import { baselineView, findingList } from "../../shared/contracts/finding.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { table } from "../output/table.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";

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
  summary: "compare the roles' settings in PIM with the policy (identity team)",
  details: "Names every rule that differs, and how. Changes nothing. Exit code 1 if there is a difference.",
  options: {},
  examples: ["zs policy check"],
  run: async (_input, { env, directory, terminal }) => {
    const { roles, differences } = await createApi(openSession(env, directory)).get("/api/baseline", baselineView);
    answer(terminal, { roles, differences }, () =>
      differences.length === 0
        ? [`The settings of all ${roles} roles are as the policy wants them.`]
        : table(
            ["ROLE", "RULE", "WANTED", "FOUND"],
            differences.map(({ role, rule, wanted, found }) => [role, rule, wanted, found].map(safeText)),
          ),
    );
    return differences.length === 0 ? ExitCode.Ok : ExitCode.Refused;
  },
};

export const FINDING_COMMANDS: readonly Command[] = [findings, check];
