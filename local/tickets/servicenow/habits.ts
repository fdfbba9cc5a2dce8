import { z } from "zod";

/** How this instance is set up and how it misbehaves. Kept in memory: a restarted process behaves well again. */
export const HabitChanges = z.strictObject({
  /** Answers 200 with an HTML page to everything, as a sleeping developer instance or a login page does. */
  hibernating: z.boolean().optional(),
  /** 503 to everything. */
  unavailable: z.boolean().optional(),
  /** 429 with rate limit headers to every API call; the token route still answers. */
  rateLimited: z.boolean().optional(),
  /** Every token issued so far is refused once: 401, and a new token works. */
  revokeTokens: z.boolean().optional(),
  /** Columns that the integration user may not read: `approval` or `change_request.approval`. */
  hiddenFields: z.array(z.string()).optional(),
  /** Numbers of records that the integration user may not read. */
  hiddenRows: z.array(z.string()).optional(),
  /** `glide.invalid_query.returns_no_rows`. */
  invalidQueryReturnsNoRows: z.boolean().optional(),
  /** How the site's script writes the digest of the webhook. */
  webhookDigest: z.enum(["base64", "hex"]).optional(),
  /** The business rule runs on work notes too, ours included, and not only on changed fields. */
  webhookOnNotes: z.boolean().optional(),
});

export type HabitChanges = z.infer<typeof HabitChanges>;

/** The habits without the one that is an event and not a state. */
export type Habits = Required<Omit<{ [Name in keyof HabitChanges]: NonNullable<HabitChanges[Name]> }, "revokeTokens">>;

export const GOOD_HABITS: Habits = {
  hibernating: false,
  unavailable: false,
  rateLimited: false,
  hiddenFields: [],
  hiddenRows: [],
  invalidQueryReturnsNoRows: false,
  webhookDigest: "base64",
  webhookOnNotes: false,
};
