/** One measured number next to what it is compared with and what was promised. */
export interface Row {
  /** `<benchmark>.<number>`. */
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What `value` is a ratio to, in words with its own number; none for an absolute value. */
  readonly baseline: string | null;
  /** `at most 60` or `at least 0.4`; none for a number that is only shown. */
  readonly goal: string | null;
  readonly met: boolean | null;
}

export type Goal = { readonly atMost: number } | { readonly atLeast: number };

interface Measured extends Omit<Row, "baseline" | "goal" | "met"> {
  readonly baseline?: string;
  readonly goal?: Goal;
}

/** The one place where a goal is judged: on the unrounded value. */
export function toRow({ id, what, value, unit, baseline, goal }: Measured): Row {
  return {
    id,
    what,
    value: Number(value.toPrecision(4)),
    unit,
    baseline: baseline ?? null,
    goal: goal === undefined ? null : "atMost" in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`,
    met: goal === undefined ? null : "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast,
  };
}

/** A row as two lines of text. */
export function rowText({ id, what, value, unit, baseline, goal, met }: Row): string {
  const verdict = met === null ? "      " : met ? "met   " : "NOT MET";
  const head = `${verdict.padEnd(8)}${id.padEnd(36)}${String(value).padStart(8)} ${unit.padEnd(9)}${goal ?? ""}`;
  return `${head.trimEnd()}\n        ${what}${baseline === null ? "" : `; baseline: ${baseline}`}`;
}
