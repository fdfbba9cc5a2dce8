import { safeText } from "../output/safe-text.ts";
import { styled, type Terminal } from "../output/terminal.ts";
import type { ShownAdministrator } from "./administrators.ts";
import type { Located } from "./result.ts";

/** Faults first, each with what to do next; then who can, then what is fine. */
export function doctorText(
  terminal: Pick<Terminal, "colour">,
  results: readonly Located[],
  administrators: readonly ShownAdministrator[],
): readonly string[] {
  const of = (wanted: Located["result"]): readonly Located[] => results.filter(({ result }) => result === wanted);
  const [faults, warnings, fine] = [of("fault"), of("warning"), of("fine")];
  return [
    `${count(faults, "fault")}, ${count(warnings, "warning")}; ${fine.length} checks are fine.`,
    ...[...faults, ...warnings].flatMap((one) => ["", ...lines(terminal, one)]),
    "",
    "Who can deploy to, configure or take over the apps and identities:",
    ...(administrators.length === 0 ? ["  Nobody was found."] : administrators.flatMap(administratorLines)),
    "",
    "Fine:",
    ...fine.map(({ where, check, text }) => `  ${where} ${check}: ${safeText(text)}`),
  ];
}

const count = (some: readonly unknown[], what: string): string =>
  `${some.length} ${what}${some.length === 1 ? "" : "s"}`;

const lines = (
  terminal: Pick<Terminal, "colour">,
  { where, check, result, text, next }: Located,
): readonly string[] => [
  `${styled(terminal, result === "fault" ? "red" : "yellow", result.toUpperCase())}  ${where} ${check}: ${safeText(text)}`,
  `  next: ${safeText(next)}`,
];

const administratorLines = ({ name, principalId, can, because }: ShownAdministrator): readonly string[] => [
  `  ${safeText(name)} (${safeText(principalId)}), ${because === null ? "NOT LISTED" : `listed: ${safeText(because)}`}`,
  ...can.map((one) => `    ${safeText(one)}`),
];
