import { digestOf, sha256Hex } from "../../shared/crypto/digest.ts";
import type { Link } from "../../shared/crypto/link.ts";
import type {
  ChangeApprover,
  ChangeId,
  ChangeState,
  FrozenCampaign,
  FrozenChange,
} from "../../shared/domain/change.ts";
import type { RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { AnswerSheet, ChangeRecord } from "../../shared/ports/change-store.ts";
import { changeStateOf } from "../changes/change-state.ts";
import { shownChange } from "../changes/change-view.ts";
import { namedAnswers } from "../review/named-answers.ts";
import { shownJson } from "../shown-json.ts";
import type { Front } from "./front.ts";
import { numbersFor } from "./reviewed-rows.ts";
import type { Viewer } from "./session.ts";

/** One review of a campaign as one of its reviewers meets it, in one of their slots. */
export interface OwnReview {
  readonly id: ChangeId;
  /** Names it among the person's: review and slot. */
  readonly key: string;
  readonly role: string;
  readonly record: ChangeRecord;
  readonly frozen: FrozenChange;
  readonly asked: ChangeApprover;
  /** Takes answers now. */
  readonly isOpen: boolean;
  /** Of the items that the reviewer answers for; `undefined`: everybody. */
  readonly numbers: readonly number[] | undefined;
  readonly total: number;
  /** Rows that are the reviewer's to answer: without their own, as far as those are looked for. */
  readonly toAnswer: number;
  readonly sheet: AnswerSheet;
}

/** In longer reviews nobody looks for the reviewer's own rows only to count without them. */
const MOST_LOOKED_THROUGH = 500;

/** Digest of the review as it is stored, which a sign-in for it covers. */
export const requestDigestOf = ({ record }: Pick<OwnReview, "record">): string => sha256Hex(record.frozen?.body ?? "");

export const answeredOf = ({ sheet, numbers }: Pick<OwnReview, "sheet" | "numbers">): number =>
  numbers ? numbers.filter((n) => n in sheet).length : Object.keys(sheet).length;

/** Digest over all answers that are kept: what the page shows, and what a sign-in that begins there is to cover. */
export const shownDigestOf = (reviews: readonly OwnReview[]): string =>
  digestOf(reviews.filter(({ isOpen }) => isOpen).map(({ key, sheet }) => ({ key, sheet })));

/**
 * The reviews of the campaign in which the viewer is asked, by role: those that are open, and those that are over and have
 * answers of theirs. All as stored, for the eye: the seals are the worker's to check.
 */
export async function ownReviews(
  front: Pick<Front, "changes" | "policies">,
  { record, frozen, link, viewer }: OpenedReview,
): Promise<readonly OwnReview[]> {
  const { body } = frozen;
  if (body.kind !== "review") return [];
  const row = await front.changes.frozen(body.campaign);
  const listed = (row && (shownJson(row.body) as FrozenCampaign | null | undefined))?.reviews ?? [];
  const others = listed.filter(({ id }) => id !== record.change.id);
  const all = await Promise.all([
    inReview(front, { record, role: roleNamed(front, body.roleDefinitionId), viewer }, (slot) => slot === link.slot),
    ...others.map(async ({ id }) => {
      const other = await front.changes.load(id);
      const about = other && shownChange(other)?.body;
      if (!other || about?.kind !== "review" || about.campaign !== body.campaign) return [];
      const role = roleNamed(front, about.roleDefinitionId);
      return inReview(front, { record: other, role, viewer }, () => false);
    }),
  ]);
  return all.flat().toSorted((a, b) => a.role.localeCompare(b.role) || a.key.localeCompare(b.key));
}

/** By the policy: a name that stands in a row could have reviewers answer for another role than they read. */
const roleNamed = ({ policies: { policy } }: Pick<Front, "policies">, id: RoleDefinitionId): string =>
  policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === id)?.name ?? id;

export interface OpenedReview {
  readonly record: ChangeRecord;
  readonly frozen: FrozenChange;
  readonly link: Link;
  readonly path: string;
  readonly viewer: Viewer;
}

/** Who stands in is asked once it has escalated, and not again about whom they answer for anyway. */
async function inReview(
  { changes }: Pick<Front, "changes">,
  { record, role, viewer }: Pick<OwnReview, "record" | "role"> & { readonly viewer: Viewer },
  isLinked: (slot: number) => boolean,
): Promise<readonly OwnReview[]> {
  const frozen = shownChange(record);
  if (!frozen) return [];
  const { id } = record.change;
  const state = changeStateOf(record);
  const isOpen = state.status === "AwaitingReview" && frozen.inEntra === undefined;
  const slots = frozen.approvers.filter(({ person }) => person === viewer.person.key);
  const asked = slots.filter(({ slot, backup }) => !backup || isLinked(slot) || hasEscalated(state) || !isOpen);
  const shares = await Promise.all(asked.map((one) => numbersFor(changes, id, one)));
  const own = new Set(asked.flatMap(({ backup }, index) => (backup ? [] : (shares[index] ?? allOf(frozen)))));
  const items = isOpen && frozen.total <= MOST_LOOKED_THROUGH ? await changes.items(id, 1, frozen.total) : [];
  const viewers = items.flatMap(({ person }, index) => (person === viewer.person.key ? [index + 1] : []));
  const found = asked.map(async (one, index): Promise<OwnReview> => {
    const numbers = one.backup && own.size > 0 ? allOf(frozen).filter((n) => !own.has(n)) : shares[index];
    const sheet = namedAnswers(await changes.answers(id, one.slot));
    const total = numbers?.length ?? frozen.total;
    const toAnswer = total - viewers.filter((n) => numbers?.includes(n) ?? true).length;
    return { id, key: `${id}-${one.slot}`, role, record, frozen, asked: one, isOpen, numbers, total, toAnswer, sheet };
  });
  return (await Promise.all(found)).filter(({ sheet }) => isOpen || Object.keys(sheet).length > 0);
}

const hasEscalated = (state: ChangeState): boolean => "escalated" in state;

const allOf = ({ total }: FrozenChange): readonly number[] => Array.from({ length: total }, (_, index) => index + 1);
