import type { ChangeApprover, FrozenCampaign, FrozenChange } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { isNever, sendTo } from "../changes/change-mail.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import { frozenCampaign } from "./campaign-ids.ts";
import { claimMail, giveBackMail, isMailed, noteMailed, type CampaignMail } from "./mail-claim.ts";

const SUBJECT = "Access review: who still needs which role?";
type Asking = Exclude<CampaignMail["kind"], "heldHere" | "outcome">;
const BEGIN: Readonly<Record<Asking, string>> = {
  first: "",
  reminder: "Reminder: ",
  escalation: "Nobody answered: ",
};
const BY_MANAGERS =
  "Managers answer for the people whose manager they are, the other reviewers for those who have no manager who can be asked.";

/**
 * Asks every reviewer of a review, or at the escalation those who stand in for them, with one mail for the whole campaign:
 * who was asked by another of its reviews is not asked again. The page behind the link has all roles. Who cannot be told
 * keeps the others from nothing. May run twice. @throws what the last mail failed with, when nobody could be told
 */
export async function askReviewers(
  worker: ChangeWorker,
  frozen: FrozenChange,
  until: Instant,
  kind: Asking,
): Promise<void> {
  const { id, body } = frozen;
  if (body.kind !== "review") return;
  const campaign = frozenCampaign(worker.sealing, body.campaign, await worker.changes.frozen(body.campaign));
  const lines = linesOf(frozen, campaign, until);
  const reviewers = frozen.approvers.filter(({ backup }) => backup === (kind === "escalation"));
  let left: readonly { readonly asked: ChangeApprover; readonly fault?: unknown }[] = reviewers.map((asked) => ({
    asked,
  }));
  for (let times = 0; times < 2; times += 1) {
    const failed: { readonly asked: ChangeApprover; readonly fault: unknown }[] = [];
    for (const { asked } of left)
      try {
        await askOne(worker, frozen, asked, { campaign: body.campaign, person: asked.person, kind }, lines, until);
      } catch (fault) {
        failed.push({ asked, fault });
      }
    left = failed;
  }
  for (const { asked, fault } of left) {
    const problem = fault instanceof Error ? fault.message : "unknown";
    worker.log("error", "reviewer not mailed", { changeId: id, slot: asked.slot, kind, problem });
  }
  if (left.length > 0 && left.length === reviewers.length) throw left.at(-1)?.fault;
}

async function askOne(
  worker: ChangeWorker,
  { id }: FrozenChange,
  { person, slot }: ChangeApprover,
  mail: CampaignMail & { readonly kind: Asking },
  lines: readonly string[],
  until: Instant,
): Promise<void> {
  if (!(await claimMail(worker, mail, id))) return;
  const link = worker.links.signed("change", id, slot, until);
  try {
    await sendTo(worker, person, `${BEGIN[mail.kind]}${SUBJECT}`, lines, { link, label: "Review" });
  } catch (error) {
    await giveBackMail(worker, mail, id);
    throw error;
  }
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
    }
  if (faults.length > 0) throw faults.at(-1);
}
