import { aboutItem } from "../../shared/crypto/reviewed-item.ts";
import { DAY_MS, msOf, type Instant } from "../../shared/domain/time.ts";
import {
  ASKED_BY_NOBODY,
  type ChangeApprover,
  type ChangeId,
  type ChangeState,
  type ChangeVerdict,
  type FrozenChange,
  type ItemProgress,
} from "../../shared/domain/change.ts";
import { answersInEntra, NOT_ASKED_IN_ENTRA, type EntraDecisions } from "../../shared/domain/entra-review.ts";
import type { PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { KeptAnswer } from "../../shared/domain/review.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { byPerson, event, WORKER } from "../activation/change.ts";
import { mailTo } from "../activation/messages.ts";
import { close, closingOf, putState } from "../changes/change-state.ts";
import { changeSubject, type ChangeWorker } from "../changes/change-worker.ts";
import { stretchOf, sealChangeVerdict, sealProgress, type OpenedChange } from "../changes/frozen-change.ts";
import { claimMail } from "./mail-claim.ts";
import { answersDigest } from "./resolve-item.ts";

/** Items looked at together. */
const STRETCH = 500;

interface Asked {
  readonly id: ChangeId;
  readonly campaign: ChangeId;
  readonly role: string;
  readonly roleDefinitionId: RoleDefinitionId;
  readonly reviewers: readonly ChangeApprover[];
  readonly until: Instant;
}

/**
 * Opens the review in Entra and answers its id there. Where Entra refuses it (no licence, no permission) the review is
 * held here instead, and that is told. May run twice. @throws DependencyError
 */
export async function askInEntra(worker: ChangeWorker, review: Asked): Promise<string | undefined> {
  const { id, campaign, role, roleDefinitionId, reviewers, until } = review;
  const now = worker.clock.now();
  const asked = await worker.accessReviews.open({
    name: `Zero Standing review ${id}: ${role}`,
    words: `Who still needs to be eligible for ${role}? What follows from the answers is done by Zero Standing.`,
    roleDefinitionId,
    reviewers: reviewers.map(({ account }) => account),
    days: Math.max(1, Math.ceil((msOf(until) - msOf(now)) / DAY_MS)),
  });
  if ("definitionId" in asked) return asked.definitionId;
  const data = { finding: "reviewNotInEntra", roleDefinitionId, because: asked.refused };
  await worker.audit.append(changeSubject(id), "not-in-entra", event("FindingReported", now, data, WORKER));
  const mail = { campaign, person: ASKED_BY_NOBODY, kind: "heldHere" } as const;
  if (!(await claimMail(worker, mail, id))) return undefined; // it was told of another role
  const message = mailTo(
    worker.policies.policy.alertMail,
    `The access review of ${role} is held here: Entra refused it`,
    [
      `Entra answered ${asked.refused}. The policy asks for the review there (governance.reviews.where).`,
      "Other roles may be held here too: each is a finding in the trail, and all are on the reviewers' one page.",
      "It needs a licence of Entra ID Governance, or P2, and the permission AccessReview.ReadWrite.All for the worker.",
    ],
    worker.links.changePage(id),
    "Open the record",
  );
  await worker.notifier.mail(message);
  return undefined;
}

/**
 * Reads what was decided in Entra and keeps it like answers that were signed here, under the worker's seal; then the work
 * begins. A review that is gone from Entra stops, and takes nothing. May run twice. @throws DependencyError
 */
export async function takeEntraAnswers(
  worker: ChangeWorker,
  record: ChangeRecord,
  opened: OpenedChange,
  definitionId: string,
): Promise<ChangeState> {
  const decisions = await worker.accessReviews.decisions(definitionId);
  if (!decisions)
    return close(worker, record, "Stopped", closingOf("DirectorySurprise", "the review in Entra is gone"));
  const { frozen } = opened;
  const sheets = new Map<ChangeApprover, Sheet>();
  for (let first = 1; first <= frozen.total; first += STRETCH)
    await takeStretch(worker, frozen, first, decisions, sheets);
  for (const [by, sheet] of sheets) await keepSheet(worker, opened, definitionId, by, sheet);
  const now = worker.clock.now();
  const working = { since: now, step: 0, done: 0, total: frozen.total, notBefore: now };
  return putState(worker, record, { status: "Working", ...working });
}

interface Sheet {
  readonly answers: Map<number, KeptAnswer>;
  at: Instant;
}

async function takeStretch(
  worker: ChangeWorker,
  { id, approvers }: FrozenChange,
  first: number,
  decisions: EntraDecisions,
  sheets: Map<ChangeApprover, Sheet>,
): Promise<void> {
  const accountsOf = ({ person, account }: ChangeApprover): readonly PrincipalId[] => [
    account,
    ...(worker.policies.people.byKey(person)?.adminAccounts ?? []),
  ];
  const notAsked: ItemProgress[] = [];
  // What was changed is left out: it is named when it would be worked.
  for (const progress of stretchOf(worker.sealing, await worker.changes.allProgress(id, first, STRETCH), id).values()) {
    const answers = answersInEntra(decisions, progress.item, approvers, accountsOf);
    if (!answers) notAsked.push(progress);
    for (const { by, answer, at } of answers ?? []) {
      const sheet = sheets.get(by) ?? { answers: new Map<number, KeptAnswer>(), at };
      sheets.set(by, sheet);
      if (!sheet.answers.has(progress.n)) sheet.answers.set(progress.n, { ...answer, about: aboutItem(progress.item) });
      if (at > sheet.at) sheet.at = at;
    }
  }
  const stays = { verdict: "keep", by: null, why: NOT_ASKED_IN_ENTRA } as const;
  await worker.changes.putProgress(
    id,
    notAsked.map((progress) =>
      sealProgress(worker.sealing, { ...progress, review: stays, item: { ...progress.item, action: "keep" } }),
    ),
  );
}

/** Entra vouches for who decided: there is no sign-in of ours under it, so no authentication context is claimed. */
async function keepSheet(
  worker: ChangeWorker,
  { frozen: { id }, digest }: OpenedChange,
  definitionId: string,
  { slot, person, account }: ChangeApprover,
  { answers: given, at }: Sheet,
): Promise<void> {
  const answers = Object.fromEntries(given);
  const verdict: ChangeVerdict = {
    changeId: id,
    changeDigest: digest,
    nonce: `entra-${slot}`,
    slot,
    person,
    account,
    decision: { kind: "review", answersDigest: answersDigest(answers) },
    authenticatedAt: at,
    verifiedAt: worker.clock.now(),
    authenticationContexts: [],
  };
  await worker.changes.keepAnswers(id, slot, answers, answersDigest(answers));
  await worker.changes.keepVerdict(id, verdict.nonce, sealChangeVerdict(worker.sealing, verdict));
  const { decision, verifiedAt } = verdict;
  const data = { decision, changeDigest: digest, inEntra: definitionId, lastAnswerAt: at };
  await worker.audit.append(
    changeSubject(id),
    `decided-${verdict.nonce}`,
    event("ChangeDecided", verifiedAt, data, byPerson(person, account)),
  );
}
