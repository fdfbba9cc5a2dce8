import * as z from "zod";

const count = z.int();

/** `GET /api/reviews`: the campaigns, the newest first. */
export const campaignList = z.object({
  campaigns: z.array(
    z.object({ id: z.string(), number: count, opensAt: z.iso.datetime(), until: z.iso.datetime(), status: z.string() }),
  ),
});

/** `GET /api/reviews/{id}`: one campaign with what became of everybody. */
export const campaignReport = z.object({
  id: z.string(),
  number: count,
  opensAt: z.iso.datetime(),
  until: z.iso.datetime(),
  status: z.string(),
  policyHash: z.string(),
  reviews: z.array(
    z.object({
      id: z.string(),
      role: z.string(),
      status: z.string(),
      /** Digest over everybody who was to be reviewed. */
      population: z.string(),
      total: count,
      done: count,
      reviewers: z.array(z.object({ name: z.string(), signed: z.boolean() })),
    }),
  ),
  items: z.array(
    z.object({
      role: z.string(),
      holder: z.string(),
      principalId: z.string(),
      scope: z.string(),
      /** `""`: not decided yet. */
      verdict: z.string(),
      by: z.string(),
      why: z.string(),
      /** What was done in the directory while the role was held, in words; `""`: it was not held. */
      did: z.string(),
      /** The outcome was read back from the directory. */
      done: z.boolean(),
      /** When, and the record of the trail that shows what was read, by subject and key; `""`: not yet. */
      readBackAt: z.string().default(""),
      record: z.string().default(""),
    }),
  ),
});

export type CampaignReport = z.infer<typeof campaignReport>;
