import * as z from "zod";

/** What the login posts to `/api/sign-in/callback`: a code, or why there is none. */
export const signInAnswer = z.object({
  state: z.string().max(4_096),
  code: z.string().max(16_384).optional(),
  error: z.string().max(200).optional(),
  error_description: z.string().max(4_096).optional(),
});
