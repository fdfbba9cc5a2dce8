import type { Input } from "../command.ts";
import { usageError } from "../exit-code.ts";

/** An option that is a whole number, in digits and nothing else. @throws CliError */
export function wholeNumber(input: Input, option: string, { from, to }: { from: number; to: number }): number {
  const text = input.required(option);
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= from && number <= to)) throw usageError(`--${option} must be a whole number from ${from} to ${to}`);
  return number;
}
