import type {
  ChangeApprover,
  ChangeState,
  FrozenCampaign,
  FrozenChange,
  ReviewMail,
} from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { isNever, sendTo } from "../changes/change-mail.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import { frozenCampaign } from "./campaign-ids.ts";
import { claimMail, giveBackMail, isMailed, noteMailed, noteSent, type CampaignMail } from "./mail-claim.ts";

const SUBJECT = "Access review: who still needs which role?";
const BEGIN: Readonly<Record<ReviewMail, string>> = {
  first: "",
  reminder: "Reminder: ",
  escalation: "Nobody answered: ",
};
const BY_MANAGERS =
  "Managers answer for the people whose manager they are, the other reviewers for those who have no manager who can be asked.";

/** Of one review in one minute: a mailbox sends thirty, and those who ask for a role need it too. */
const MOST_AT_ONCE = 20;
/** Where mail is away and not only busy. */
const AGAIN_AFTER_MS = 10 * MINUTE_MS;

interface Unasked {
  readonly asked: ChangeApprover;
  readonly fault?: unknown;
}

/**
 * Asks every reviewer of a review, or at the escalation those who stand in for them, with one mail for the whole campaign:
 * who was asked by another of its reviews is not asked again. The page behind the link has all roles. Who cannot be told
 * keeps the others from nothing. Answers when to ask those who are left; `undefined`: nobody is. May run twice.
 * @throws what the last mail failed with, when nobody could be told
 */
export async function askReviewers(
  worker: ChangeWorker,
  frozen: FrozenChange,
  until: Instant,
  kind: ReviewMail,
): Promise<Instant | undefined> {
  const { id, body } = frozen;
  if (body.kind !== "review") return undefined;
  const campaign = frozenCampaign(worker.sealing, body.campaign, await worker.changes.frozen(body.campaign));
  const lines = linesOf(frozen, campaign, until);
  const reviewers = frozen.approvers.filter(({ backup }) => backup === (kind === "escalation"));
  let left: readonly Unasked[] = reviewers.map((asked) => ({ asked }));
  let [sent, busy] = [0, false];
  for (let times = 0; times < 2 && !busy; times += 1) {
    const unasked: Unasked[] = [];
    for (const one of left) {
      const { asked } = one;
      try {
        const mail = { campaign: body.campaign, person: asked.person, kind };
        if (busy || sent === MOST_AT_ONCE) unasked.push(one);
        else if (await askOne(worker, frozen, asked, mail, lines, until)) sent += 1;
      } catch (fault) {
        unasked.push({ asked, fault });
        busy = isBusy(fault);
      }
    }
    left = unasked;
  }
  for (const { asked, fault } of left.filter((one) => one.fault !== undefined && !isBusy(one.fault))) {
    const problem = fault instanceof Error ? fault.message : "unknown";
    worker.log("error", "reviewer not mailed", { changeId: id, slot: asked.slot, kind, problem });
  }
  if (left.length > 0 && left.length === reviewers.length) throw left.findLast(({ fault }) => fault)?.fault;
  return againAt(worker.clock.now(), left);
}

const isBusy = (fault: unknown): fault is DependencyError =>
  fault instanceof DependencyError && fault.code === "Throttled";

/** What will never go out is not tried again; what failed waits longer than what only had to wait. */
function againAt(now: Instant, left: readonly Unasked[]): Instant | undefined {
  const busy = left.map(({ fault }) => fault).find(isBusy);
  if (busy) return plus(now, Math.max(MINUTE_MS, busy.retryAfterMs ?? 0));
  if (left.some(({ fault }) => fault === undefined)) return plus(now, MINUTE_MS);
  return left.some(({ fault }) => !isNever(fault)) ? plus(now, AGAIN_AFTER_MS) : undefined;
}

/** The state in which the rest is mailed then; what is not mailed when the next mail to everybody is due, is left to that. */
export function stillTelling(state: AwaitingReview, kind: ReviewMail, again: Instant | undefined): AwaitingReview {
  if (again === undefined || again >= state.remindAt) return state;
  return { ...state, remindAt: again, telling: { kind, then: state.remindAt } };
}

type AwaitingReview = Extract<ChangeState, { readonly status: "AwaitingReview" }>;

/** Whether this was the review to send it. */
async function askOne(
  worker: ChangeWorker,
  { id }: FrozenChange,
  { person, slot }: ChangeApprover,
  mail: CampaignMail & { readonly kind: ReviewMail },
  lines: readonly string[],
  until: Instant,
): Promise<boolean> {
  if (!(await claimMail(worker, mail, id))) return false;
  const link = worker.links.signed("change", id, slot, until);
  try {
    await sendTo(worker, person, `${BEGIN[mail.kind]}${SUBJECT}`, lines, { link, label: "Review" });
  } catch (error) {
    await giveBackMail(worker, mail, id);
    throw error;
  }
  await noteSent(worker, mail, id);
  return true;
}

function linesOf(
  { words, approvers }: FrozenChange,
  campaign: FrozenCampaign | undefined,
  until: Instant,
): readonly string[] {
  const roles = (campaign?.reviews ?? []).map(({ role }) => role).toSorted((a, b) => a.localeCompare(b));
  return [
    "You are asked who still needs to be eligible. One page shows everybody whom you answer for, in every role, with the use that was made of it; one sign-in counts for all your answers.",
    ...(roles.length > 0 ? [`Reviewed are: ${roles.join(", ")}.`] : []),
    ...words.slice(1),
    ...(approvers.some(({ answersFor }) => answersFor) ? [BY_MANAGERS] : []),
    `Answer until ${until.slice(0, 10)}. What you answer is kept as you go; it counts once you sign it at the end of the page. A role that is missing at first appears when you load the page again.`,
  ];
}

/** What became of one role. */
export interface RoleOutcome {
  readonly line: string;
  /** Who was asked. */
  readonly persons: readonly PersonKey[];
}

/**
 * Tells everybody who was asked what became of their roles, with one mail each. May run twice: who was told is not told
 * again. Whose mailbox takes no mail keeps the others from nothing. @throws what the last mail failed with that may go out yet
 */
export async function tellReviewers(
  worker: ChangeWorker,
  campaign: FrozenCampaign,
  outcomes: readonly RoleOutcome[],
): Promise<void> {
  const faults: unknown[] = [];
  for (const person of new Set(outcomes.flatMap(({ persons }) => persons)))
    try {
      const mail = { campaign: campaign.id, person, kind: "outcome" } as const;
      if (await isMailed(worker, mail)) continue;
      const own = outcomes.filter(({ persons }) => persons.includes(person)).map(({ line }) => line);
      const record = { link: worker.links.changePage(campaign.id), label: "Open the record" };
      await sendTo(worker, person, `Access review ${campaign.number + 1} is over`, own, record);
      await noteMailed(worker, mail);
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown";
      worker.log("error", "reviewer not told the outcome", { campaign: campaign.id, problem });
      if (!isNever(error)) faults.push(error);
      if (isBusy(error)) break; // those who are left are told the next time
    }
  if (faults.length > 0) throw faults.at(-1);
}
