import type { HttpResponseInit } from "@azure/functions";
import { parseActivationId } from "../../shared/domain/ids.ts";
import { stateOf } from "../activation/facts.ts";
import { activationPageView, stopFor } from "../front/activation-page-view.ts";
import { guarded, show } from "../front/answers.ts";
import { ask } from "../front/ask.ts";
import { pathOf } from "../front/find-link.ts";
import { makeForm, postedForm } from "../front/form-token.ts";
import type { Front } from "../front/front.ts";
import { NOTICES } from "../front/notices.ts";
import { viewerOf } from "../front/session.ts";
import { signInToView } from "../front/sign-in-attempt.ts";
import type { Handler } from "../http/handler.ts";
import { redirectAnswer } from "../http/page-answer.ts";
import { visibleActivation } from "./show-activation.http.ts";

/**
 * `GET /api/a/{id}`: one activation for the requester, the approvers and the identity team, after a sign-in. `POST`
 * begins that sign-in, or stops the activation. For everybody else it is not there.
 */
export const showPage = (front: Front): Handler =>
  guarded(front, async (request, context) => {
    const id = parseActivationId(request.params["id"] ?? "");
    if (!id) return show(front, 404, NOTICES.notFound);
    const path = pathOf(front, `/api/a/${id}`);
    const viewer = viewerOf(front, request);
    const posted = request.method === "POST" ? await postedForm(front, request, path, viewer) : "get";
    if (!posted) return show(front, 403, NOTICES.badForm);
    if (!viewer) return posted === "get" ? showSignIn(front, path) : signInToView(front, path);
    const record = await visibleActivation(front, viewer, id);
    if (!record) return show(front, 404, NOTICES.notFound);
    if (posted === "get") return show(front, 200, activationPageView(front, record, viewer, path));
    const how = stopFor(stateOf(record), record.claim.person === viewer.person.key);
    if (how && posted.choice === how) {
      const { person, account } = viewer;
      const key = `stop-${how}-${person.key.replaceAll(".", "_")}`;
      await ask(front, context, id, key, { kind: "stop", how, person: person.key, account });
    }
    return redirectAnswer(path, []);
  });

/** The same for every id, so that nobody learns which ones there are. */
const showSignIn = (front: Front, path: string): Promise<HttpResponseInit> =>
  show(front, 200, {
    kind: "signIn",
    title: "Sign in to see this request",
    text: "It is shown to the person it is for, to the people who decide about it, and to the identity team.",
    summary: undefined,
    button: "Sign in",
    form: makeForm(front, path, undefined),
  });
