import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  MOST_POLICY_CHARACTERS,
  policySimulation,
  type PolicySimulation,
} from "../../shared/contracts/policy-simulation.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode, usageError } from "../exit-code.ts";
import { safeValue } from "../output/safe-text.ts";
import { table } from "../output/table.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { wholeNumber } from "./whole-number.ts";

const MOST = 1_000;
const USUAL = 100;

export const simulate: Command = {
  name: "policy simulate",
  summary: "whose activation another policy would have changed, and how (identity team)",
  details:
    "Sends the files of a changed policy; the service judges the newest activations under it and under the policy that it\nruns, with the decisions that real requests get. Changes nothing. A file that cannot be used is named with every mistake.",
  operand: { name: "FILE", help: "the changed roles.yaml" },
  options: {
    people: { value: "FILE", help: "the people.yaml that belongs to it; left out: the one beside it" },
    last: { value: "N", help: `how many activations, the newest first: 1 to ${MOST}; left out: ${USUAL}` },
  },
  examples: ["zs policy simulate policy/roles.yaml", "zs policy simulate roles.yaml --people people.yaml --last 1000"],
  run: async (input, { env, directory, terminal }) => {
    const last = input.optional("last") === undefined ? USUAL : wholeNumber(input, "last", { from: 1, to: MOST });
    const file = input.operand();
    const body = {
      roles: textOf(file),
      people: textOf(input.optional("people") ?? join(dirname(file), "people.yaml")),
      last,
    };
    const api = createApi(openSession(env, directory));
    const simulation = await api.post("/api/policy/simulate", { body }, policySimulation);
    answer(terminal, simulation, () => simulationText(safeValue(simulation)));
    return ExitCode.Ok;
  },
};

function textOf(file: string): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw usageError(error instanceof TypeError ? `${file} is no text in UTF-8` : `${file} cannot be read`);
  }
  if (text.trim() === "") throw usageError(`${file} is empty`);
  if (text.length > MOST_POLICY_CHARACTERS)
    throw usageError(`${file} is no policy: it has more than ${MOST_POLICY_CHARACTERS} characters`);
  return text;
}

function simulationText({ hash, looked, undecided, changed, assumes }: PolicySimulation): readonly string[] {
  const rows = changed.flatMap(({ requestedAt, role, person, ticket, changes }) =>
    changes.map(({ text }, index) =>
      index === 0 ? [requestedAt.slice(0, 10), role, person, ticket.number, text] : ["", "", "", "", text],
    ),
  );
  return [
    ...(rows.length === 0 ? [] : [...table(["ASKED", "ROLE", "FOR", "TICKET", "WHAT WOULD CHANGE"], rows), ""]),
    `${changed.length} of ${looked} would change (${hash.running.slice(0, 12)} to ${hash.simulated.slice(0, 12)}).`,
    ...(undecided === 0
      ? []
      : [`${undecided} were closed for what the ticket or the directory said; they count as unchanged.`]),
    assumes,
  ];
}
