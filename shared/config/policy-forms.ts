import * as z from "zod";
import { formatDuration, parseDuration } from "../domain/time.ts";

/** A value in one form; the problem says which, and what stands there instead. */
const form = <T>(expected: string, parse: (value: unknown) => T | undefined) =>
  z.unknown().transform((value, context): T => {
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    context.addIssue(wrong(expected, value));
    return z.NEVER;
  });

const wrong = (expected: string, value: unknown): string =>
  value === undefined
    ? `is missing: must be ${expected}`
    : `must be ${expected}, not ${JSON.stringify(value).slice(0, 80)}`;

/** A form of text. */
export const textForm = <T>(expected: string, parse: (text: string) => T | undefined) =>
  form(expected, (value) => (typeof value === "string" ? parse(value) : undefined));

const CONTROL = /\p{C}/u;

export const shortText = (maximum: number) =>
  textForm(`text of 1 to ${maximum} characters (numbers in quotes)`, (text) =>
    text.trim() !== "" && text.length <= maximum && !CONTROL.test(text) ? text : undefined,
  );

export const matching = (expected: string, pattern: RegExp) =>
  textForm(expected, (text) => (pattern.test(text) ? text : undefined));

export const oneOf = <const T extends string>(...values: readonly T[]) =>
  textForm(`one of ${values.join(", ")}`, (text) => values.find((value) => value === text));

export const wholeNumber = (minimum: number, maximum: number) =>
  form(`a whole number from ${minimum} to ${maximum}`, (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum ? value : undefined,
  );

export const yesNo = form("true or false", (value) => (typeof value === "boolean" ? value : undefined));

/** ISO 8601 on the outside, milliseconds inside. */
export const duration = (minimumMs: number, maximumMs: number) =>
  textForm(
    `an ISO 8601 duration from ${formatDuration(minimumMs)} to ${formatDuration(maximumMs)}, such as PT30M`,
    (text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= minimumMs && ms <= maximumMs ? ms : undefined;
    },
  );

/** A map with exactly these keys. */
export const map = <S extends z.ZodRawShape>(shape: S) => {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `is unknown; known here: ${keys}` : wrong(`a map with ${keys}`, issue.input),
  });
};

/** A map whose keys the site chooses. */
export const named = <T extends z.ZodType>(expectedKey: string, key: RegExp, value: T) =>
  z.record(z.string().regex(key, `is no name: must be ${expectedKey}`), value, {
    error: (issue) => wrong("a map of names", issue.input),
  });

export const list = <T extends z.ZodType>(item: T, minimum = 1) => {
  const error = (issue: { readonly input?: unknown }): string =>
    wrong(minimum > 0 ? `a list of ${minimum} or more` : "a list", issue.input);
  return z.array(item, { error }).min(minimum, { error });
};
