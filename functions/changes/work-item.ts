import { setTimeout as pause } from "node:timers/promises";
import type { ItemProgress } from "../../shared/domain/change.ts";
import type { DirectoryAnswer } from "../../shared/domain/directory.ts";
import { classifyDirectoryAnswer } from "../../shared/domain/directory-answer.ts";
import { nextItemStep, takesAway, type ItemFacts, type ItemWrite } from "../../shared/domain/item-step.ts";
import { isDirect, isStanding } from "../../shared/domain/posture.ts";
import { GLOBAL_ADMINISTRATOR } from "../../shared/domain/privileged-roles.ts";
import { MINUTE_MS, plus, SECOND_MS } from "../../shared/domain/time.ts";
import { event } from "../activation/change.ts";
import { workRule } from "../settings/work-rule.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import { sealProgress } from "./frozen-change.ts";
import { LOOKS_MS, type ItemOutcome } from "./item-outcome.ts";

const LONGEST_WAIT_MS = 2 * MINUTE_MS;

/**
 * Works one item until it is finished, waits or surprises. Looks first, writes what is next, and looks again; every
 * write is counted and recorded before it is sent, so that a crash at any point is only another look. May run twice.
 */
export async function workItem(worker: ChangeWorker, start: ItemProgress): Promise<ItemOutcome> {
  let progress = start;
  if (progress.finished) return { kind: "finished" };
  if (progress.item.action === "setRule" && progress.item.rule) return workRule(worker, progress, progress.item.rule);
  let facts = await readItem(worker, progress);
  for (;;) {
    const step = nextItemStep(progress, facts, worker.clock.now());
    switch (step.do) {
      case "finish":
        await finish(worker, progress, facts);
        return { kind: "finished" };
      case "wait":
        return { kind: "wait", until: step.until };
      case "stop":
        return { kind: "stop", because: step.because };
      default: {
        progress = await counted(worker, progress, step.do);
        const answer = await send(worker, progress, step.do);
        const seen = await afterWrite(worker, progress, step.do, answer);
        if ("kind" in seen) return seen;
        facts = seen;
      }
    }
  }
}

/** What the directory shows of the item: the principal's own rows at exactly this role and scope. */
async function readItem(worker: ChangeWorker, { item }: ItemProgress): Promise<ItemFacts> {
  const [{ active, eligible }, others] = await Promise.all([
    worker.eligibility.look(item),
    item.action === "convert" && item.roleDefinitionId === GLOBAL_ADMINISTRATOR
      ? otherGlobalAdministrators(worker, item.principalId)
      : 0,
  ]);
  const own = eligible.find(isDirect);
  return {
    active: active.find(isDirect),
    eligible: own && { endsAt: own.endsAt ?? null },
    otherGlobalAdministrators: others,
  };
}

/** Enabled accounts, others than this one, that hold standing Global Administrator at the tenant right now. */
async function otherGlobalAdministrators(worker: ChangeWorker, principalId: string): Promise<number> {
  const rows = await worker.directory.activeAssignmentsOfRoles([GLOBAL_ADMINISTRATOR]);
  const ids = rows
    .filter(
      (row) => isStanding(row) && isDirect(row) && row.directoryScopeId === "/" && row.principalId !== principalId,
    )
    .map((row) => row.principalId);
  const users = await worker.posture.users([...new Set(ids)]);
  return users.filter(({ enabled }) => enabled === true).length;
}

/** The write is counted under the seal and in the trail before it is sent. */
async function counted(worker: ChangeWorker, progress: ItemProgress, write: ItemWrite): Promise<ItemProgress> {
  const makes = !takesAway(write);
  const next: ItemProgress = {
    ...progress,
    makes: progress.makes + (makes ? 1 : 0),
    takes: progress.takes + (makes ? 0 : 1),
    madeEligible: progress.madeEligible || write === "makeEligible",
  };
  await worker.changes.putProgress(progress.changeId, [sealProgress(worker.sealing, next)]);
  const { n, item, changeId } = next;
  const { principalId, roleDefinitionId, directoryScopeId } = item;
  const attempt = makes ? next.makes : next.takes;
  await worker.audit.append(
    changeSubject(changeId),
    `item-${n}-${write}-${attempt}`,
    event("ChangeItemAttempted", worker.clock.now(), {
      item: n,
      write,
      attempt,
      principalId,
      roleDefinitionId,
      directoryScopeId,
    }),
  );
  return next;
}

function send(worker: ChangeWorker, { changeId, n, item }: ItemProgress, write: ItemWrite): Promise<DirectoryAnswer> {
  const writing = { justification: `ZS change ${changeId} item ${n}`, correlationId: crypto.randomUUID() };
  switch (write) {
    case "makeEligible":
      return worker.eligibility.makeEligible(item, { ...writing, durationMs: item.eligibleForMs });
    case "extendEligibility":
    case "shortenEligibility":
      return worker.eligibility.extendEligibility(item, { ...writing, until: item.until ?? worker.clock.now() });
    case "endEligibility":
      return worker.eligibility.endEligibility(item, writing);
    case "assign":
      return worker.eligibility.assignWithoutEnd(item, writing);
    case "endStanding":
    case "endActivation":
      return worker.directory.remove(item, writing);
  }
}

/** Looks until the write is seen; what is next follows from that very look. */
async function afterWrite(
  worker: ChangeWorker,
  progress: ItemProgress,
  write: ItemWrite,
  answer: DirectoryAnswer,
): Promise<ItemOutcome | ItemFacts> {
  const judged = classifyDirectoryAnswer(answer, write.startsWith("end") ? "remove" : "assign");
  const code = answer.kind === "refused" ? answer.code : answer.kind === "accepted" ? answer.status : "no answer";
  if (judged === "failed" || judged === "misconfigured")
    return { kind: "stop", because: `the directory refused ${write}: ${code}` };
  const now = worker.clock.now();
  if (judged !== "later")
    for (const ms of LOOKS_MS) {
      if (ms > 0) await pause(ms);
      const facts = await readItem(worker, progress);
      if (nextItemStep(progress, facts, now).do !== write) return facts;
    }
  const asked = answer.kind === "accepted" ? 0 : (answer.retryAfterMs ?? 0);
  const tries = Math.max(progress.makes, progress.takes);
  return { kind: "wait", until: plus(now, Math.max(asked, Math.min(LONGEST_WAIT_MS, 5 * SECOND_MS * 2 ** tries))) };
}

/** The record with what was read comes before the seal that says finished. */
async function finish(worker: ChangeWorker, progress: ItemProgress, facts: ItemFacts): Promise<void> {
  const { n, item, changeId, madeEligible } = progress;
  const { principalId, roleDefinitionId, directoryScopeId, action } = item;
  await worker.audit.append(
    changeSubject(changeId),
    `item-${n}-done`,
    event("ChangeItemDone", worker.clock.now(), {
      item: n,
      action,
      principalId,
      roleDefinitionId,
      directoryScopeId,
      madeEligible,
      ...(progress.review && { review: progress.review }),
      read: { active: facts.active?.scheduleId ?? null, eligibleUntil: facts.eligible ? facts.eligible.endsAt : false },
    }),
  );
  await worker.changes.putProgress(changeId, [sealProgress(worker.sealing, { ...progress, finished: true })]);
}
