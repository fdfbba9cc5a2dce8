import type { Instant } from "../../shared/domain/time.ts";
import { isSent } from "../changes/change-state.ts";
import { lastSigned } from "../changes/change-view.ts";
import { answersDigest } from "../review/resolve-item.ts";
import type { Front } from "./front.ts";
import type { OwnReview } from "./own-reviews.ts";

/** How what somebody answered in a review stands, as stored. */
export type Standing =
  /** Nothing is answered. */
  | { readonly kind: "nothing" }
  /** Answers that no sign-in covers; `isSent`: one was sent and is being checked. */
  | { readonly kind: "unsigned"; readonly isSent: boolean }
  /** Signed, and answered otherwise since. */
  | { readonly kind: "changed"; readonly at: Instant; readonly isSent: boolean }
  | { readonly kind: "signed"; readonly at: Instant }
  /** The review was over before these answers were signed: they do not count. */
  | { readonly kind: "late"; readonly isSent: boolean };

export async function standingOf(
  { store }: Pick<Front, "store">,
  { id, sheet, record, asked, isOpen }: OwnReview,
): Promise<Standing> {
  if (Object.keys(sheet).length === 0) return { kind: "nothing" };
  const signed = lastSigned(record, asked.slot);
  if (signed?.answersDigest === answersDigest(sheet)) return { kind: "signed", at: signed.at };
  const sent = (await store.waiting(id)).some(isSent);
  if (!isOpen) return { kind: "late", isSent: sent };
  return signed ? { kind: "changed", at: signed.at, isSent: sent } : { kind: "unsigned", isSent: sent };
}
