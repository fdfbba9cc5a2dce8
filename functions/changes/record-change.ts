import { signInNonce } from "../../shared/crypto/nonce.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import {
  isOver,
  isWithdrawable,
  type ChangeDecision,
  type ChangeState,
  type ChangeVerdict,
  type FrozenChange,
} from "../../shared/domain/change.ts";
import { asksManagers } from "../../shared/domain/reviewers.ts";
import { RESUME_MAX_AGE_MS } from "../../shared/domain/resume.ts";
import { msOf, plus, type Instant } from "../../shared/domain/time.ts";
import type { PendingRow } from "../../shared/ports/activation-store.ts";
import { answersDigest } from "../review/resolve-item.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { byPerson, event } from "../activation/change.ts";
import type { ProofProblem } from "../activation/proof-check.ts";
import { judgeDecisions } from "./authorised.ts";
import { askApprovers } from "./change-mail.ts";
import { changeStateOf, close, closingOf, isSent, putState } from "./change-state.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import { personsNamedBy } from "./named-by.ts";
import { changeVerdicts, openedChange, sealChangeVerdict, type OpenedChange } from "./frozen-change.ts";

/**
 * Verifies every sign-in that waits, and goes on with what they come to. Verdict, record, state, and a sign-in is put
 * away last: each step may be done again.
 */
export async function recordChange(worker: ChangeWorker, record: ChangeRecord): Promise<ChangeState> {
  const { id } = record.change;
  const rows = (await worker.store.waiting(id)).filter(isSent);
  const withdrawn = await withdraw(worker, record, rows);
  if (withdrawn) return recordChange(worker, withdrawn);
  const opened = openedChange(worker.sealing, record);
  for (const row of rows) await recordOne(worker, record, opened, row);
  const state = opened && rows.length > 0 ? await goOn(worker, id, opened) : changeStateOf(record);
  await worker.store.settle(
    id,
    rows.map(({ key }) => key),
  );
  return state;
}

/** Who asked takes it back, before the work began: then what was signed for it counts no more. `undefined`: nobody does. */
async function withdraw(
  worker: ChangeWorker,
  record: ChangeRecord,
  rows: readonly PendingRow[],
): Promise<ChangeRecord | undefined> {
  const { id, askedBy } = record.change;
  const isOwn = rows.some(({ body }) => body.kind === "stop" && body.how === "withdraw" && body.person === askedBy);
  if (!isOwn || !isWithdrawable(changeStateOf(record))) return undefined;
  await close(worker, record, "Stopped", closingOf("CancelledByRequester", null, askedBy));
  return worker.changes.load(id);
}

async function recordOne(
  worker: ChangeWorker,
  record: ChangeRecord,
  opened: OpenedChange | undefined,
  row: PendingRow,
): Promise<void> {
  if (row.body.kind !== "proof") return;
  const now = worker.clock.now();
  const known =
    opened && changeVerdicts(worker.sealing, record, opened.digest).find(({ nonce }) => row.key === `proof-${nonce}`);
  if (known) return keep(worker, known); // recorded before a crash: what counted then is not asked again
  const checked =
    opened && !isOver(changeStateOf(record))
      ? await check(worker, opened, changeStateOf(record), row.body.sealed, now)
      : { problem: "NotAskedNow" as const };
  if ("verdict" in checked) return keep(worker, checked.verdict);
  const key = `refused-${sha256Hex(`${row.key} ${row.body.sealed}`).slice(0, 32)}`;
  await worker.audit.append(
    changeSubject(record.change.id),
    key,
    event("ProofRefused", now, { problem: checked.problem }),
  );
}

/** The worker's own check of a sign-in (I13): made for exactly this change as it was opened, fresh and strong, by the person. */
async function check(
  worker: ChangeWorker,
  { frozen, digest }: OpenedChange,
  { status }: ChangeState,
  sealed: string,
  now: Instant,
): Promise<{ readonly verdict: ChangeVerdict } | { readonly problem: ProofProblem }> {
  const proof = await worker.proofs.open(sealed);
  if (!proof) return { problem: "Unreadable" };
  const token = await worker.idTokens.verify(proof.idToken);
  if ("problem" in token) return { problem: "BadToken" };
  const { account, nonce, authenticatedAt, authenticationContexts } = token.signIn;
  const { purpose, content, random, slot } = proof;
  if (purpose !== "change" || nonce !== signInNonce({ purpose, requestDigest: digest, content, random }))
    return { problem: "NotForThisRequest" };
  if (!authenticationContexts.includes(frozen.authenticationContext)) return { problem: "ContextMissing" };
  if (msOf(now) - msOf(authenticatedAt) > RESUME_MAX_AGE_MS) return { problem: "SignInTooOld" };
  const person = worker.policies.people.byAccount(account);
  const wanted = slot === 0 ? frozen.askedBy : frozen.approvers.find((one) => one.slot === slot)?.person;
  if (!person || person.key !== wanted) return { problem: "WrongPerson" };
  const known = await worker.directory.account(account);
  if (known?.enabled !== true || known.userType !== "Member") return { problem: "WrongAccount" };
  if (frozen.body.kind === "review" && (status !== "AwaitingReview" || authenticatedAt >= frozen.body.until))
    return { problem: "NotAskedNow" };
  if (frozen.body.kind === "review" && !(await reviewsStill(worker, frozen, slot, person)))
    return { problem: "WrongPerson" };
  const decision = decisionIn(content);
  if (!decision || !fits(decision, slot, frozen)) return { problem: "BadContent" };
  if (decision.kind === "review" && !(await fixAnswers(worker, frozen, slot, decision.answersDigest)))
    return { problem: "BadContent" };
  const signIn = { nonce, account, authenticatedAt, authenticationContexts };
  return {
    verdict: {
      changeId: frozen.id,
      changeDigest: digest,
      slot,
      person: person.key,
      decision,
      verifiedAt: now,
      ...signIn,
    },
  };
}

