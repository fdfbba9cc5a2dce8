import type * as z from "zod";

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  object: "an object",
  array: "a list",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};
const MOST_NAMES = 5;

/**
 * What is wrong with a member of a body, in words that go on from its name: "role is missing". For people who write
 * senders and clients, over whichever door. Repeats nothing that was sent but plain names of unknown members.
 * A schema's own message wins.
 */
export const issueWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.map(String).join(" or ")}`;
    case "too_small":
      return `must be ${issue.minimum}${unit(issue.origin)} or more`;
    case "too_big":
      return `must be ${issue.maximum}${unit(issue.origin)} or less`;
    case "unrecognized_keys":
      return unknown(issue.keys);
    default:
      return undefined;
  }
};

const unit = (origin: string): string => (origin === "string" ? " characters" : "");

function unknown(names: readonly string[]): string {
  const plain = names.filter((name) => /^\w{1,40}$/.test(name)).slice(0, MOST_NAMES);
  return plain.length === 0 ? "has unknown members" : `has unknown members: ${plain.join(", ")}`;
}
