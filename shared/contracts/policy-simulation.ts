import * as z from "zod";

/** Characters that one policy file may have to be simulated. */
export const MOST_POLICY_CHARACTERS = 524_288;

const policyText = z.string().min(1).max(MOST_POLICY_CHARACTERS);

/** `POST /api/policy/simulate`. */
export const simulatePolicyBody = z.strictObject({
  /** The text of `roles.yaml`. */
  roles: policyText,
  /** The text of `people.yaml`. */
  people: policyText,
  /** How many requests are looked at, the newest first. */
  last: z.int().min(1).max(1_000).default(100),
});

const simulatedRequest = z.object({
  id: z.string(),
  requestedAt: z.iso.datetime(),
  role: z.string(),
  person: z.string(),
  ticket: z.object({ system: z.string(), number: z.string() }),
  scope: z.string(),
  duration: z.string(),
  changes: z.array(
    z.object({
      kind: z.enum([
        "refused",
        "allowed",
        "approvalNeeded",
        "approvalNotNeeded",
        "otherApprovers",
        "otherSignIn",
        "otherStart",
      ]),
      text: z.string(),
    }),
  ),
});

/** What another policy would have changed for past requests. */
export const policySimulation = z.object({
  /** Of the policy that the service runs, and of the one that was sent. */
  hash: z.object({ running: z.string(), simulated: z.string() }),
  /** How many requests were looked at. */
  looked: z.int(),
  /** How many of them no policy decides: they were closed for what the ticket or the directory said. They count as unchanged. */
  undecided: z.int(),
  /** Those whose outcome would change, the newest first. */
  changed: z.array(simulatedRequest),
  /** What the answer rests on, in a sentence or two. */
  assumes: z.string(),
});

export type PolicySimulation = z.infer<typeof policySimulation>;
