import type { SignedPart } from "../../shared/crypto/signed-answers.ts";
import type { FrozenChange } from "../../shared/domain/change.ts";
import type { PendingRow } from "../../shared/ports/activation-store.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import { changeVerdicts, openedChange } from "../changes/frozen-change.ts";
import { frozenCampaign } from "./campaign-ids.ts";

/**
 * Hands a sign-in on to the other reviews that it covers, in case the page died while it did: only the first review of the
 * parts does, so that it goes round once, and only to reviews of the same campaign. Each verifies it for itself. May run
 * twice: who recorded it already is left alone. @throws DependencyError
 */
export async function passOn(
  worker: ChangeWorker,
  { id, body }: FrozenChange,
  parts: readonly SignedPart[],
  row: PendingRow,
): Promise<void> {
  if (body.kind !== "review" || parts[0]?.review !== id) return;
  const campaign = frozenCampaign(worker.sealing, body.campaign, await worker.changes.frozen(body.campaign));
  const covered = new Set(parts.map(({ review }) => review));
  for (const { id: other } of campaign?.reviews ?? [])
    if (other !== id && covered.has(other) && !(await isRecorded(worker, other, row)))
      await worker.store.ask({ ...row, activationId: other, dueAt: worker.clock.now() });
}

async function isRecorded(worker: ChangeWorker, id: FrozenChange["id"], { key }: PendingRow): Promise<boolean> {
  const record = await worker.changes.load(id);
  if (!record) return true; // there is nothing to record it for
  const digest = openedChange(worker.sealing, record)?.digest ?? "";
  return changeVerdicts(worker.sealing, record, digest).some(({ nonce }) => key === `proof-${nonce}`);
}
