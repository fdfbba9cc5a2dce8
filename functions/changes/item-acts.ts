import type { ItemProgress } from "../../shared/domain/change.ts";
import type { DirectoryAnswer } from "../../shared/domain/directory.ts";
import { takesAway, type ItemFacts, type ItemWrite } from "../../shared/domain/item-step.ts";
import { isDirect, isStanding } from "../../shared/domain/posture.ts";
import { GLOBAL_ADMINISTRATOR } from "../../shared/domain/privileged-roles.ts";
import { event } from "../activation/change.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import { sealProgress } from "./frozen-change.ts";

/** What the directory shows of each item: the principal's own rows at exactly this role and scope. */
export async function readItems(
  worker: ChangeWorker,
  items: readonly ItemProgress["item"][],
): Promise<readonly ItemFacts[]> {
  const seen = await worker.eligibility.looks(items);
  return Promise.all(
    items.map(async (item, index): Promise<ItemFacts> => {
      const own = seen[index]?.eligible.find(isDirect);
      const held = seen[index]?.active.filter(isDirect) ?? [];
      const standing = item.action === "convert" || item.action === "restore" ? held.find(isStanding) : undefined;
      const isGlobal = item.action === "convert" && item.roleDefinitionId === GLOBAL_ADMINISTRATOR;
      return {
        active: standing ?? held[0],
        eligible: own && { endsAt: own.endsAt ?? null },
        otherGlobalAdministrators: isGlobal ? await otherGlobalAdministrators(worker, item.principalId) : 0,
      };
    }),
  );
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
export async function counted(worker: ChangeWorker, progress: ItemProgress, write: ItemWrite): Promise<ItemProgress> {
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

export function send(
  worker: ChangeWorker,
  { changeId, n, item }: ItemProgress,
  write: ItemWrite,
): Promise<DirectoryAnswer> {
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

/** The record with what was read comes before the seal that says finished. */
export async function finish(worker: ChangeWorker, progress: ItemProgress, facts: ItemFacts): Promise<void> {
  const { n, item, changeId, madeEligible } = progress;
  const { principalId, roleDefinitionId, directoryScopeId, action } = item;
  const now = worker.clock.now();
  await worker.audit.append(
    changeSubject(changeId),
    `item-${n}-done`,
    event("ChangeItemDone", now, {
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
  const finished = { ...progress, finished: true, finishedAt: now };
  await worker.changes.putProgress(changeId, [sealProgress(worker.sealing, finished)]);
}
