import { setTimeout as pause } from "node:timers/promises";
import { sameRule, type RoleRule } from "../../shared/domain/baseline.ts";
import type { ChangeItem, ItemProgress } from "../../shared/domain/change.ts";
import { classifyDirectoryAnswer } from "../../shared/domain/directory-answer.ts";
import { MINUTE_MS, plus, SECOND_MS } from "../../shared/domain/time.ts";
import { event } from "../activation/change.ts";
import { changeSubject, type ChangeWorker } from "../changes/change-worker.ts";
import { sealProgress } from "../changes/frozen-change.ts";
import { LOOKS_MS, type ItemOutcome } from "../changes/item-outcome.ts";
import { takePace } from "../changes/take-pace.ts";

const MOST_TRIES = 8;

/** Sets one rule: looks first, and only over what was found when it was agreed to; then reads it back. May run twice. */
export async function workRule(
  worker: ChangeWorker,
  start: ItemProgress,
  rule: NonNullable<ChangeItem["rule"]>,
): Promise<ItemOutcome> {
  const { changeId, n, item } = start;
  const found = await readRule(worker, item, rule.wanted.id);
  if (!found) return { kind: "stop", because: "the rule is not there" };
  if (sameRule(found, rule.wanted)) return finish(worker, start);
  if (!sameRule(found, rule.before)) return { kind: "stop", because: "somebody else changed the rule meanwhile" };
  if (start.makes >= MOST_TRIES) return { kind: "stop", because: `it was sent ${MOST_TRIES} times and is not seen` };
  const { granted, again } = await takePace(worker, 1);
  if (granted === 0) return { kind: "wait", until: again, paced: true };
  const progress = { ...start, makes: start.makes + 1 };
  await worker.changes.putProgress(changeId, [sealProgress(worker.sealing, progress)]);
  const data = {
    item: n,
    write: "setRule",
    attempt: progress.makes,
    role: item.roleDefinitionId,
    rule: rule.wanted.id,
  };
  const key = `item-${n}-setRule-${progress.makes}`;
  await worker.audit.append(changeSubject(changeId), key, event("ChangeItemAttempted", worker.clock.now(), data));
  const answer = await worker.eligibility.patchRule(rule.policyId, rule.wanted, crypto.randomUUID());
  const judged = classifyDirectoryAnswer(answer, "assign");
  if (judged === "failed" || judged === "misconfigured")
    return { kind: "stop", because: `the directory refused it: ${answer.kind === "refused" ? answer.code : judged}` };
  for (const ms of judged === "later" ? [] : LOOKS_MS) {
    if (ms > 0) await pause(ms);
    const now = await readRule(worker, item, rule.wanted.id);
    if (now && sameRule(now, rule.wanted)) return finish(worker, progress);
  }
  return {
    kind: "wait",
    until: plus(worker.clock.now(), Math.min(2 * MINUTE_MS, 5 * SECOND_MS * 2 ** progress.makes)),
  };
}

async function readRule(
  worker: ChangeWorker,
  { roleDefinitionId }: ChangeItem,
  id: string,
): Promise<RoleRule | undefined> {
  const settings = await worker.posture.roleSettings();
  return settings.get(roleDefinitionId)?.rules.find((rule) => rule.id === id);
}

async function finish(worker: ChangeWorker, progress: ItemProgress): Promise<ItemOutcome> {
  const { changeId, n, item } = progress;
  const data = { item: n, action: item.action, role: item.roleDefinitionId, rule: item.rule?.wanted.id ?? "" };
  await worker.audit.append(
    changeSubject(changeId),
    `item-${n}-done`,
    event("ChangeItemDone", worker.clock.now(), data),
  );
  await worker.changes.putProgress(changeId, [sealProgress(worker.sealing, { ...progress, finished: true })]);
  return { kind: "finished" };
}
