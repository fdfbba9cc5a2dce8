import type { HttpResponseInit } from "@azure/functions";
import type { ChangeId } from "../../shared/domain/change.ts";
import { parseActivationId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { askWithdrawal, mayWithdraw } from "../changes/ask-withdrawal.ts";
import { isSent } from "../changes/change-state.ts";
import { shownChange, viewOfChange } from "../changes/change-view.ts";
import type { Door } from "../door.ts";
import { guarded, show } from "../front/answers.ts";
import { campaignNotice, isReviewerIn } from "../front/campaign-notice.ts";
import { changeNotice } from "../front/change-notices.ts";
import { pathOf } from "../front/find-link.ts";
import { makeForm, postedForm } from "../front/form-token.ts";
import type { Front } from "../front/front.ts";
import { NOTICES } from "../front/notices.ts";
import { viewerOf } from "../front/session.ts";
import { signInToView } from "../front/sign-in-attempt.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { callingPerson, isIdentityTeam } from "../http/person.ts";
import { problem } from "../http/problem.ts";
import { redirectAnswer } from "../http/page-answer.ts";

/** `GET /api/changes/{id}`: one change, for who asked, who decides and the identity team. Changes nothing. */
export const showChange =
  (door: Door): Handler =>
  async (request) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const id = parseActivationId(request.params["id"] ?? "");
    const record = id && (await visibleChange(door, calling.caller.person, id));
    if (!record) return problem("NotFound");
    return json(200, viewOfChange(record, door.policies.people, door.links.changePage(record.change.id)));
  };

/** `GET /api/c/{id}`: the same as a page, after a sign-in, which `POST` begins. */
export const showChangePage = (front: Front): Handler =>
  guarded(front, async (request, context) => {
    const id = parseActivationId(request.params["id"] ?? "");
    if (!id) return show(front, 404, NOTICES.notFound);
    const path = pathOf(front, `/api/c/${id}`);
    const viewer = viewerOf(front, request);
    if (request.method === "POST") {
      const posted = await postedForm(front, request, path, viewer);
      if (!posted) return show(front, 403, NOTICES.badForm);
      if (!viewer) return signInToView(front, path);
      const asked = posted.choice === "withdraw" ? await visibleChange(front, viewer.person, id) : undefined;
      if (asked && mayWithdraw(asked, viewer.person)) await askWithdrawal(front, context, asked.change, viewer);
      return redirectAnswer(path, []);
    }
    if (!viewer) return showSignIn(front, path);
    const record = await visibleChange(front, viewer.person, id);
    if (!record) return show(front, 404, NOTICES.notFound);
    if (record.change.body.kind === "campaign")
      return show(front, 200, await campaignNotice(front, record, { until: record.change.body.until }));
    const sent = (await front.store.waiting(id)).some(isSent);
    const notice = changeNotice(viewOfChange(record, front.policies.people, path), sent);
    if (!mayWithdraw(record, viewer.person)) return show(front, 200, notice);
    const form = makeForm(front, path, viewer);
    return show(front, 200, { ...notice, choice: { name: "withdraw", label: "Withdraw it", form } });
  });

/** For everybody who is not concerned it is not there. */
export async function visibleChange(door: Door, person: Person, id: ChangeId): Promise<ChangeRecord | undefined> {
  const record = await door.changes.load(id);
  if (!record) return undefined;
  const concerned = [
    record.change.askedBy,
    ...(shownChange(record)?.approvers ?? []).map((approver) => approver.person),
    ...(shownChange(record)?.gains ?? []),
  ];
  if (concerned.includes(person.key) || (await isReviewerIn(door, record, person.key))) return record;
  return (await isIdentityTeam(door, person)) ? record : undefined;
}

const showSignIn = (front: Front, path: string): Promise<HttpResponseInit> =>
  show(front, 200, {
    kind: "signIn",
    title: "Sign in to see this change",
    text: "It is shown to who asked for it, to the people who decide about it, and to the identity team.",
    summary: undefined,
    button: "Sign in",
    form: makeForm(front, path, undefined),
  });
