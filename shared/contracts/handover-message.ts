import * as z from "zod";
import { parseActivationId } from "../domain/ids.ts";
import { parseInstant } from "../domain/time.ts";

const id = z
  .string()
  .max(64)
  .transform((text) => parseActivationId(text))
  .pipe(z.custom<NonNullable<ReturnType<typeof parseActivationId>>>(Boolean, "must be 32 hexadecimal digits"));

const instant = z
  .string()
  .max(40)
  .transform((text) => parseInstant(text))
  .pipe(z.custom<NonNullable<ReturnType<typeof parseInstant>>>(Boolean, "must be an ISO 8601 instant in UTC"));

const key = z.string().regex(/^[0-9a-f]{32}$/, "must be 32 hexadecimal digits");
const version = z.literal(1, "must be 1");

/**
 * A message on the queue `ticket-events`, from a door to the worker. It asks for nothing that a row does not ask for, but
 * for ticket events, whose ticket is read anew. Instance ids are made of its ids: nothing else may be in them.
 */
export const handoverMessage = z.discriminatedUnion("kind", [
  z.strictObject({ version, kind: z.literal(["start", "ring"]), activationId: id }),
  z.strictObject({ version, kind: z.literal("resumeGrants"), freezeId: id }),
  z.strictObject({ version, kind: z.literal("change"), changeId: id }),
  z.strictObject({
    version,
    kind: z.literal("ticketEvent"),
    key,
    event: z.strictObject({
      system: z.enum(["servicenow", "jira"]),
      number: z.string().regex(/^[A-Z][A-Z0-9_]{1,9}-?\d{1,12}$/, "must be the number of a ticket"),
      deliveryId: key,
      receivedAt: instant,
    }),
  }),
]);