/** What somebody signed, who may have written it past every page; `undefined`: no decision. It must hold up nothing. */
function decisionIn(content: string): ChangeDecision | undefined {
  try {
    const decision = JSON.parse(content) as Readonly<
      Partial<Record<"kind" | "reason" | "answersDigest", unknown>>
    > | null;
    switch (decision?.kind) {
      case "confirm":
      case "approve":
        return { kind: decision.kind };
      case "deny":
        return typeof decision.reason === "string" ? { kind: "deny", reason: decision.reason } : undefined;
      case "review":
        return typeof decision.answersDigest === "string"
          ? { kind: "review", answersDigest: decision.answersDigest }
          : undefined;
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/** Keeps what was signed apart from what the reviewer goes on editing; `false`: it is not what the page keeps, or too long. */
async function fixAnswers(worker: ChangeWorker, { id }: FrozenChange, slot: number, digest: string): Promise<boolean> {
  const sheet = await worker.changes.answers(id, slot);
  if (answersDigest(sheet) !== digest) return false;
  try {
    await worker.changes.keepAnswers(id, slot, sheet, digest);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * Somebody who left the reviewers meanwhile signs nothing more; what they signed before counts. Who is whose manager was
 * fixed with the population.
 */
async function reviewsStill(
  worker: ChangeWorker,
  { approvers }: FrozenChange,
  slot: number,
  person: Person,
): Promise<boolean> {
  const { reviewers = [], escalation } = worker.policies.policy.governance?.reviews ?? {};
  if (approvers.find((one) => one.slot === slot)?.answersFor === "ownPeople") return asksManagers({ reviewers });
  const named = await personsNamedBy(worker, [...reviewers, ...(escalation?.to ?? [])]);
  return named.some(({ key }) => key === person.key);
}

/** Who asked confirms, reviewers sign answers, second persons approve or deny: nobody does another's part. */
function fits({ kind }: ChangeDecision, slot: number, { body }: FrozenChange): boolean {
  if (slot === 0) return kind === "confirm";
  return body.kind === "review" ? kind === "review" : kind === "approve" || kind === "deny";
}

async function keep(worker: ChangeWorker, verdict: ChangeVerdict): Promise<void> {
  const { changeId, nonce, person, account, verifiedAt, decision, authenticatedAt, authenticationContexts } = verdict;
  await worker.changes.keepVerdict(changeId, nonce, sealChangeVerdict(worker.sealing, verdict));
  const data = { decision, changeDigest: verdict.changeDigest, authenticatedAt, authenticationContexts };
  await worker.audit.append(
    changeSubject(changeId),
    `decided-${nonce}`,
    event("ChangeDecided", verifiedAt, data, byPerson(person, account)),
  );
}

/** What the sign-ins so far come to. */
async function goOn(
  worker: ChangeWorker,
  id: ChangeRecord["change"]["id"],
  opened: OpenedChange,
): Promise<ChangeState> {
  const record = await worker.changes.load(id);
  if (!record) throw new Error("the change is gone");
  const state = changeStateOf(record);
  const { frozen } = opened;
  if (state.status === "AwaitingReview") return goOnReviewing(worker, record, opened, state);
  if (state.status !== "AwaitingConfirmation" && state.status !== "AwaitingApproval") return state;
  const decided = judgeDecisions(frozen, changeVerdicts(worker.sealing, record, opened.digest));
  const now = worker.clock.now();
  switch (decided.kind) {
    case "denied":
      return close(worker, record, "Denied", closingOf("RejectedByApprover", decided.reason, decided.by));
    case "approved":
      return beginWork(worker, record, frozen);
    case "confirmed": {
      if (state.status === "AwaitingApproval") return state;
      const { decideWithinMs } = worker.policies.policy.governance ?? { decideWithinMs: 0 };
      const until = plus(now, decideWithinMs);
      await askApprovers(worker, frozen, until, "first");
      const remindAt = plus(now, decideWithinMs / 2);
      return putState(worker, record, { status: "AwaitingApproval", since: now, until, remindAt });
    }
    case "open":
      return state;
  }
}

/** The work begins early when every reviewer has signed; those who stand in are not waited for. */
function goOnReviewing(
  worker: ChangeWorker,
  record: ChangeRecord,
  { frozen, digest }: OpenedChange,
  state: Extract<ChangeState, { readonly status: "AwaitingReview" }>,
): Promise<ChangeState> {
  const signed = new Set(changeVerdicts(worker.sealing, record, digest).map(({ slot }) => slot));
  if (!frozen.approvers.every(({ slot, backup }) => backup || signed.has(slot))) return Promise.resolve(state);
  return beginWork(worker, record, frozen);
}

function beginWork(worker: ChangeWorker, record: ChangeRecord, { total }: FrozenChange): Promise<ChangeState> {
  const now = worker.clock.now();
  return putState(worker, record, { status: "Working", since: now, step: 0, done: 0, total, notBefore: now });
}
