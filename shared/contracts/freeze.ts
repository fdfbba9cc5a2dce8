import * as z from "zod";
import { plainText } from "./plain-text.ts";

/** Body of `POST /api/freeze`. */
export const freezeBody = z.strictObject({ because: plainText(5, 500) });

/** Its answer: the freeze in force, which may be an older one. */
export const freezeView = z.object({
  frozen: z.literal(true),
  since: z.iso.datetime(),
  /** A person's key, or `breaker`. */
  by: z.string(),
  /** Where two persons resume the grants. */
  page: z.url(),
});
