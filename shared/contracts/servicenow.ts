import * as z from "zod";

/** With `sysparm_display_value=all` a field is a pair; an empty one or a missing reference may be text. */
const field = z
  .union([z.object({ value: z.string().nullish(), display_value: z.string().nullish().catch(undefined) }), z.string()])
  .transform((raw) =>
    typeof raw === "string"
      ? { value: raw, shown: undefined }
      : { value: raw.value ?? "", shown: raw.display_value ?? undefined },
  );

export const servicenowRows = z.object({ result: z.array(z.record(z.string(), field)) });
export const servicenowNotes = z.object({ result: z.object({ work_notes: z.string().optional() }) });
export const servicenowToken = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
