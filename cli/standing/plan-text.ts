import type { z } from "zod";
import type { wavePreview } from "../../shared/contracts/change.ts";
import type { PlanItemView, StandingPlanView } from "../../shared/contracts/standing.ts";
import { safeText } from "../output/safe-text.ts";
import { table } from "../output/table.ts";
import { styled, type Terminal } from "../output/terminal.ts";

type Colours = Pick<Terminal, "colour">;

const STYLE = { convert: "green", left: "dim", blocked: "yellow" } as const;

/** A plan in the terminal: what holds before it, then every assignment by wave. */
export function planText(plan: StandingPlanView, terminal: Colours): readonly string[] {
  const { items } = plan;
  const count = (action: PlanItemView["action"]): number => items.filter((item) => item.action === action).length;
  const waves = [...Map.groupBy(items, ({ wave }) => wave)].toSorted(([a], [b]) => a - b);
  return [
    ...plan.preflight.map(
      ({ ok, text }) => `${ok ? styled(terminal, "green", "ok") : styled(terminal, "red", "NO")}  ${safeText(text)}`,
    ),
    "",
    `${items.length} standing assignments: ${count("convert")} become eligible, ${count("blocked")} wait for somebody, ${count("left")} stay.`,
    ...waves.flatMap(([wave, some]) => [
      "",
      `Wave ${wave}`,
      ...table(HEADING, some.map(rowOf)).map((line, index) => coloured(line, some[index - 1], terminal)),
    ]),
  ];
}

const HEADING = ["", "ROLE", "HOLDER", "SCOPE", "WHY"];

const rowOf = ({ action, role, holder, directoryScopeId, explanation, detail }: PlanItemView): readonly string[] =>
  [action, role, holder, directoryScopeId, detail === "" ? explanation : `${explanation} (${detail})`].map(safeText);

const coloured = (line: string, item: PlanItemView | undefined, terminal: Colours): string =>
  item ? styled(terminal, STYLE[item.action], line) : line;

/** What a wave would do. */
export function previewText({
  action,
  wave,
  items,
  needsSecondPerson,
  again,
  leftOut,
}: z.output<typeof wavePreview>): readonly string[] {
  const only = items.length - again;
  const what =
    action === "apply"
      ? `${items.length} would become eligible and not stand any more`
      : `${again} would stand permanently again${only === 0 ? "" : `, ${only} stand and would lose the eligibility that the wave made`}`;
  const rows = items.map(({ role, holder, directoryScopeId }) => [role, holder, directoryScopeId].map(safeText));
  return [
    `Wave ${wave}: ${what}. ${needsSecondPerson ? "A second person has to agree. " : ""}Nothing was done: --execute asks for it.`,
    "",
    ...table(["ROLE", "HOLDER", "SCOPE"], rows),
    ...leftOut.map((one) => `Left as it is: ${safeText(one)}.`),
  ];
}
