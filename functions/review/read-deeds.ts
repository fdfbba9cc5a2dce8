import type { ChangeId, ChangeItem } from "../../shared/domain/change.ts";
import { deedsOf, NOTHING_SEEN, seeActivities, windowsInLog, type Deeds } from "../../shared/domain/deeds.ts";
import { DEEDS_STRETCH, type DeedsSheet } from "../../shared/ports/change-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import { useOfRole } from "../eligibility/use-of-role.ts";
import { frozenCampaign } from "./campaign-ids.ts";
import { reviewedSince } from "./reviewed-period.ts";

/** The directory answers five reads of its log in ten seconds to everybody together. */
const MOST_READ = 20;
/** Pages of the log of one account: what it answers in ten seconds, so that a long log is read to this bound at once. */
const MOST_PAGES = 5;
const MOST_LOOKED_AT = 2_000;

interface Budget {
  reads: number;
  looks: number;
}

/**
 * Reads from the directory's log what those did with the role who held it, for the reviewers and the report: a few persons
 * at a time, once each, and the rest the next time. What cannot be read stays not read. May run twice.
 */
export async function readDeeds(worker: ChangeWorker, id: ChangeId): Promise<void> {
  const campaign = frozenCampaign(worker.sealing, id, await worker.changes.frozen(id));
  const budget: Budget = { reads: MOST_READ, looks: MOST_LOOKED_AT };
  for (const review of campaign?.reviews ?? [])
    for (let first = 1; first <= review.items; first += DEEDS_STRETCH)
      if (!(await readStretch(worker, review.id, first, Math.min(DEEDS_STRETCH, review.items - first + 1), budget)))
        return;
}

/** `false`: no more for now. */
async function readStretch(
  worker: ChangeWorker,
  review: ChangeId,
  first: number,
  count: number,
  budget: Budget,
): Promise<boolean> {
  const before = await worker.changes.deeds(review, first);
  let next = before?.next ?? first;
  if (next >= first + count) return true;
  const of: Record<string, Deeds | null> = { ...before?.of };
  const items = await worker.changes.items(review, next, first + count - next);
  const askedAt = (await worker.changes.load(review))?.change.askedAt ?? worker.clock.now();
  let goOn = true;
  for (const item of items) {
    const deeds = await deedsOfItem(worker, item, reviewedSince(worker.policies.policy, askedAt), budget);
    if (deeds === "later") {
      goOn = false;
      break;
    }
    if (deeds !== undefined) of[next] = deeds;
    next += 1;
  }
  const sheet: DeedsSheet = { next, of };
  await worker.changes.keepDeeds(review, first, sheet);
  return goOn;
}

/** `undefined`: the role was not held. `null`: the log does not answer for this one. */
async function deedsOfItem(
  worker: ChangeWorker,
  item: ChangeItem,
  since: string,
  budget: Budget,
): Promise<Deeds | null | undefined | "later"> {
  if (item.person === "") return undefined;
  if ((budget.looks -= 1) < 0) return "later";
  const now = worker.clock.now();
  const use = await useOfRole(worker, item.person, item.roleDefinitionId, since);
  const held = use.windows.filter(({ account }) => account === item.principalId);
  if (held.length === 0) return undefined;
  const windows = windowsInLog(held, now);
  const [from, to] = [
    windows.map((one) => one.from).toSorted()[0],
    windows
      .map((one) => one.to)
      .toSorted()
      .at(-1),
  ];
  if (from === undefined || to === undefined)
    return deedsOf(NOTHING_SEEN, { windows, of: held.length, unread: false, at: now });
  if (budget.reads <= 0) return "later";
  let [seen, pages, unread] = [NOTHING_SEEN, 0, false];
  try {
    await worker.posture.visitActivities(item.principalId, from, to < now ? to : now, (activities, more) => {
      seen = seeActivities(seen, activities, windows);
      [pages, budget.reads, unread] = [pages + 1, budget.reads - 1, more];
      return pages < MOST_PAGES ? undefined : "enough";
    });
    return deedsOf(seen, { windows, of: held.length, unread, at: now });
  } catch (error) {
    worker.log("warn", "what was done with a role is not read", {
      problem: error instanceof Error ? error.message : "unknown",
    });
    return error instanceof DependencyError && error.code === "Rejected" ? null : "later";
  }
}
