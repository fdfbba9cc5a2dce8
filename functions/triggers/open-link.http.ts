import type { HttpResponseInit, InvocationContext } from "@azure/functions";
import { readLink } from "../../shared/crypto/link.ts";
import { ask } from "../front/ask.ts";
import { openChangeLink } from "../front/change-link.ts";
import { guarded, show } from "../front/answers.ts";
import { decisionContent } from "../front/decision-content.ts";
import { findLink, standingOf, type FoundLink, type Standing } from "../front/find-link.ts";
import { makeForm, postedForm, type PostedForm } from "../front/form-token.ts";
import type { Front } from "../front/front.ts";
import { closedNotice, expiredNotice, NOTICES, usedNotice } from "../front/notices.ts";
import { decisionView, startView, stepUpView, summaryOf } from "../front/request-views.ts";
import { viewerOf, type Viewer } from "../front/session.ts";
import { signInToProve, signInToView } from "../front/sign-in-attempt.ts";
import type { Handler } from "../http/handler.ts";
import type { Form, NoticeView } from "../pages/views.ts";

/**
 * `GET /api/l/{token}` shows what a signed link is about and changes nothing; `POST` begins what the person chose there.
 * The link finds the page; the sign-in that follows gives the right.
 */
export const openLink = (front: Front): Handler =>
  guarded(front, async (request, context) => {
    const token = request.params["token"] ?? "";
    const link = readLink(token, front.linkKeys);
    if (link?.purpose === "change") return openChangeLink(front, request, token, link);
    const found = await findLink(front, token);
    if (found === "unknown") {
      if (request.method === "POST") await front.noise.note(request, "links"); // a GET changes nothing (I11)
      return show(front, 404, NOTICES.unknown);
    }
    if ("expired" in found) return show(front, 410, expiredNotice(front, found.expired));
    const viewer = viewerOf(front, request);
    if (request.method !== "POST") return showLink(front, found, viewer);
    const posted = await postedForm(front, request, found.path, viewer);
    return posted ? act(front, context, found, viewer, posted) : show(front, 403, NOTICES.badForm);
  });

function showLink(front: Front, found: FoundLink, viewer: Viewer | undefined): Promise<HttpResponseInit> {
  const standing = standingOf(found, viewer);
  if (standing === "deniable") return showDecision(front, found, viewer, "denial");
  return standing === "open" ? showOpen(front, found, viewer) : showDead(front, found, viewer, standing);
}

function showDecision(
  front: Front,
  found: FoundLink,
  viewer: Viewer | undefined,
  asked: "decision" | "denial",
): Promise<HttpResponseInit> {
  const { state, path, digest } = found;
  const until = state.status === "Ready" ? state.lapsesAt : "decideBy" in state ? state.decideBy : state.since;
  return viewer
    ? show(front, 200, decisionView(front, found, asked, until, makeForm(front, path, viewer, digest)))
    : showSignIn(front, found, asked);
}

function showOpen(front: Front, found: FoundLink, viewer: Viewer | undefined): Promise<HttpResponseInit> {
  const { state, path, digest } = found;
  const form = makeForm(front, path, viewer, digest);
  switch (state.status) {
    case "AwaitingStepUp":
      return show(front, 200, stepUpView(found, state.stepUpBy, form));
    case "Ready":
      return show(front, 200, startView(found, state, front.clock.now() < state.opensAt ? undefined : form));
    case "AwaitingApproval":
      return showDecision(front, found, viewer, "decision");
    default:
      return show(front, 410, usedNotice(front, found, viewer !== undefined));
  }
}

