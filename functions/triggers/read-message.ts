import type { z } from "zod";
import { activationMessage } from "../../shared/contracts/activation-message.ts";
import { issueWords } from "../../shared/contracts/issue-words.ts";
import { parseJson } from "../http/read-body.ts";

/** A valid message is a few hundred bytes. */
const MOST_BYTES = 16_384;
const MOST_WORDS = 1_000;

interface InvalidMessage {
  readonly reason: "InvalidMessage";
  readonly description: string;
}

const invalid = (description: string): InvalidMessage => ({
  reason: "InvalidMessage",
  description: description.slice(0, MOST_WORDS),
});

/** Reads the body of a request. Pure, and never throws. */
export const readMessage = (body: Uint8Array) => parseMessage(body, activationMessage);

/**
 * Reads a body as strictly as the HTTP door. The description says to people all that is wrong with it, and repeats
 * nothing of it but plain names of unknown members. Pure, and never throws.
 */
export function parseMessage<T extends z.ZodType>(
  body: Uint8Array,
  schema: T,
): { readonly message: z.output<T> } | InvalidMessage {
  if (body.length === 0) return invalid("The message has no body.");
  if (body.length > MOST_BYTES) return invalid(`The body has more than ${MOST_BYTES} bytes.`);
  const value = parseJson(body);
  if (value === undefined) return invalid("The body is not JSON in UTF-8, or is nested too deeply.");
  const read = schema.safeParse(value, { error: issueWords });
  if (read.success) return { message: read.data };
  const problems = read.error.issues.map(({ path, message }) => `${path.join(".") || "the message"} ${message}`);
  return invalid(problems.join("; "));
}
