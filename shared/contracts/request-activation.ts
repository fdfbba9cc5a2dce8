import * as z from "zod";
import { parseDirectoryScopeId, parsePrincipalId } from "../domain/ids.ts";
import { MINIMUM_JUSTIFICATION } from "../domain/opening.ts";
import { parseDuration } from "../domain/time.ts";
import { plainText } from "./plain-text.ts";

/** A ticket number as both systems write it; the policy has the exact pattern. */
const ticketReference = z.strictObject({
  system: z.enum(["servicenow", "jira"]),
  number: z
    .string()
    .max(40)
    .regex(/^[A-Z][A-Z0-9_]{0,14}-?\d{1,12}$/, "must be a ticket number such as CHG0030192 or OPS-142"),
});

/** Body of `POST /api/activations`. Who asks comes from the token only. */
export const requestActivationBody = z.strictObject({
  role: plainText(3, 100).meta({ description: "Name or id of the role.", examples: ["Global Administrator"] }),
  scope: z
    .string()
    .max(80)
    .transform((text) => parseDirectoryScopeId(text))
    .refine((scope) => scope !== undefined, "must be /, /administrativeUnits/<id> or /<id>")
    .optional()
    .meta({ description: "Needed where the person is eligible at more than one scope.", examples: ["/"] }),
  account: z
    .string()
    .max(36)
    .transform((text) => parsePrincipalId(text))
    .refine((id) => id !== undefined, "must be an object id")
    .optional()
    .meta({ description: "Object id of the admin account, if the person has several that are eligible." }),
  duration: z
    .string()
    .max(20)
    .transform((text) => parseDuration(text))
    .refine((ms) => ms !== undefined, "must be an ISO 8601 duration in days, hours and minutes, such as PT2H")
    .meta({ description: "ISO 8601, days and times only.", examples: ["PT2H"] }),
  justification: plainText(MINIMUM_JUSTIFICATION, 500).meta({ description: "Shown to the people who decide." }),
  ticket: ticketReference,
});