function showDead(
  front: Front,
  found: FoundLink,
  viewer: Viewer | undefined,
  standing: Exclude<Standing, "open" | "deniable">,
): Promise<HttpResponseInit> {
  const form = makeForm(front, found.path, viewer, found.digest);
  switch (standing) {
    case "foreign":
      return show(front, 403, withChoice(NOTICES.foreign, "signIn", "Sign in as somebody else", form));
    case "early":
      return show(front, 409, NOTICES.early);
    case "superseded":
      return show(front, 409, NOTICES.superseded);
    case "closed":
      return show(front, 410, closedNotice(front, found, viewer !== undefined));
    case "used": {
      // A person who finds a request confirmed that they never confirmed can still stop it.
      const notice = usedNotice(front, found, viewer !== undefined);
      const stoppable = found.link.purpose === "stepUp";
      return show(front, 410, stoppable ? withChoice(notice, "disown", "It was not me: stop it", form) : notice);
    }
  }
}

const withChoice = (notice: NoticeView, name: "disown" | "signIn", label: string, form: Form): NoticeView => ({
  ...notice,
  choice: { name, label, form },
});

const showSignIn = (front: Front, found: FoundLink, asked: "decision" | "denial"): Promise<HttpResponseInit> =>
  show(front, 200, {
    kind: "signIn",
    title: "Somebody asks for a privileged role",
    text:
      asked === "decision"
        ? "Sign in to see who asks, for what, and to decide."
        : "It is approved so far. Sign in to see who asks, for what, and to deny it if it should not go on.",
    summary: summaryOf(found.request),
    button: "Sign in",
    form: makeForm(front, found.path, undefined),
  });

async function act(
  front: Front,
  context: InvocationContext,
  found: FoundLink,
  viewer: Viewer | undefined,
  posted: PostedForm,
): Promise<HttpResponseInit> {
  const standing = standingOf(found, viewer);
  if (posted.choice === "signIn") return signInToView(front, found.path);
  if (posted.choice === "disown" && mayDisown(found, standing)) return disown(front, context, found);
  const usable = standing === "open" || (standing === "deniable" && posted.choice === "deny");
  if (!usable)
    return standing === "deniable"
      ? showDecision(front, found, viewer, "denial")
      : showDead(front, found, viewer, standing);
  if (posted.shown !== found.digest) return show(front, 409, NOTICES.superseded);
  return prove(front, found, viewer, posted);
}

const mayDisown = ({ link }: FoundLink, standing: Standing): boolean =>
  link.purpose === "stepUp" && standing !== "closed" && standing !== "foreign";

/** No sign-in is needed to stop something. */
async function disown(
  front: Front,
  context: InvocationContext,
  { record, request }: FoundLink,
): Promise<HttpResponseInit> {
  const { person, principalId: account } = request;
  await ask(front, context, record.id, "stop-disown", { kind: "stop", how: "disown", person, account });
  return show(front, 200, NOTICES.disowned);
}

/** Goes on to the sign-in that proves the choice, if the choice is one that this link offers to this viewer now. */
async function prove(
  front: Front,
  found: FoundLink,
  viewer: Viewer | undefined,
  posted: PostedForm,
): Promise<HttpResponseInit> {
  const { link, request, state, person, digest } = found;
  const role = front.policies.policy.roles.find(
    ({ roleDefinitionId }) => roleDefinitionId === request.roleDefinitionId,
  );
  const choice = `${link.purpose} ${posted.choice}`;
  const offered =
    choice === "stepUp confirm" ||
    (choice === "start start" && state.status === "Ready" && front.clock.now() >= state.opensAt) ||
    (viewer && (choice === "decide approve" || choice === "decide deny"));
  if (!offered || !role || person === undefined) return show(front, 403, NOTICES.badForm);
  const content = link.purpose === "decide" ? decisionContent(posted, request.durationMs) : "";
  if (content === undefined) return show(front, 422, posted.choice === "deny" ? NOTICES.noReason : NOTICES.badForm);
  return signInToProve(front, {
    purpose: link.purpose === "decide" ? "decision" : link.purpose,
    activationId: request.activationId,
    slot: link.slot,
    person,
    account: link.purpose === "decide" ? null : request.principalId,
    authenticationContext: role.stepUp.authenticationContext,
    maxAgeMs: role.stepUp.maxAgeMs,
    content,
    requestDigest: digest,
  });
}
