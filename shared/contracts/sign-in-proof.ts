import * as z from "zod";

const text = z.string().max(16_384);

/** What an approver decided; strict, because the sign-in's nonce covers the whole text. */
const DecisionContent = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("approve"), durationMs: z.int().positive().nullable() }),
  z.strictObject({ kind: z.literal("deny"), reason: z.string().trim().min(1).max(1_000) }),
]);

const isDecision = (content: string): boolean => {
  try {
    return DecisionContent.safeParse(JSON.parse(content)).success;
  } catch {
    return false; // no JSON
  }
};

/** What was said about a change of eligibility or standing access. */
const changeDecision = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("confirm") }),
  z.strictObject({ kind: z.literal("approve") }),
  z.strictObject({ kind: z.literal("deny"), reason: z.string().trim().min(1).max(1_000) }),
  z.strictObject({ kind: z.literal("review"), answersDigest: z.string().regex(/^[0-9a-f]{64}$/) }),
]);

const isChangeDecision = (content: string): boolean => {
  try {
    return changeDecision.safeParse(JSON.parse(content)).success;
  } catch {
    return false; // no JSON
  }
};

/** Answers of several reviews under one sign-in: the content is the digest of the parts, which are read by the worker. */
const coversReviews = (content: string): boolean => /^\{"kind":"reviews","partsDigest":"[0-9a-f]{64}"\}$/.test(content);

const common = { idToken: text, random: z.string().min(1).max(200), slot: z.int().min(0).max(65_535) };

/** A completed sign-in as it comes out of its envelope; anybody can encrypt to the worker, so nothing is trusted. */
export const SignInProofSchema = z.discriminatedUnion("purpose", [
  z.strictObject({ purpose: z.enum(["stepUp", "start", "resume"]), content: z.literal(""), ...common }),
  z.strictObject({ purpose: z.literal("decision"), content: text.refine(isDecision), ...common }),
  z.strictObject({ purpose: z.literal("change"), content: text.refine(isChangeDecision), ...common }),
  z.strictObject({
    purpose: z.literal("reviews"),
    content: text.refine(coversReviews),
    parts: z.string().max(65_536),
    ...common,
  }),
]);
