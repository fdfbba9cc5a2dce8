import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import type { ChangeId, ChangeVerdict, FrozenChange, ItemProgress } from "../../shared/domain/change.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import type { MacPurpose, Sealing } from "../../shared/ports/sealing.ts";

/** What the worker opened, with the digest that sign-ins are bound to. */
export interface OpenedChange {
  readonly frozen: FrozenChange;
  readonly digest: string;
}

const seal = (sealing: Sealing, purpose: MacPurpose, value: unknown): SealedRow => {
  const body = canonicalJson(value);
  return { body, mac: sealing.mac(purpose, body) };
};

export const sealChange = (sealing: Sealing, frozen: FrozenChange): SealedRow => seal(sealing, "change", frozen);

/** `undefined`: not opened yet, or somebody changed it. */
export function openedChange(sealing: Sealing, { change, frozen }: ChangeRecord): OpenedChange | undefined {
  if (!frozen || !sealing.verify("change", frozen.body, frozen.mac)) return undefined;
  const opened = JSON.parse(frozen.body) as FrozenChange;
  return opened.id === change.id ? { frozen: opened, digest: sha256Hex(frozen.body) } : undefined;
}

export const sealChangeVerdict = (sealing: Sealing, verdict: ChangeVerdict): SealedRow =>
  seal(sealing, "changeVerdict", verdict);

/**
 * The verified sign-ins that count for the change as it was opened, in the order in which people signed in: one that somebody
 * took away and sent again comes no later for that.
 */
export function changeVerdicts(sealing: Sealing, record: ChangeRecord, digest: string): readonly ChangeVerdict[] {
  return record.verdicts
    .filter(({ body, mac }) => sealing.verify("changeVerdict", body, mac))
    .map(({ body }) => JSON.parse(body) as ChangeVerdict)
    .filter((verdict) => verdict.changeId === record.change.id && verdict.changeDigest === digest)
    .toSorted((a, b) => a.authenticatedAt.localeCompare(b.authenticatedAt) || a.verifiedAt.localeCompare(b.verifiedAt));
}

export const sealProgress = (sealing: Sealing, progress: ItemProgress): SealedRow & { readonly n: number } => ({
  n: progress.n,
  ...seal(sealing, "changeItem", progress),
});

/** `undefined`: the row is missing, of another change or place, or somebody changed it. */
export function progressOf(
  sealing: Sealing,
  row: SealedRow | undefined,
  changeId: ChangeId,
  n: number,
): ItemProgress | undefined {
  if (!row || !sealing.verify("changeItem", row.body, row.mac)) return undefined;
  const progress = JSON.parse(row.body) as ItemProgress;
  return progress.changeId === changeId && progress.n === n ? progress : undefined;
}

/** The rows of a stretch that are as the worker sealed them, by number. */
export const stretchOf = (
  sealing: Sealing,
  rows: readonly SealedRow[],
  changeId: ChangeId,
): ReadonlyMap<number, ItemProgress> =>
  new Map(
    rows
      .filter(({ body, mac }) => sealing.verify("changeItem", body, mac))
      .map(({ body }) => JSON.parse(body) as ItemProgress)
      .filter((progress) => progress.changeId === changeId)
      .map((progress) => [progress.n, progress]),
  );
