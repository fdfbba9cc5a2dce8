import type { HttpResponseInit, InvocationContext } from "@azure/functions";
import {
  coveringContent,
  partsDigestIn,
  partsText,
  readParts,
  type SignedPart,
} from "../../shared/crypto/signed-answers.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ChangeId } from "../../shared/domain/change.ts";
import { RESUME_MAX_AGE_MS } from "../../shared/domain/resume.ts";
import type { PendingBody } from "../../shared/ports/activation-store.ts";
import { answersDigest } from "../review/resolve-item.ts";
import { show } from "./answers.ts";
import { ask } from "./ask.ts";
import type { Front } from "./front.ts";
import { NOTICES } from "./notices.ts";
import { requestDigestOf, type OpenedReview, type OwnReview } from "./own-reviews.ts";
import { standingOf } from "./review-standing.ts";
import { signInToProve, type ProofGoal } from "./sign-in-attempt.ts";

/** Goes on to the sign-in whose nonce covers every answer in every role. */
export async function signReviews(
  front: Front,
  { link, viewer, frozen, path }: OpenedReview,
  reviews: readonly OwnReview[],
): Promise<HttpResponseInit> {
  const answered = reviews.filter(({ isOpen, sheet }) => isOpen && Object.keys(sheet).length > 0);
  const authenticationContext = await contextOf(front, answered);
  if (authenticationContext === undefined || frozen.body.kind !== "review")
    return show(front, 422, NOTICES.nothingAnswered);
  const parts = answered.filter((review) => review.frozen.authenticationContext === authenticationContext).map(partOf);
  const text = partsText(parts);
  await front.changes.keepParts(link.activationId, sha256Hex(text), text); // too long for the browser to carry
  return signInToProve(front, {
    purpose: "reviews",
    requestDigest: frozen.body.campaign,
    activationId: link.activationId,
    slot: link.slot,
    person: viewer.person.key,
    account: null,
    authenticationContext,
    maxAgeMs: RESUME_MAX_AGE_MS,
    content: coveringContent(text),
    path,
  });
}

const partOf = (review: OwnReview): SignedPart => ({
  review: review.id,
  requestDigest: requestDigestOf(review),
  slot: review.asked.slot,
  answersDigest: answersDigest(review.sheet),
});

/** Reviews that were opened under another policy may ask for another context: then what is not signed yet comes first. */
async function contextOf(front: Front, answered: readonly OwnReview[]): Promise<string | undefined> {
  const contexts = [...new Set(answered.map(({ frozen }) => frozen.authenticationContext))];
  if (contexts.length < 2) return contexts[0];
  for (const review of answered)
    if ((await standingOf(front, review)).kind !== "signed") return review.frozen.authenticationContext;
  return contexts[0];
}

/**
 * Hands one sign-in over to every review that it covers. The first of them hands it on in the worker where this dies on the
 * way, so that once its row is written nothing that was signed is lost. `false`: what was to be signed is not there any
 * more, and nothing is handed over. @throws DependencyError when the first row cannot be written: nothing was signed
 */
export async function handOverReviews(
  front: Front,
  context: InvocationContext,
  { random, content, activationId }: ProofGoal,
  nonce: string,
  idToken: string,
): Promise<boolean> {
  const digest = partsDigestIn(content);
  const text = digest === undefined ? undefined : await front.changes.parts(activationId as ChangeId, digest);
  const parts = text !== undefined && sha256Hex(text) === digest ? readParts(text) : undefined;
  const [first, ...rest] = new Set(parts?.map(({ review }) => review));
  if (text === undefined || first === undefined) return false;
  const sealed = await front.proofs.seal({ purpose: "reviews", idToken, random, slot: 0, content, parts: text });
  const body: PendingBody = { kind: "proof", sealed };
  await ask(front, context, first, `proof-${nonce}`, body, () => Promise.resolve());
  await Promise.all(rest.map((review) => askOne(front, context, review, `proof-${nonce}`, body)));
  await ask(front, context, first, `proof-${nonce}`, body, (gateway, id) => gateway.change(id));
  return true;
}

async function askOne(
  front: Front,
  context: InvocationContext,
  review: ChangeId,
  key: string,
  body: PendingBody,
): Promise<void> {
  try {
    await ask(front, context, review, key, body, (gateway, id) => gateway.change(id));
  } catch (error) {
    const problem = error instanceof Error ? error.message : "unknown";
    front.log("warn", "left to the worker to hand on", { changeId: review, problem });
  }
}
