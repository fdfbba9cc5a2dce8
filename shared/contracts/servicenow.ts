import * as z from "zod";

/** With `sysparm_display_value=all` a field is a pair; an empty one or a missing reference may be text. */
const field = z
  .union([z.object({ value: z.string().nullish() }), z.string()])
  .transform((raw) => (typeof raw === "string" ? raw : (raw.value ?? "")));

export const servicenowRows = z.object({ result: z.array(z.record(z.string(), field)) });
export const servicenowNotes = z.object({ result: z.object({ work_notes: z.string().optional() }) });
export const servicenowToken = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
