import {
  mayChange,
  type Change,
  type ChangeItem,
  type ChangeState,
  type FrozenChange,
} from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { Governance, Policy } from "../../shared/domain/policy.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { resumeContext } from "../../shared/domain/resume.ts";
import { HOUR_MS, plus } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { byPerson, event, WORKER } from "../activation/change.ts";
import { openEligibility } from "../eligibility/open-eligibility.ts";
import { openSettings } from "../settings/open-settings.ts";
import { governanceFor, openPolicy } from "../policy/open-policy.ts";
import { openReview } from "../review/open-review.ts";
import { openRollback, openWave } from "../standing/open-wave.ts";
import { askReviewers, stillTelling } from "../review/review-mail.ts";
import { askConfirmation } from "./change-mail.ts";
import { close, closingOf, putState } from "./change-state.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import type { Contents, Opening, OpeningResult } from "./contents.ts";
import { sealChange, sealProgress } from "./frozen-change.ts";
import { deciders, secondPersons } from "./second-persons.ts";

const CONFIRM_WITHIN_MS = HOUR_MS;

/**
 * Reads everything anew, refuses or freezes what is to be done under the worker's seal, and asks who asked to confirm
 * it. Until the state is written it may run again from the start.
 */
export async function openChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const { change } = record;
  const opened = await openedContents(worker, change);
  if ("refusal" in opened) {
    const { reason, detail } = opened.refusal;
    return close(worker, record, "Refused", closingOf(reason, detail ?? null));
  }
  const { items, frozen, review } = opened;
  const now = worker.clock.now();
  await worker.changes.beginProgress(
    change.id,
    items.map((item, index) =>
      sealProgress(worker.sealing, {
        changeId: change.id,
        n: index + 1,
        item,
        finished: false,
        madeEligible: false,
        makes: 0,
        takes: 0,
      }),
    ),
  );
  await worker.changes.freeze(change.id, sealChange(worker.sealing, frozen));
  const { body, askedBy, account } = change;
  await worker.audit.append(
    changeSubject(change.id),
    "opened",
    event(
      "ChangeOpened",
      now,
      { body, total: frozen.total, policyHash: frozen.policyHash },
      review ? WORKER : byPerson(askedBy, account),
    ),
  );
  if (review) {
    const { until, escalateAt, inEntra } = review;
    const again = inEntra === undefined ? await askReviewers(worker, frozen, until, "first") : undefined;
    const remindAt = inEntra === undefined ? review.remindAt : until; // Entra asks and reminds
    const escalation = escalateAt === undefined ? {} : { escalateAt };
    const awaiting = { status: "AwaitingReview", since: now, until, remindAt, ...escalation } as const;
    return putState(worker, record, stillTelling(awaiting, "first", again));
  }
  const until = plus(now, CONFIRM_WITHIN_MS);
  await askConfirmation(worker, frozen, until);
  return putState(worker, record, { status: "AwaitingConfirmation", since: now, until });
}

interface Opened {
  readonly items: readonly ChangeItem[];
  readonly frozen: FrozenChange;
  readonly review: Contents["review"];
}

async function openedContents(worker: ChangeWorker, change: Change): Promise<Opened | { readonly refusal: Refusal }> {
  const { policy, people } = worker.policies;
  const governance = governanceFor(policy, change.body);
  if (!mayChange(policy, change.body)) return { refusal: refusal("ObserveOnly") };
  const context = resumeContext(policy);
  const asker = people.byAccount(change.account);
  if (!governance || context === undefined) return { refusal: refusal("PolicyChanged", "no governance") };
  if (change.body.kind !== "review" && asker?.key !== change.askedBy) return { refusal: refusal("PersonUnknown") };
  const result = await contentsOf(worker, change, { ...policy, governance });
  if ("refusal" in result) return result;
  const { items, words, needsApproval, review } = result.contents;
  const gains = [...gainersOf(items), ...(result.contents.gains ?? [])];
  const approvers =
    review?.reviewers ??
    (needsApproval ? await secondPersons(worker, await deciders(worker, change, governance), change, gains) : []);
  if (needsApproval && approvers.length === 0) return { refusal: refusal("NoApprover") };
  return {
    items,
    frozen: {
      ...change,
      words,
      gains,
      approvers,
      policyHash: policy.hash,
      authenticationContext: context,
      total: review?.total ?? items.length,
      ...(review?.inEntra === undefined ? {} : { inEntra: review.inEntra }),
    },
    review,
  };
}

/** Whoever gets something that they had not; being converted is no gain. */
const gainersOf = (items: readonly ChangeItem[]): readonly PersonKey[] => [
  ...new Set(
    items
      .filter(({ action }) => action === "grant" || action === "extend" || action === "restore")
      .flatMap(({ person }) => (person === "" ? [] : [person])),
  ),
];

function contentsOf(
  worker: ChangeWorker,
  change: Change,
  policy: Policy & { readonly governance: Governance },
): Promise<OpeningResult> {
  const { body } = change;
  switch (body.kind) {
    case "wave":
      return openWave(worker, { change, policy } as Opening<"wave">);
    case "rollback":
      return openRollback(worker, { change, policy } as Opening<"rollback">);
    case "eligibility":
      return openEligibility(worker, { change, policy } as Opening<"eligibility">);
    case "policy":
      return openPolicy(worker, { change, policy } as Opening<"policy">);
    case "settings":
      return openSettings(worker, { change, policy } as Opening<"settings">);
    case "review":
      return openReview(worker, { change, policy } as Opening<"review">);
    case "campaign":
      return Promise.resolve({ refusal: refusal("NothingToDo") }); // a campaign is only a list of reviews
  }
}
