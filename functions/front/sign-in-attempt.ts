import { randomBytes } from "node:crypto";
import type { HttpResponseInit } from "@azure/functions";
import * as z from "zod";
import { signInNonce } from "../../shared/crypto/nonce.ts";
import { MINUTE_MS, plus, SECOND_MS } from "../../shared/domain/time.ts";
import { setCookie } from "../http/cookies.ts";
import { redirectAnswer } from "../http/page-answer.ts";
import { sealedValue, type SealedValue } from "../http/sealed-value.ts";
import type { Front } from "./front.ts";

/** Kept in the browser, unreadable for it, between our page and the login's answer. */
export const ATTEMPT_COOKIE = "__Host-zs-signin";
const LIFETIME_MS = 10 * MINUTE_MS;

const ProofGoal = z.object({
  kind: z.literal("proof"),
  purpose: z.enum(["stepUp", "start", "decision", "resume", "change", "reviews"]),
  /** Or the freeze that is to be lifted, or the change. */
  activationId: z.string(),
  slot: z.number(),
  /** Person the link was made for. */
  person: z.string(),
  /** The only account that will do; `null`: any of the person's. */
  account: z.string().nullable(),
  authenticationContext: z.string(),
  maxAgeMs: z.number(),
  content: z.string(),
  random: z.string(),
  /** `reviews`: the page that it leads back to. */
  path: z.string().optional(),
});

/** What a sign-in is for: a proof that goes to the worker, or only to see a page of ours. */
const Goal = z.discriminatedUnion("kind", [ProofGoal, z.object({ kind: z.literal("view"), path: z.string() })]);
const Attempt = z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string(), goal: Goal });

export type ProofGoal = z.infer<typeof ProofGoal>;
export type SignInAttempt = z.infer<typeof Attempt>;

export const attempts = ({ linkKeys }: Pick<Front, "linkKeys">): SealedValue<SignInAttempt> =>
  sealedValue("signIn", Attempt, linkKeys);

/** Sends the browser to the login for a fresh sign-in whose nonce covers purpose, request and decision. */
export function signInToProve(
  front: Front,
  wanted: Omit<ProofGoal, "kind" | "random"> & { readonly requestDigest: string },
): Promise<HttpResponseInit> {
  const { requestDigest, ...rest } = wanted;
  const goal: ProofGoal = { kind: "proof", random: randomText(), ...rest };
  return toLogin(front, goal, signInNonce({ ...goal, requestDigest }), goal.authenticationContext);
}

/** Sends the browser to the login only to learn who it is, and back to one of our pages. */
export const signInToView = (front: Front, path: string): Promise<HttpResponseInit> =>
  toLogin(front, { kind: "view", path }, randomText(), undefined);

async function toLogin(
  front: Front,
  goal: SignInAttempt["goal"],
  nonce: string,
  authenticationContext: string | undefined,
): Promise<HttpResponseInit> {
  const attempt = { state: randomText(), nonce, codeVerifier: randomText(), goal };
  const { state, codeVerifier } = attempt;
  const location = await front.signIn.authorizeUrl({ state, nonce, codeVerifier, authenticationContext });
  const box = attempts(front).seal(attempt, plus(front.clock.now(), LIFETIME_MS));
  const cookie = setCookie(ATTEMPT_COOKIE, box, { sameSite: "None", maxAgeSeconds: LIFETIME_MS / SECOND_MS });
  return redirectAnswer(location, [cookie]);
}

/** 256 random bits: 43 characters, what PKCE asks for. */
const randomText = (): string => randomBytes(32).toString("base64url");
