import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import type { Link } from "../../shared/crypto/link.ts";
import type { ChangeApprover, ChangeItem, FrozenChange } from "../../shared/domain/change.ts";
import { mayAnswer } from "../../shared/domain/reviewers.ts";
import { recommend, type ReviewAnswer } from "../../shared/domain/review.ts";
import { deedsText } from "../../shared/domain/deeds.ts";
import { RESUME_MAX_AGE_MS } from "../../shared/domain/resume.ts";
import { HOUR_MS, type Instant } from "../../shared/domain/time.ts";
import type { AnswerSheet, ChangeRecord } from "../../shared/ports/change-store.ts";
import { withoutStop } from "../changes/change-mail.ts";
import { signedAt } from "../changes/change-view.ts";
import { useOfRole, type RoleUse } from "../eligibility/use-of-role.ts";
import { durationText, instantText } from "../pages/format.ts";
import type { ReviewRow } from "../pages/views.ts";
import { answersDigest } from "../review/resolve-item.ts";
import { reviewedSince } from "../review/reviewed-period.ts";
import { show } from "./answers.ts";
import { makeForm, postedForm, type PostedForm } from "./form-token.ts";
import type { Front } from "./front.ts";
import { NOTICES } from "./notices.ts";
import { scopeText } from "./request-views.ts";
import { itemsOf, numbersFor } from "./reviewed-rows.ts";
import type { Viewer } from "./session.ts";
import { signInToProve } from "./sign-in-attempt.ts";

const ROWS_ON_A_PAGE = 25;
const LONGEST_REASON = 300;

interface Reviewing {
  readonly record: ChangeRecord;
  readonly frozen: FrozenChange;
  readonly link: Link;
  readonly path: string;
  readonly viewer: Viewer;
  readonly asked: ChangeApprover;
  /** Of the items that the reviewer answers for; `undefined`: everybody. */
  readonly numbers: readonly number[] | undefined;
}

/**
 * The page of a reviewer: everybody who is eligible for one role, or their own people, with the use they made of it. What is answered is kept
 * as it goes; it counts once it is signed, and may be signed anew until the deadline.
 */
export async function openReviewLink(
  front: Front,
  request: HttpRequest,
  opened: Omit<Reviewing, "numbers">,
): Promise<HttpResponseInit> {
  const { path, viewer, record, link, asked } = opened;
  const reviewing = { ...opened, numbers: await numbersFor(front.changes, record.change.id, asked) };
  if (request.method !== "POST") return showRows(front, reviewing, pageOf(request.query.get("page") ?? ""), "");
  const posted = await postedForm(front, request, path, viewer, 65_536);
  if (!posted) return show(front, 403, NOTICES.badForm);
  const page = pageOf(posted.fields["page"] ?? "");
  const rows = await rowsOf(front, reviewing, page);
  const before = await front.changes.answers(record.change.id, link.slot);
  const { answers, missing } = readAnswers(posted, rows);
  const sheet: AnswerSheet = { ...before, ...answers };
  if (Object.keys(answers).length > 0) await front.changes.keepAnswers(record.change.id, link.slot, sheet);
  if (missing.length > 0) {
    const names = rows.filter(({ n }) => missing.includes(n)).map(({ holder }) => holder);
    const said = `Not kept, because a reason is missing for keeping what was never used: ${names.join(", ")}.`;
    return showRows(front, reviewing, page, said, missing);
  }
  if (posted.choice === "sign") return sign(front, reviewing, sheet);
  return showRows(front, reviewing, posted.choice === "next" ? page + 1 : page, "Kept. It counts once you sign it.");
}

const pageOf = (text: string): number => (/^[1-9]\d{0,4}$/.test(text) ? Number(text) : 1);

/** What was chosen on this page; a recommendation fills what was left open, if that was asked for. `missing`: rows without a reason. */
function readAnswers(
  { fields, choice }: PostedForm,
  rows: readonly ReviewRow[],
): { readonly answers: Record<string, ReviewAnswer>; readonly missing: readonly number[] } {
  const answers: Record<string, ReviewAnswer> = {};
  const missing: number[] = [];
  for (const { n, recommendation, activations, answer, isOwn } of rows) {
    if (isOwn) continue;
    const chosen = choiceOf(fields[`c${n}`]) ?? (choice === "follow" && !answer ? recommendation : undefined);
    if (!chosen) continue;
    const reason = (fields[`r${n}`] ?? "")
      .replaceAll(/[\p{C}\s]+/gu, " ")
      .trim()
      .slice(0, LONGEST_REASON);
    if (chosen === "keep" && activations === 0 && reason === "") missing.push(n);
    else answers[n] = { choice: chosen, reason };
  }
  return { answers, missing };
}

