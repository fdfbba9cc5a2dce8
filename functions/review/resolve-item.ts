import type { ChangeApprover, ItemProgress, ReviewOutcome } from "../../shared/domain/change.ts";
import { digestOf } from "../../shared/crypto/digest.ts";
import { aboutItem } from "../../shared/crypto/reviewed-item.ts";
import type { PersonKey, PrincipalId } from "../../shared/domain/ids.ts";
import { isDirect, isStanding } from "../../shared/domain/posture.ts";
import { GLOBAL_ADMINISTRATOR } from "../../shared/domain/privileged-roles.ts";
import { decideReview, SHORTENED_MS, type KeptAnswer } from "../../shared/domain/review.ts";
import { mayAnswer } from "../../shared/domain/reviewers.ts";
import { FEWEST_GLOBAL_ADMINISTRATORS } from "../../shared/domain/standing-plan.ts";
import { DAY_MS, plus } from "../../shared/domain/time.ts";
import type { AnswerSheet, ChangeRecord } from "../../shared/ports/change-store.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import { changeVerdicts, type OpenedChange } from "../changes/frozen-change.ts";
import { aboutIn } from "./named-answers.ts";

/** What reviewers signed, each sheet verified against its signature. */
export type SignedAnswers = readonly { readonly by: ChangeApprover; readonly sheet: AnswerSheet }[];

export const answersDigest = (sheet: AnswerSheet): string => digestOf(sheet);

/** The sheets that count: the last one that each reviewer signed, as it was when they signed it. */
export async function signedAnswers(
  worker: ChangeWorker,
  record: ChangeRecord,
  { digest, frozen }: OpenedChange,
): Promise<SignedAnswers> {
  const signed = new Map<number, string>();
  for (const { slot, decision } of changeVerdicts(worker.sealing, record, digest))
    if (decision.kind === "review") signed.set(slot, decision.answersDigest);
  const sheets = await Promise.all(
    frozen.approvers.map(async (by) => {
      const { slot } = by;
      const wanted = signed.get(slot);
      if (wanted === undefined) return [];
      const sheet = await worker.changes.answers(record.change.id, slot, wanted);
      if (answersDigest(sheet) === wanted) return [{ by, sheet }];
      worker.log("error", "answers were changed after they were signed", { changeId: record.change.id, slot });
      return [];
    }),
  );
  return sheets.flat();
}

/** What becomes of one item of a review; the answer is kept with the item, so that it is asked once. */
export async function resolveItem(
  worker: ChangeWorker,
  progress: ItemProgress,
  signed: SignedAnswers,
): Promise<ItemProgress> {
  const { item, n } = progress;
  const { policy } = worker.policies;
  const own = await personsThrough(worker, item);
  const about = aboutItem(item);
  const answers = signed.flatMap(({ by, sheet }) => {
    const answer: KeptAnswer | undefined = sheet[n];
    if (!answer || !mayAnswer(by, item) || own.has(by.person)) return [];
    // Without a name it was signed under an earlier version: no sign-in was taken for it since.
    if (answer.about === about || aboutIn(answer) === undefined) return [{ person: by.person, answer }];
    worker.log("error", "a reviewer was shown somebody else", { changeId: progress.changeId, n, slot: by.slot });
    return [];
  });
  const isBreakGlass = policy.breakGlassAccounts.includes(item.principalId);
  const noAnswer = policy.governance?.reviews?.noAnswer ?? "keep";
  const review = await protect(worker, item, decideReview(answers, { person: item.person, isBreakGlass }, noAnswer));
  const action = review.verdict === "remove" ? "revoke" : review.verdict;
  const until = action === "shorten" ? { until: plus(worker.clock.now(), SHORTENED_MS) } : {};
  return { ...progress, review, item: { ...item, action, ...until } };
}

/** Who is eligible through the item where it is a group's: nobody answers about themselves that way either. */
async function personsThrough(
  { posture, policies: { people } }: ChangeWorker,
  { notUser, principalId }: ItemProgress["item"],
): Promise<ReadonlySet<PersonKey>> {
  const group = notUser ? await posture.holdingGroup(principalId) : undefined;
  return new Set((group?.members ?? []).flatMap((member) => people.byAccount(member)?.key ?? []));
}

/**
 * An item that was resolved before and is not done, as it may be done now: what it was to take may be the last that is left,
 * because others went meanwhile.
 */
export async function protectAgain(worker: ChangeWorker, progress: ItemProgress): Promise<ItemProgress> {
  const { item, review, finished } = progress;
  if (!review || finished) return progress;
  const now = await protect(worker, item, review, true);
  return now === review ? progress : { ...progress, review: now, item: { ...item, action: "keep" } };
}

/**
 * Nobody is removed, nor shortened, where fewer than two others could be Global Administrator for longer than what is
 * shortened lasts. @param unlessDone what was taken already stays as it was decided
 */
async function protect(
  worker: ChangeWorker,
  item: ItemProgress["item"],
  review: ReviewOutcome,
  unlessDone = false,
): Promise<ReviewOutcome> {
  if (review.verdict === "keep" || item.roleDefinitionId !== GLOBAL_ADMINISTRATOR || item.directoryScopeId !== "/")
    return review;
  const lastsUntil = plus(worker.clock.now(), SHORTENED_MS + DAY_MS);
  const able = new Set<PrincipalId>();
  const still = new Set<PrincipalId>();
  await worker.posture.visitEligible((rows) => {
    for (const row of rows.filter(isDirect)) {
      const lasts = row.endsAt === undefined || row.endsAt > lastsUntil;
      if (lasts) able.add(row.principalId);
      const isOwn = row.principalId === item.principalId && row.directoryScopeId === item.directoryScopeId;
      if (isOwn && (lasts || review.verdict === "remove")) still.add(row.principalId);
    }
  }, GLOBAL_ADMINISTRATOR);
  if (unlessDone && still.size === 0) return review;
  for (const row of await worker.directory.activeAssignmentsOfRoles([GLOBAL_ADMINISTRATOR]))
    if (isStanding(row) && isDirect(row)) able.add(row.principalId);
  able.delete(item.principalId);
  const others = (await worker.posture.users([...able])).filter(({ enabled }) => enabled === true).length;
  return others >= FEWEST_GLOBAL_ADMINISTRATORS
    ? review
    : { verdict: "keep", by: null, why: "fewer than two others could be Global Administrator" };
}
