import { z } from "zod";
import { badRequest, pimError } from "./errors.ts";

const ACTIONS = [
  "adminAssign",
  "adminUpdate",
  "adminRemove",
  "selfActivate",
  "selfDeactivate",
  "adminExtend",
  "adminRenew",
  "selfExtend",
  "selfRenew",
] as const;
const EXPIRATIONS = ["notSpecified", "noExpiration", "afterDateTime", "afterDuration"] as const;

/** Graph takes the names of its enumerations in any letter case. */
const anyCase = <const T extends readonly [string, ...string[]]>(names: T) =>
  z
    .string()
    .transform((text) => names.find((name) => name.toLowerCase() === text.toLowerCase()) ?? text)
    .pipe(z.enum(names));

const text = z.string().nullish();
const type = { "@odata.type": z.string().optional() };

const Body = z.strictObject({
  ...type,
  action: anyCase(ACTIONS),
  principalId: z.string(),
  roleDefinitionId: z.string(),
  directoryScopeId: z.string(),
  appScopeId: text,
  justification: text,
  customData: text,
  targetScheduleId: text,
  isValidationOnly: z.boolean().nullish(),
  ticketInfo: z.strictObject({ ...type, ticketNumber: text, ticketSystem: text }).nullish(),
  scheduleInfo: z
    .strictObject({
      ...type,
      startDateTime: z.iso.datetime({ offset: true }).nullish(),
      recurrence: z.unknown().optional(),
      expiration: z
        .strictObject({
          ...type,
          type: anyCase(EXPIRATIONS).nullish(),
          endDateTime: z.iso.datetime({ offset: true }).nullish(),
          duration: text,
        })
        .nullish(),
    })
    .nullish(),
});

/** A schedule request as it came in. */
export type Order = z.infer<typeof Body>;

/** A property that Graph does not know is refused, as Graph refuses it: a typing error must not pass for a wish. */
export function parseOrder(json: unknown): Order {
  const body = Body.safeParse(json);
  if (body.success) return body.data;
  const { path = [], message = "" } = body.error.issues[0] ?? {};
  const where = path.join("/");
  if (where === "") throw badRequest(`The request body does not fit: ${message}`);
  throw pimError("Request_BadRequest", `The property '${where}' is missing or has an invalid value: ${message}`);
}
