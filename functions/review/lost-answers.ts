import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { event, WORKER } from "../activation/change.ts";
import { changeSubject, type ChangeWorker } from "../changes/change-worker.ts";
import { changeVerdicts, type OpenedChange } from "../changes/frozen-change.ts";
import type { SignedAnswers } from "./resolve-item.ts";

/** Records of one review from its opening to its work: sign-ins for the most part. */
const LOOKED_AT = 5_000;

/**
 * Says in the trail which answers were signed and are not there any more: the trail knows of each sign-in that counted, so
 * nobody takes one away unseen. What follows for whom it was about follows without it. May run twice. @throws DependencyError
 */
export async function reportLostAnswers(
  worker: ChangeWorker,
  record: ChangeRecord,
  { digest }: OpenedChange,
  signed: SignedAnswers,
): Promise<void> {
  const subject = changeSubject(record.change.id);
  const verdicts = changeVerdicts(worker.sealing, record, digest);
  const known = new Set(verdicts.flatMap(({ nonce, slot }) => [`decided-${nonce}`, `decided-${nonce}-${slot}`]));
  const lost = new Set<string>();
  for await (const { key, type, data } of worker.audit.chain(subject, 0, LOOKED_AT))
    if (type === "ChangeDecided" && data["changeDigest"] === digest && !known.has(key)) lost.add(key);
  for (const { slot } of verdicts) if (!signed.some(({ by }) => by.slot === slot)) lost.add(`answers-${slot}`);
  for (const what of lost) {
    const data = { finding: "signedAnswersGone", what };
    await worker.audit.append(subject, `gone-${what}`, event("FindingReported", worker.clock.now(), data, WORKER));
    worker.log("error", "answers that were signed are gone", { changeId: record.change.id, what });
  }
}
