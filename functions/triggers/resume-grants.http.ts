import { parseActivationId } from "../../shared/domain/ids.ts";
import { RESUME_MAX_AGE_MS, resumeContext } from "../../shared/domain/resume.ts";
import { freezeDigest } from "../activation/freeze-digest.ts";
import { guarded, show } from "../front/answers.ts";
import { pathOf } from "../front/find-link.ts";
import { postedForm } from "../front/form-token.ts";
import type { Front } from "../front/front.ts";
import { NOTICES } from "../front/notices.ts";
import { viewerOf } from "../front/session.ts";
import { signInToProve, signInToView } from "../front/sign-in-attempt.ts";
import type { Handler } from "../http/handler.ts";
import { redirectAnswer } from "../http/page-answer.ts";
import { isIdentityTeam } from "../http/person.ts";
import { resumePath } from "./show-freeze.http.ts";

/** `POST /api/freeze/resume`: begins the sign-in that shows the freeze, or the fresh one that agrees to lift it. */
export const resumeGrants = (front: Front): Handler =>
  guarded(front, async (request) => {
    const viewer = viewerOf(front, request);
    const posted = await postedForm(front, request, resumePath(front), viewer);
    if (!posted) return show(front, 403, NOTICES.badForm);
    const page = pathOf(front, "/api/freeze");
    if (!viewer) return signInToView(front, page);
    if (!(await isIdentityTeam(front, viewer.person))) return show(front, 404, NOTICES.notFound);
    const freeze = (await front.controls.shown())?.freeze;
    const id = freeze && parseActivationId(freeze.id);
    const authenticationContext = resumeContext(front.policies.policy);
    // What was shown is not in force any more: the page says how things stand.
    if (!freeze || !id || authenticationContext === undefined || posted.shown !== freezeDigest(freeze))
      return redirectAnswer(page, []);
    return signInToProve(front, {
      purpose: "resume",
      requestDigest: freezeDigest(freeze),
      activationId: id,
      slot: 0,
      person: viewer.person.key,
      account: null,
      authenticationContext,
      maxAgeMs: RESUME_MAX_AGE_MS,
      content: "",
    });
  });
