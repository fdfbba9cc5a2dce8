import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import type { Link } from "../../shared/crypto/link.ts";
import { isOver, type ChangeDecision, type FrozenChange } from "../../shared/domain/change.ts";
import { RESUME_MAX_AGE_MS } from "../../shared/domain/resume.ts";
import { msOf, SECOND_MS } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { changeStateOf } from "../changes/change-state.ts";
import { shownChange, viewOfChange } from "../changes/change-view.ts";
import { redirectAnswer } from "../http/page-answer.ts";
import { instantText } from "../pages/format.ts";
import type { Form, View } from "../pages/views.ts";
import { show } from "./answers.ts";
import { whatIsAsked } from "./change-notices.ts";
import { denialReason } from "./decision-content.ts";
import { pathOf } from "./find-link.ts";
import { makeForm, postedByAnybody, type PostedForm } from "./form-token.ts";
import type { Front } from "./front.ts";
import { NOTICES } from "./notices.ts";
import { keepLateAnswers, MOST_REVIEW_BYTES, openReviewLink } from "./review-link.ts";
import { viewerOf, viewerOfForm, type Viewer } from "./session.ts";
import { signInToProve, signInToView } from "./sign-in-attempt.ts";

/**
 * A signed link about a change: `GET` shows what is asked once somebody is signed in, `POST` begins the fresh sign-in
 * that confirms or decides. Slot 0 is who asked.
 */
export async function openChangeLink(
  front: Front,
  request: HttpRequest,
  token: string,
  link: Link,
): Promise<HttpResponseInit> {
  const record = await front.changes.load(link.activationId);
  const frozen = record && shownChange(record);
  if (!frozen) return show(front, 404, NOTICES.unknown);
  const page = pathOf(front, `/api/c/${link.activationId}`);
  if (msOf(front.clock.now()) >= link.expiresAtSeconds * SECOND_MS)
    return show(front, 410, { ...NOTICES.expiredChange, link: { href: page, label: "See the change" } });
  const path = pathOf(front, `/api/l/${token}`);
  const viewer = viewerOf(front, request);
  if (viewer && isReviewer(frozen, link, viewer))
    return openReviewLink(front, request, { record, frozen, link, path, viewer }, page);
  const form = request.method === "POST" ? await postedByAnybody(front, request, path, MOST_REVIEW_BYTES) : undefined;
  const before = viewer ? undefined : viewerOfForm(front, form);
  if (form && before && isReviewer(frozen, link, before))
    return keepLateAnswers(front, { record, frozen, link, path, viewer: before }, form, page);
  const posted = request.method === "POST" ? form?.viewer === (viewer?.account ?? "") && form : "get";
  if (!posted) return show(front, 403, NOTICES.badForm);
  if (posted !== "get" && posted.choice === "signIn") return signInToView(front, path);
  if (!viewer) return show(front, 200, signInView(frozen, makeForm(front, path, undefined)));
  const person = link.slot === 0 ? frozen.askedBy : frozen.approvers.find(({ slot }) => slot === link.slot)?.person;
  if (person !== viewer.person.key) {
    const form = makeForm(front, path, viewer);
    return show(front, 403, {
      ...NOTICES.foreign,
      choice: { name: "signIn", label: "Sign in as somebody else", form },
    });
  }
  if (!isAsked(record, link.slot)) return redirectAnswer(page, []);
  const digest = sha256Hex(record.frozen?.body ?? "");
  if (posted === "get")
    return show(front, 200, decisionView(front, record, link, makeForm(front, path, viewer, digest)));
  if (posted.shown !== digest) return show(front, 409, NOTICES.superseded);
  return prove(front, { link, viewer, posted, digest, authenticationContext: frozen.authenticationContext });
}

const isReviewer = ({ body, approvers }: FrozenChange, { slot }: Link, { person }: Viewer): boolean =>
  body.kind === "review" && approvers.some((one) => one.slot === slot && one.person === person.key);

function isAsked(record: ChangeRecord, slot: number): boolean {
  const state = changeStateOf(record);
  return !isOver(state) && state.status === (slot === 0 ? "AwaitingConfirmation" : "AwaitingApproval");
}

const signInView = ({ body }: FrozenChange, form: Form): View => ({
  kind: "signIn",
  ...(body.kind === "review"
    ? { title: "A review waits for your answers", text: "Sign in to see who is eligible for what, and to answer." }
    : {
        title: "Somebody asks for a change of privileged access",
        text: "Sign in to see what is asked, by whom, and to answer.",
      }),
  summary: undefined,
  button: "Sign in",
  form,
});

function decisionView(front: Front, record: ChangeRecord, link: Link, form: Form): View {
  const view = viewOfChange(record, front.policies.people, "");
  return {
    kind: "changeDecision",
    asked: link.slot === 0 ? "confirmation" : "decision",
    title: link.slot === 0 ? "Did you ask for this?" : `${view.askedBy} asks for a second person`,
    text: view.words[0] ?? "",
    facts: [
      ...whatIsAsked(view),
      ...(view.until === null ? [] : [{ label: "Answer until", value: instantText(view.until) }]),
    ],
    form,
  };
}

/** Goes on to the sign-in that proves the choice, if it is one that this link offers. */
async function prove(
  front: Front,
  {
    link,
    viewer,
    posted,
    digest,
    authenticationContext,
  }: {
    readonly link: Link;
    readonly viewer: Viewer;
    readonly posted: PostedForm;
    readonly digest: string;
    readonly authenticationContext: string;
  },
): Promise<HttpResponseInit> {
  const decision = decisionOf(posted, link.slot);
  if (decision === "noReason") return show(front, 422, NOTICES.noReason);
  if (!decision) return show(front, 403, NOTICES.badForm);
  return signInToProve(front, {
    purpose: "change",
    requestDigest: digest,
    activationId: link.activationId,
    slot: link.slot,
    person: viewer.person.key,
    account: null,
    authenticationContext,
    maxAgeMs: RESUME_MAX_AGE_MS,
    content: canonicalJson(decision),
  });
}

function decisionOf({ choice, fields }: PostedForm, slot: number): ChangeDecision | "noReason" | undefined {
  if (slot === 0) return choice === "confirm" ? { kind: "confirm" } : undefined;
  if (choice === "approve") return { kind: "approve" };
  if (choice !== "deny") return undefined;
  const reason = denialReason(fields["reason"]);
  return reason === undefined ? "noReason" : { kind: "deny", reason };
}