const choiceOf = (text: string | undefined): ReviewAnswer["choice"] | undefined =>
  text === "keep" || text === "shorten" || text === "remove" ? text : undefined;

/** `unreasoned`: rows that somebody wants to keep without saying why, which is shown as it was chosen. */
async function showRows(
  front: Front,
  reviewing: Reviewing,
  page: number,
  said: string,
  unreasoned: readonly number[] = [],
): Promise<HttpResponseInit> {
  const { frozen, record, link, path, viewer, numbers } = reviewing;
  const total = numbers?.length ?? frozen.total;
  const sheet = await front.changes.answers(record.change.id, link.slot);
  const body = record.change.body;
  const signed = signedAt(record, link.slot);
  return show(front, 200, {
    kind: "review",
    title: withoutStop(frozen.words[0] ?? "Review"),
    text: frozen.words[1] ?? "",
    said,
    signed:
      signed === undefined ? "" : `You signed on ${instantText(signed)}. What you change counts once you sign again.`,
    until: body.kind === "review" ? body.until : record.change.askedAt,
    page,
    pages: Math.max(1, Math.ceil(total / ROWS_ON_A_PAGE)),
    answered: Object.keys(sheet).length,
    total,
    rows: (await rowsOf(front, reviewing, page)).map((row) =>
      unreasoned.includes(row.n) ? { ...row, answer: { choice: "keep", reason: "" }, lacksReason: true } : row,
    ),
    form: makeForm(front, path, viewer, sha256Hex(record.frozen?.body ?? "")),
    path,
  });
}

async function rowsOf(front: Front, reviewing: Reviewing, page: number): Promise<readonly ReviewRow[]> {
  const { record, link, viewer, asked, numbers } = reviewing;
  const before = (page - 1) * ROWS_ON_A_PAGE;
  const { id, askedAt } = record.change;
  const wanted = numbers?.slice(before, before + ROWS_ON_A_PAGE) ?? { first: before + 1, count: ROWS_ON_A_PAGE };
  const [found, sheet] = await Promise.all([itemsOf(front.changes, id, wanted), front.changes.answers(id, link.slot)]);
  const since = reviewedSince(front.policies.policy, askedAt);
  const shown = found.filter(({ item }) => item.person === viewer.person.key || mayAnswer(asked, item));
  return Promise.all(
    shown.map(async ({ n, item, deeds }) => ({
      ...rowOf(n, item, await useOf(front, item, since), sheet, viewer),
      did: deedsText(deeds),
    })),
  );
}

const useOf = (front: Front, item: ChangeItem, since: Instant): Promise<RoleUse> | RoleUse =>
  item.person === ""
    ? { activations: 0, heldMs: 0, lastAt: null, tickets: [], windows: [] }
    : useOfRole(front, item.person, item.roleDefinitionId, since);

function rowOf(n: number, item: ChangeItem, use: RoleUse, sheet: AnswerSheet, viewer: Viewer): Omit<ReviewRow, "did"> {
  return {
    n,
    holder: item.holder,
    scope: scopeText(item.directoryScopeId),
    since: item.since ?? null,
    activations: use.activations,
    held: use.heldMs < HOUR_MS ? "less than an hour" : durationText(Math.round(use.heldMs / HOUR_MS) * HOUR_MS),
    lastAt: use.lastAt,
    tickets: use.tickets.slice(0, 5),
    recommendation: recommend(use.activations),
    answer: sheet[n] ?? null,
    lacksReason: false,
    isOwn: item.person === viewer.person.key,
  };
}

/** Goes on to the sign-in whose nonce covers every answer. */
function sign(
  front: Front,
  { record, frozen, link, viewer }: Reviewing,
  sheet: AnswerSheet,
): Promise<HttpResponseInit> {
  if (Object.keys(sheet).length === 0) return show(front, 422, NOTICES.nothingAnswered);
  return signInToProve(front, {
    purpose: "change",
    requestDigest: sha256Hex(record.frozen?.body ?? ""),
    activationId: link.activationId,
    slot: link.slot,
    person: viewer.person.key,
    account: null,
    authenticationContext: frozen.authenticationContext,
    maxAgeMs: RESUME_MAX_AGE_MS,
    content: canonicalJson({ kind: "review", answersDigest: answersDigest(sheet) }),
  });
}
