import type { z } from "zod";
import { activationMessage } from "../../shared/contracts/activation-message.ts";

/** A valid message is a few hundred bytes. */
const MOST_BYTES = 16_384;

export type ReadMessage =
  | { readonly message: z.output<typeof activationMessage> }
  | { readonly reason: "InvalidMessage"; readonly description: string };

const invalid = (description: string): ReadMessage => ({ reason: "InvalidMessage", description });

/** Reads a body strictly; the description says to people what is wrong with it, and never repeats it. Pure. */
export function readMessage(body: Uint8Array): ReadMessage {
  if (body.length === 0) return invalid("The message has no body.");
  if (body.length > MOST_BYTES) return invalid(`The body has ${body.length} bytes; at most ${MOST_BYTES} are read.`);
  const json = parse(body);
  if (!json) return invalid("The body is no JSON text in UTF-8.");
  const read = activationMessage.safeParse(json.value);
  if (read.success) return { message: read.data };
  const problems = read.error.issues.map(({ path, message }) => `${path.join(".") || "the message"}: ${message}`);
  return invalid(problems.join("; ").slice(0, 1_000));
}

function parse(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body)) };
  } catch {
    return undefined; // also nesting deeper than the parser goes
  }
}
