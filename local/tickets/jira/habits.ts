import { z } from "zod";

/** How this site is set up and how it misbehaves. Kept in memory: a restarted process behaves well again. */
export const Habits = z.strictObject({
  /** 503 with `Retry-After` to everything. */
  unavailable: z.boolean(),
  /** 429 with rate limit headers to everything. */
  rateLimited: z.boolean(),
  /** 200 with an HTML page, as a maintenance or login page does. */
  html: z.boolean(),
  /** 403 with `X-Seraph-LoginReason`: too many failed logins ask for a CAPTCHA. */
  captcha: z.boolean(),
  /** Keys of issues that our user may not see; a project's key hides all of it. */
  hidden: z.array(z.string()),
  /** What a change sends: the admin webhook, the automation rule, both or nothing. */
  sends: z.enum(["webhook", "automation", "both", "nothing"]),
  /** The webhook is also sent for comments, ours included. */
  webhookOnComments: z.boolean(),
});
export type Habits = z.infer<typeof Habits>;

export const GOOD_HABITS: Habits = {
  unavailable: false,
  rateLimited: false,
  html: false,
  captcha: false,
  hidden: [],
  sends: "webhook",
  webhookOnComments: false,
};
