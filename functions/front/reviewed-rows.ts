import type { ChangeApprover, ChangeId, ChangeItem } from "../../shared/domain/change.ts";
import type { Deeds } from "../../shared/domain/deeds.ts";
import { DEEDS_STRETCH, type ChangeStore } from "../../shared/ports/change-store.ts";

/** One item as a reviewer meets it, by its number in the review. */
export interface ReviewedItem {
  readonly n: number;
  readonly item: ChangeItem;
  readonly deeds: Deeds | null | undefined;
}

/** The numbers of what the reviewer answers for; `undefined`: everybody, whom to list is not needed. */
export async function numbersFor(
  changes: ChangeStore,
  id: ChangeId,
  { person, answersFor }: ChangeApprover,
): Promise<readonly number[] | undefined> {
  if (answersFor === undefined) return undefined;
  const shares = await Promise.all([
    answersFor === "others" ? [] : changes.share(id, person),
    answersFor === "ownPeople" ? [] : changes.share(id, ""),
  ]);
  return shares.flat().toSorted((a, b) => a - b);
}

/** Those of the numbers, or so many from the first on, with what is known of what they did. */
export async function itemsOf(
  changes: ChangeStore,
  id: ChangeId,
  wanted: readonly number[] | { readonly first: number; readonly count: number },
): Promise<readonly ReviewedItem[]> {
  const found =
    "first" in wanted
      ? (await changes.items(id, wanted.first, wanted.count)).map((item, index) => ({ n: wanted.first + index, item }))
      : (
          await Promise.all(wanted.map(async (n) => (await changes.items(id, n, 1)).map((item) => ({ n, item }))))
        ).flat();
  const stretches = new Set(found.map(({ n }) => stretchOf(n)));
  const sheets = new Map(
    await Promise.all(
      [...stretches].map(async (one) => [one, await changes.deeds(id, (one - 1) * DEEDS_STRETCH + 1)] as const),
    ),
  );
  return found.map(({ n, item }) => ({ n, item, deeds: sheets.get(stretchOf(n))?.of[n] }));
}

const stretchOf = (n: number): number => Math.ceil(n / DEEDS_STRETCH);
