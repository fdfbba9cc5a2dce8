import { changeView, eligibilityList, type EligibilityView } from "../../shared/contracts/change.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { table } from "../output/table.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { followChange } from "./follow-change.ts";
import { wholeNumber } from "./whole-number.ts";

const list: Command = {
  name: "eligibility list",
  summary: "who may activate what, and until when (identity team)",
  details: "Reads every eligibility of the directory. Changes nothing.",
  options: {
    person: { value: "KEY", help: "only of this person" },
    role: { value: "ROLE", help: "only for this role" },
  },
  examples: ["zs eligibility list", "zs eligibility list --person ada.byron"],
  run: async (input, { env, directory, terminal }) => {
    const all = await createApi(openSession(env, directory)).get("/api/eligibility", eligibilityList);
    const [person, role] = [input.optional("person"), input.optional("role")?.toLowerCase()];
    const wanted = all.eligibilities.filter(
      (one) =>
        (person === undefined || one.person === person) && (role === undefined || one.role.toLowerCase() === role),
    );
    answer(terminal, { ...all, eligibilities: wanted }, () =>
      wanted.length === 0 ? ["Nobody."] : table(["ROLE", "HOLDER", "SCOPE", "UNTIL"], wanted.map(rowOf)),
    );
    return ExitCode.Ok;
  },
};

const rowOf = ({ role, holder, directoryScopeId, until, memberType }: EligibilityView): readonly string[] =>
  [
    role,
    memberType.toLowerCase() === "direct" ? holder : `${holder} (${memberType})`,
    directoryScopeId,
    until === null ? "no end" : until.slice(0, 10),
  ].map(safeText);

const CHANGES = {
  add: {
    summary: "ask for somebody to become eligible for a role (owners, identity team)",
    details: "You confirm it with a fresh sign-in, and a second person agrees; then it is made and read back.",
  },
  renew: {
    summary: "ask for an eligibility to last longer (owners, identity team)",
    details: "The new length counts from now. You confirm it with a fresh sign-in, and a second person agrees.",
  },
  remove: {
    summary: "end somebody's eligibility (owners, identity team)",
    details:
      "You confirm it with a fresh sign-in; no second person is needed to take away. A role that is held ends first.",
  },
} as const;

const change = (action: keyof typeof CHANGES): Command => ({
  name: `eligibility ${action}`,
  ...CHANGES[action],
  operand: { name: "ROLE", help: "name of the role, as the policy has it" },
  options: {
    for: { value: "PERSON", help: "key of the person, or object id of the account", required: true },
    scope: { value: "SCOPE", help: "directory scope; left out: the whole tenant" },
    ...(action === "remove"
      ? {}
      : { days: { value: "N", help: "for how many days, 365 at most", required: true as const } }),
    because: { value: "TEXT", help: "why, for the second person and the audit trail", required: true },
    "no-wait": { help: "do not wait until it is decided and done" },
  },
  examples: [
    `zs eligibility ${action} "Exchange Administrator" --for hugo.brandt${action === "remove" ? "" : " --days 180"} --because "on-call rota"`,
  ],
  run: async (input, { env, directory, terminal }) => {
    const days = action === "remove" ? undefined : wholeNumber(input, "days", { from: 1, to: 365 });
    const scope = input.optional("scope");
    const body = {
      action,
      holder: input.required("for"),
      role: input.operand(),
      because: input.required("because"),
      ...(scope === undefined ? {} : { scope }),
      ...(days === undefined ? {} : { duration: `P${days}D` }),
    };
    const api = createApi(openSession(env, directory));
    const asked = await api.post("/api/eligibility", { body }, changeView);
    return followChange(api, asked, { terminal, wait: !input.flag("no-wait") });
  },
});

export const ELIGIBILITY_COMMANDS: readonly Command[] = [list, change("add"), change("renew"), change("remove")];
