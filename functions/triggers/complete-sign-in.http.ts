import { timingSafeEqual } from "node:crypto";
import type { Cookie, HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { parseActivationId } from "../../shared/domain/ids.ts";
import { msOf } from "../../shared/domain/time.ts";
import type { VerifiedSignIn } from "../../shared/ports/sign-in.ts";
import { ask } from "../front/ask.ts";
import { guarded, show } from "../front/answers.ts";
import type { Front } from "../front/front.ts";
import { NOTICES } from "../front/notices.ts";
import { handOverReviews } from "../front/review-signing.ts";
import { sessionCookie } from "../front/session.ts";
import { ATTEMPT_COOKIE, attempts, type ProofGoal, type SignInAttempt } from "../front/sign-in-attempt.ts";
import { clearCookie, readCookie } from "../http/cookies.ts";
import type { Handler } from "../http/handler.ts";
import { redirectAnswer } from "../http/page-answer.ts";
import { readForm } from "../http/read-form.ts";
import type { NoticeView } from "../pages/views.ts";

const MOST_BYTES = 65_536;
const OVER = clearCookie(ATTEMPT_COOKIE, "None");

/**
 * `POST /api/sign-in/callback`: the login's answer. The id token is encrypted to the worker and handed over; what is
 * checked here only chooses a friendly page, because the worker believes nothing of it.
 */
export const completeSignIn = (front: Front): Handler =>
  guarded(front, async (request, context) => {
    const answered = await readAnswer(front, request);
    if (!answered?.code) {
      await front.noise.note(request, "sign-in");
      // The cookie may belong to another tab, whose answer is still to come; any site can post here.
      return answered ? failed(front) : show(front, 400, NOTICES.signInFailed);
    }
    const { attempt, code } = answered;
    const [isFirst, idToken] = await Promise.all([
      front.deliveries.first("state", attempt.state, front.clock.now()),
      front.signIn.redeem(code, attempt.codeVerifier),
    ]);
    if (!isFirst || idToken === undefined) return failed(front);
    const verified = await front.idTokens.verify(idToken);
    if ("problem" in verified || verified.signIn.nonce !== attempt.nonce) {
      front.log("warn", "sign-in refused", { problem: "problem" in verified ? verified.problem : "nonce" });
      return failed(front);
    }
    const { goal } = attempt;
    if (goal.kind === "proof" && !(await handOver(front, context, goal, attempt.nonce, idToken)))
      return show(front, 409, NOTICES.nothingSigned, [OVER]);
    return goOn(front, goal, verified.signIn);
  });

/** The attempt that this browser began and that is answered here, with the code, if the login gave one. */
async function readAnswer(
  front: Front,
  request: HttpRequest,
): Promise<{ readonly attempt: SignInAttempt; readonly code: string | undefined } | undefined> {
  const attempt = attempts(front).open(readCookie(request, ATTEMPT_COOKIE), front.clock.now());
  const form = attempt && (await readForm(request, MOST_BYTES));
  return attempt && isSame(form?.["state"] ?? "", attempt.state) ? { attempt, code: form?.["code"] } : undefined;
}

const isSame = (given: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** Also what looks wrong goes to the worker: it refuses, and writes the refusal down. `false`: there is nothing to hand over. */
async function handOver(
  front: Front,
  context: InvocationContext,
  goal: ProofGoal,
  nonce: string,
  idToken: string,
): Promise<boolean> {
  const { purpose, random, slot, content, activationId } = goal;
  if (purpose === "reviews") return handOverReviews(front, context, goal, nonce, idToken);
  const id = parseActivationId(activationId);
  if (!id) throw new Error("the state of the sign-in names no activation");
  const sealed = await front.proofs.seal({ purpose, idToken, random, slot, content });
  await ask(front, context, id, `proof-${nonce}`, { kind: "proof", sealed }, (gateway) =>
    purpose === "resume" ? gateway.resumeGrants(id) : purpose === "change" ? gateway.change(id) : gateway.ring(id),
  );
  return true;
}

async function goOn(front: Front, goal: SignInAttempt["goal"], signIn: VerifiedSignIn): Promise<HttpResponseInit> {
  const person = front.policies.people.byAccount(signIn.account);
  if (!person) return show(front, 403, NOTICES.unknownPerson, [OVER]);
  const cookies: readonly Cookie[] = [OVER, sessionCookie(front, signIn.account)];
  if (goal.kind === "view") return redirectAnswer(goal.path, cookies);
  const doubt = doubtAbout(front, goal, signIn, person.key);
  if (doubt) return show(front, 403, doubt, [OVER]);
  if (goal.purpose === "reviews") return redirectAnswer(`${goal.path ?? ""}?signed`, cookies);
  if (goal.purpose === "resume") return redirectAnswer(front.links.freezePage(), cookies);
  const id = parseActivationId(goal.activationId);
  if (id && goal.purpose === "change") return redirectAnswer(front.links.changePage(id), cookies);
  return id ? redirectAnswer(front.links.page(id), cookies) : failed(front);
}

/** Why the worker will not accept this sign-in, as far as that is plain to see. */
function doubtAbout(front: Front, goal: ProofGoal, signIn: VerifiedSignIn, person: string): NoticeView | undefined {
  if (person !== goal.person) return NOTICES.foreignSignIn;
  if (goal.account !== null && goal.account !== signIn.account) return NOTICES.wrongAccount;
  const isFresh = msOf(front.clock.now()) - msOf(signIn.authenticatedAt) <= goal.maxAgeMs;
  return isFresh && signIn.authenticationContexts.includes(goal.authenticationContext)
    ? undefined
    : NOTICES.signInFailed;
}

const failed = (front: Front): Promise<HttpResponseInit> => show(front, 400, NOTICES.signInFailed, [OVER]);
