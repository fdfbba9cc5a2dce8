import type { ResumeFacts, ResumeInput } from "../../orchestrations/catalog.ts";
import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import { parseActivationId, type ActivationId, type PersonKey } from "../../shared/domain/ids.ts";
import { PERSONS_TO_RESUME, type Lift } from "../../shared/domain/resume.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { ResumeVerdict } from "../../shared/domain/verdict.ts";
import type { PendingRow } from "../../shared/ports/activation-store.ts";
import type { Freeze } from "../../shared/ports/controls.ts";
import { byPerson, event } from "../activation/change.ts";
import { checkResume, keptVerdicts, verdictsForFreeze, mayResume } from "../activation/check-resume.ts";
import type { ProofProblem } from "../activation/proof-check.ts";
import type { Worker } from "../worker.ts";

/** Where the records of freezes stand in the audit trail. */
const SUBJECT = "controls";

/** Whether the freeze is in force, what waits, and how many agreed. Changes nothing. */
export const readResume =
  (worker: Worker) =>
  async ({ id }: ResumeInput): Promise<ResumeFacts> => {
    const freezeId = parseActivationId(id);
    return freezeId ? readFacts(worker, freezeId) : { inForce: false, waiting: "", agreed: 0 };
  };

/**
 * Verifies every sign-in that waits for the freeze, and lifts it when two persons agreed. Each step is written so that it
 * may be done again: verdict, then record, then the lift, and a sign-in is put away last.
 * @throws DependencyError when the issuer's keys, the directory or the tables cannot be read: what waits stays
 */
export const recordResume =
  (worker: Worker) =>
  async ({ id }: ResumeInput): Promise<ResumeFacts> => {
    const freezeId = parseActivationId(id);
    if (!freezeId) return { inForce: false, waiting: "", agreed: 0 };
    try {
      const rows = await worker.store.waiting(freezeId);
      const freeze = await inForce(worker, freezeId);
      for (const row of rows) await recordOne(worker, freezeId, freeze, row);
      if (freeze) await liftIfAgreed(worker, freeze);
      await worker.store.settle(
        freezeId,
        rows.map(({ key }) => key),
      );
      return await readFacts(worker, freezeId);
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown";
      worker.log("warn", "recordResume failed", { freezeId, problem });
      throw error;
    }
  };

async function readFacts(worker: Worker, freezeId: ActivationId): Promise<ResumeFacts> {
  const [rows, freeze] = await Promise.all([worker.store.waiting(freezeId), inForce(worker, freezeId)]);
  return {
    inForce: freeze !== undefined,
    waiting: rows.length === 0 ? "" : sha256Hex(rows.map(({ key }) => key).join()).slice(0, 16),
    agreed: freeze ? (await agreedTo(worker, freeze)).length : 0,
  };
}

/** Of several freezes the oldest is in force; the others come after it. */
async function inForce({ controls }: Worker, freezeId: ActivationId): Promise<Freeze | undefined> {
  const freeze = await controls.freeze();
  return freeze?.id === freezeId ? freeze : undefined;
}

async function recordOne(
  worker: Worker,
  freezeId: ActivationId,
  freeze: Freeze | undefined,
  row: PendingRow,
): Promise<void> {
  if (row.body.kind !== "proof") return;
  const now = worker.clock.now();
  const known = (await keptVerdicts(worker, freezeId)).find(({ nonce }) => row.key === `proof-${nonce}`);
  if (known) return keep(worker, known); // recorded before a crash: what counted then is not asked again
  if (!freeze) return refuse(worker, freezeId, row, "NotAskedNow", now);
  const checked = await checkResume(worker, freeze, row.body.sealed, now);
  return "problem" in checked ? refuse(worker, freezeId, row, checked.problem, now) : keep(worker, checked.verdict);
}

async function keep(worker: Worker, verdict: ResumeVerdict): Promise<void> {
  const { freezeId, nonce, person, account, verifiedAt, authenticatedAt, authenticationContexts } = verdict;
  const body = canonicalJson(verdict);
  const key = `resume-${nonce}`;
  await worker.controls.keepResumeVerdict(freezeId, key, { body, mac: worker.sealing.mac("resumeVerdict", body) });
  const data = { freezeId, freezeDigest: verdict.freezeDigest, authenticatedAt, authenticationContexts };
  await worker.audit.append(SUBJECT, key, event("ResumeAgreed", verifiedAt, data, byPerson(person, account)));
}

async function refuse(
  worker: Worker,
  freezeId: ActivationId,
  row: PendingRow,
  problem: ProofProblem,
  now: Instant,
): Promise<void> {
  const key = `refused-${sha256Hex(canonicalJson(row)).slice(0, 32)}`;
  await worker.audit.append(SUBJECT, key, event("ProofRefused", now, { freezeId, problem }));
}

/** The record comes before the lift: a crash in between repeats both, and neither twice. */
async function liftIfAgreed(worker: Worker, freeze: Freeze): Promise<void> {
  const persons = await agreedTo(worker, freeze);
  if (persons.length < PERSONS_TO_RESUME) return;
  const at = worker.clock.now();
  const data = { freezeId: freeze.id, persons };
  await worker.audit.append(SUBJECT, `resumed-${freeze.id}`, event("GrantsResumed", at, data));
  const lift: Lift = { ...data, at };
  const body = canonicalJson(lift);
  await worker.controls.liftFreeze(freeze.id, { body, mac: worker.sealing.mac("resume", body) });
}

/** The distinct persons who agreed and are in the identity team now. */
async function agreedTo(worker: Worker, freeze: Freeze): Promise<readonly PersonKey[]> {
  const keys = new Set((await verdictsForFreeze(worker, freeze)).map(({ person }) => person));
  const persons: PersonKey[] = [];
  for (const key of [...keys].toSorted()) {
    const person = worker.policies.people.byKey(key);
    if (person && (await mayResume(worker, person))) persons.push(key);
  }
  return persons;
}
