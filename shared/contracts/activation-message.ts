import * as z from "zod";
import { parsePersonKey } from "../domain/ids.ts";
import { requestActivationBody } from "./request-activation.ts";

/**
 * A message on a queue `requests-<sender>`. Who sends it is the queue's name and nothing else; the person proves the
 * request with their own sign-in afterwards. No member has the name of a Service Bus property: a body cannot pass for its
 * own metadata.
 */
export const activationMessage = requestActivationBody.extend({
  version: z.literal(1, "must be 1").meta({ description: "Of this contract." }),
  requestId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{8,64}$/, "must be 8 to 64 of A-Z a-z 0-9 _ -")
    .meta({ description: "The same over all repetitions of a request, and of no other request." }),
  person: z
    .string()
    .max(64)
    .transform((text) => parsePersonKey(text))
    .refine((key) => key !== undefined, "must be the key of a person")
    .meta({ description: "For whom: a key of people.yaml.", examples: ["ada.byron"] }),
});

/** What a sender writes, at its smallest. */
export const ACTIVATION_MESSAGE_EXAMPLE = {
  version: 1,
  requestId: "chat-8f1c2d3e4b5a",
  person: "hugo.brandt",
  role: "Exchange Administrator",
  duration: "PT1H",
  justification: "Restore the mailbox of the finance team",
  ticket: { system: "servicenow", number: "CHG0030192" },
};

/**
 * As published in `docs/activation-message.schema.json`. It says no more than the code: what it refuses is refused, and a
 * few things that it cannot say (a duration's form) are refused besides.
 */
export const activationMessageSchema = (): Readonly<Record<string, unknown>> => ({
  title: "A request for an activation, as a message on a queue requests-<sender>",
  ...z.toJSONSchema(activationMessage, { io: "input" }),
  examples: [ACTIVATION_MESSAGE_EXAMPLE],
});
