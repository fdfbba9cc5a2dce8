import type { ChangeDecision, ChangeState, ChangeVerdict, FrozenChange } from "../../shared/domain/change.ts";
import type { Person } from "../../shared/domain/people.ts";
import { asksManagers } from "../../shared/domain/reviewers.ts";
import { RESUME_MAX_AGE_MS } from "../../shared/domain/resume.ts";
import { msOf, type Instant } from "../../shared/domain/time.ts";
import type { VerifiedSignIn } from "../../shared/ports/sign-in.ts";
import type { ProofProblem } from "../activation/proof-check.ts";
import { namedAnswers } from "../review/named-answers.ts";
import { answersDigest } from "../review/resolve-item.ts";
import type { ChangeWorker } from "./change-worker.ts";
import type { OpenedChange } from "./frozen-change.ts";
import { personsNamedBy } from "./named-by.ts";
import type { Said } from "./verify-sign-in.ts";

/** Whether a verified sign-in counts for what it says: fresh and strong, by the person of the slot, who may say so now. */
export async function judgeSignIn(
  worker: ChangeWorker,
  { frozen, digest }: OpenedChange,
  { status }: ChangeState,
  { account, nonce, authenticatedAt, authenticationContexts }: VerifiedSignIn,
  { slot, decision }: Said,
  now: Instant,
): Promise<{ readonly verdict: ChangeVerdict } | { readonly problem: ProofProblem }> {
  if (!authenticationContexts.includes(frozen.authenticationContext)) return { problem: "ContextMissing" };
  if (msOf(now) - msOf(authenticatedAt) > RESUME_MAX_AGE_MS) return { problem: "SignInTooOld" };
  const person = worker.policies.people.byAccount(account);
  const wanted = slot === 0 ? frozen.askedBy : frozen.approvers.find((one) => one.slot === slot)?.person;
  if (!person || person.key !== wanted) return { problem: "WrongPerson" };
  const known = await worker.directory.account(account);
  if (known?.enabled !== true || known.userType !== "Member") return { problem: "WrongAccount" };
  if (frozen.body.kind === "review" && (status !== "AwaitingReview" || authenticatedAt >= frozen.body.until))
    return { problem: "NotAskedNow" };
  if (frozen.body.kind === "review" && !(await reviewsStill(worker, frozen, slot, person)))
    return { problem: "WrongPerson" };
  if (!decision || !fits(decision, slot, frozen)) return { problem: "BadContent" };
  if (decision.kind === "review" && !(await fixAnswers(worker, frozen, slot, decision.answersDigest)))
    return { problem: "BadContent" };
  const signIn = { nonce, account, authenticatedAt, authenticationContexts };
  return {
    verdict: {
      changeId: frozen.id,
      changeDigest: digest,
      slot,
      person: person.key,
      decision,
      verifiedAt: now,
      ...signIn,
    },
  };
}

/** Keeps what was signed apart from what the reviewer goes on editing; `false`: it is not what the page keeps, or too long. */
async function fixAnswers(worker: ChangeWorker, { id }: FrozenChange, slot: number, digest: string): Promise<boolean> {
  const sheet = namedAnswers(await worker.changes.answers(id, slot));
  if (answersDigest(sheet) !== digest) return false;
  try {
    await worker.changes.keepAnswers(id, slot, sheet, digest);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * Somebody who left the reviewers meanwhile signs nothing more; what they signed before counts. Who is whose manager was
 * fixed with the population.
 */
async function reviewsStill(
  worker: ChangeWorker,
  { approvers }: FrozenChange,
  slot: number,
  person: Person,
): Promise<boolean> {
  const { reviewers = [], escalation } = worker.policies.policy.governance?.reviews ?? {};
  if (approvers.find((one) => one.slot === slot)?.answersFor === "ownPeople") return asksManagers({ reviewers });
  const named = await personsNamedBy(worker, [...reviewers, ...(escalation?.to ?? [])]);
  return named.some(({ key }) => key === person.key);
}

/** Who asked confirms, reviewers sign answers, second persons approve or deny: nobody does another's part. */
function fits({ kind }: ChangeDecision, slot: number, { body }: FrozenChange): boolean {
  if (slot === 0) return kind === "confirm";
  return body.kind === "review" ? kind === "review" : kind === "approve" || kind === "deny";
}
