import { sha256Hex } from "../../shared/crypto/digest.ts";
import {
  isOver,
  isWithdrawable,
  type ChangeState,
  type ChangeVerdict,
  type FrozenChange,
} from "../../shared/domain/change.ts";
import { plus } from "../../shared/domain/time.ts";
import type { PendingRow } from "../../shared/ports/activation-store.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { governanceFor } from "../policy/open-policy.ts";
import { byPerson, event } from "../activation/change.ts";
import type { ProofProblem } from "../activation/proof-check.ts";
import { passOn } from "../review/pass-on.ts";
import { judgeDecisions } from "./authorised.ts";
import { askApprovers } from "./change-mail.ts";
import { changeStateOf, close, closingOf, isSent, putState } from "./change-state.ts";
import { changeSubject, type ChangeWorker } from "./change-worker.ts";
import { changeVerdicts, openedChange, sealChangeVerdict, type OpenedChange } from "./frozen-change.ts";
import { judgeSignIn } from "./judge-sign-in.ts";
import { readSignIn } from "./verify-sign-in.ts";

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
  if (!opened) return refuse(worker, record, row, "NotAskedNow");
  const known = changeVerdicts(worker.sealing, record, opened.digest).filter(
    ({ nonce }) => row.key === `proof-${nonce}`,
  );
  for (const verdict of known) await keep(worker, verdict); // recorded before a crash: what counted then is not asked again
  const state = changeStateOf(record);
  const read = await readSignIn(worker, opened, row.body.sealed);
  if ("problem" in read)
    return known.length > 0 ? undefined : refuse(worker, record, row, isOver(state) ? "NotAskedNow" : read.problem);
  const { said, parts, signIn } = read;
  if (said.length === 0) await refuse(worker, record, row, "NotForThisRequest");
  for (const one of said.filter(({ slot }) => !known.some((verdict) => verdict.slot === slot))) {
    const judged = isOver(state)
      ? { problem: "NotAskedNow" as const }
      : await judgeSignIn(worker, opened, state, signIn, one, worker.clock.now());
    if ("verdict" in judged) await keep(worker, judged.verdict);
    else await refuse(worker, record, row, judged.problem, one.slot);
  }
  await passOn(worker, opened.frozen, parts, row);
}

/** `slot`: of one of several parts that a sign-in has for the same change. */
async function refuse(
  worker: ChangeWorker,
  record: ChangeRecord,
  { key, body }: PendingRow,
  problem: ProofProblem,
  slot = 0,
): Promise<void> {
  const sealed = body.kind === "proof" ? body.sealed : "";
  const name = sha256Hex(`${key} ${sealed}${slot === 0 ? "" : ` ${slot}`}`).slice(0, 32);
  const refused = event("ProofRefused", worker.clock.now(), { problem });
  await worker.audit.append(changeSubject(record.change.id), `refused-${name}`, refused);
}

async function keep(worker: ChangeWorker, verdict: ChangeVerdict): Promise<void> {
  const { changeId, nonce, slot, person, account, verifiedAt, decision } = verdict;
  const { authenticatedAt, authenticationContexts } = verdict;
  const key = decision.kind === "review" ? `${nonce}-${slot}` : nonce; // one sign-in may stand for two slots of a review
  await worker.changes.keepVerdict(changeId, key, sealChangeVerdict(worker.sealing, verdict));
  const data = { decision, changeDigest: verdict.changeDigest, authenticatedAt, authenticationContexts };
  await worker.audit.append(
    changeSubject(changeId),
    `decided-${key}`,
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
      const { decideWithinMs } = governanceFor(worker.policies.policy, record.change.body) ?? { decideWithinMs: 0 };
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
