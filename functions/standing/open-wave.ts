import type { ChangeId, ChangeItem, ItemProgress } from "../../shared/domain/change.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import { planConversion, tripleText, type PlanItem } from "../../shared/domain/standing-plan.ts";
import { judgeWave } from "../../shared/domain/wave.ts";
import { isDirect } from "../../shared/domain/posture.ts";
import { STANDING_LOCK, changeStateOf } from "../changes/change-state.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import type { Opening, OpeningResult } from "../changes/contents.ts";
import { progressOf } from "../changes/frozen-change.ts";
import { isOver } from "../../shared/domain/change.ts";
import { subjectOf } from "../../shared/ports/change-store.ts";
import { readPosture } from "./read-posture.ts";
import { readWayBack } from "./read-way-back.ts";

/** What the top wave holds: everything else can be taken with it, so a second person decides. */
const TOP_WAVE = 1;

/**
 * The conversion of one wave. What the door wrote is only a hint: the plan of this moment must be the same, by the
 * worker's own reading, and only what stands right now and may be converted is.
 */
export async function openWave(worker: ChangeWorker, { change, policy }: Opening<"wave">): Promise<OpeningResult> {
  const { wave, planId } = change.body;
  const [posture, rules, licences, permissions, asked] = await Promise.all([
    readPosture(worker),
    worker.posture.eligibilityRules(),
    worker.posture.licences(),
    worker.workerPermissions(),
    worker.changes.items(change.id),
  ]);
  const fresh = planConversion(posture, { policy, people: worker.policies.people, rules, licences, permissions });
  const eligible = new Set(posture.eligible.filter(isDirect).map(tripleText));
  const refused = judgeWave(wave, asked, fresh, (one) => eligible.has(tripleText(one)));
  if (refused) return { refusal: refused };
  const items = fresh.items.filter((item) => item.action === "convert" && item.wave === wave).map(conversionOf);
  if (items.length === 0) return { refusal: refusal("NothingToDo", "everything of this wave is converted") };
  const busy = await takeLock(worker, change.id);
  if (busy) return { refusal: refusal("ChangeUnderWay", busy) };
  const words = [
    `Wave ${wave} of plan ${planId.slice(0, 12)}: ${items.length} standing assignments become eligible, and then do not stand any more.`,
    ...summaryOf(items),
  ];
  return { contents: { items, words, needsApproval: wave === TOP_WAVE } };
}

/** The way back: everything that conversions of this wave changed, as the worker itself recorded it. */
export async function openRollback(worker: ChangeWorker, { change }: Opening<"rollback">): Promise<OpeningResult> {
  const { wave, planId } = change.body;
  const back = await readWayBack(worker, await recordedItems(worker, subjectOf(change)));
  if ("refusal" in back) return back;
  const { items, leftOut, again } = back;
  const busy = await takeLock(worker, change.id);
  if (busy) return { refusal: refusal("ChangeUnderWay", busy) };
  const words = [
    `The way back of wave ${wave} of plan ${planId.slice(0, 12)}: ${again.length} assignments stand permanently again.`,
    ...(again.length < items.length
      ? [`${items.length - again.length} stand still: only the eligibility ends that the wave made.`]
      : []),
    ...summaryOf(items),
    ...shortened(leftOut.map((one) => `Left as it is: ${one}.`)),
  ];
  return { contents: { items, words, needsApproval: true } };
}

const conversionOf = ({
  principalId,
  roleDefinitionId,
  directoryScopeId,
  role,
  holder,
  person,
  eligibleForMs,
}: PlanItem): ChangeItem => ({
  action: "convert",
  principalId,
  roleDefinitionId,
  directoryScopeId,
  role,
  holder,
  person,
  eligibleForMs,
  madeEligible: false,
});

/** What the wave's conversions and ways back did, the newest change first; only what is as the worker sealed it. */
async function recordedItems(worker: ChangeWorker, subject: string): Promise<readonly (readonly ItemProgress[])[]> {
  const changes: ItemProgress[][] = [];
  for (const id of await worker.changes.about(subject)) {
    const rows = await worker.changes.allProgress(id);
    changes.push(rows.flatMap((row, index) => progressOf(worker.sealing, row, id, index + 1) ?? []));
  }
  return changes;
}

/** Takes the lock, also from a change that is over; answers who has it otherwise. */
async function takeLock({ changes }: ChangeWorker, id: ChangeId): Promise<ChangeId | undefined> {
  const holder = await changes.lock(STANDING_LOCK, id);
  if (holder === id) return undefined;
  const record = await changes.load(holder);
  if (record && !isOver(changeStateOf(record))) return holder;
  await changes.unlock(STANDING_LOCK, holder);
  const next = await changes.lock(STANDING_LOCK, id);
  return next === id ? undefined : next;
}

const MOST_SHOWN = 25;

const summaryOf = (items: readonly ChangeItem[]): readonly string[] =>
  shortened(items.map(({ role, holder, directoryScopeId }) => `${role}: ${holder} at ${directoryScopeId}`));

const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length > MOST_SHOWN ? [...lines.slice(0, MOST_SHOWN), `and ${lines.length - MOST_SHOWN} more`] : lines;
