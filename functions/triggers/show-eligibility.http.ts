import type { HttpResponseInit, InvocationContext } from "@azure/functions";
import { eligibilityBody } from "../../shared/contracts/change.ts";
import { REASONS, type Refusal } from "../../shared/domain/reasons.ts";
import { askChange } from "../changes/ask-change.ts";
import { askedItem, mayAskForEligibility } from "../eligibility/asked-item.ts";
import { readEligibilities } from "../eligibility/read-eligibilities.ts";
import { guarded, show } from "../front/answers.ts";
import { pathOf } from "../front/find-link.ts";
import { makeForm, postedForm, type PostedForm } from "../front/form-token.ts";
import type { Front } from "../front/front.ts";
import { NOTICES } from "../front/notices.ts";
import { viewerOf, type Viewer } from "../front/session.ts";
import { signInToView } from "../front/sign-in-attempt.ts";
import type { Handler } from "../http/handler.ts";
import { REASON_STATUS } from "../http/reason-status.ts";
import { redirectAnswer } from "../http/page-answer.ts";
import { refuseAtDoor } from "../http/person.ts";

/**
 * `GET /api/e`: who may activate what, for owners and the identity team after a sign-in. `POST` begins that sign-in, or
 * asks for a change, which its asker then confirms by the mail that comes.
 */
export const showEligibility = (front: Front): Handler =>
  guarded(front, async (request, context) => {
    const path = pathOf(front, "/api/e");
    const viewer = viewerOf(front, request);
    const posted = request.method === "POST" ? await postedForm(front, request, path, viewer) : "get";
    if (!posted) return show(front, 403, NOTICES.badForm);
    if (!viewer) return posted === "get" ? showSignIn(front, path) : signInToView(front, path);
    if (!(await mayAskForEligibility(front, viewer.person))) return show(front, 404, NOTICES.notFound);
    if (posted === "get" || posted.choice !== "ask") return showList(front, path, viewer);
    return askFor(front, context, viewer, posted);
  });

async function showList(front: Front, path: string, viewer: Viewer): Promise<HttpResponseInit> {
  const { policy } = front.policies;
  const rows = (await readEligibilities(front)).toSorted(
    (a, b) => a.role.localeCompare(b.role) || a.holder.localeCompare(b.holder),
  );
  return show(front, 200, {
    kind: "eligibility",
    rows: rows.map(({ role, holder, directoryScopeId, until }) => ({ role, holder, scope: directoryScopeId, until })),
    roles: policy.roles.map(({ name }) => name),
    longestDays: Math.floor((policy.governance?.longestEligibilityMs ?? 0) / 86_400_000),
    form: makeForm(front, path, viewer),
  });
}

async function askFor(
  front: Front,
  context: InvocationContext,
  { person, account }: Viewer,
  { fields }: PostedForm,
): Promise<HttpResponseInit> {
  const { action, holder, role, scope, days = "", because } = fields;
  const body = eligibilityBody.safeParse({
    action,
    holder: holder?.trim(),
    role,
    because,
    ...(scope?.trim() ? { scope: scope.trim() } : {}),
    ...(action === "remove" ? {} : { duration: `P${days.trim()}D` }),
  });
  if (!body.success) return show(front, 422, { ...NOTICES.incomplete, text: whatIsWrong(body.error.issues) });
  const item = askedItem(front, body.data);
  if ("reason" in item) return refuse(front, account, item);
  const asked = await askChange(
    front,
    context,
    { person, account },
    {
      because: body.data.because,
      body: { kind: "eligibility", action: body.data.action },
      items: [item],
    },
  );
  if ("refusal" in asked) return refuse(front, account, asked.refusal);
  return redirectAnswer(front.links.changePage(asked.change.id), []);
}

async function refuse(front: Front, account: Viewer["account"], refused: Refusal): Promise<HttpResponseInit> {
  await refuseAtDoor(front, account, refused);
  const text = `${REASONS[refused.reason]} ${refused.detail ?? ""}`.trim();
  return show(front, REASON_STATUS[refused.reason], { ...NOTICES.refusedChange, text });
}

const whatIsWrong = (issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string =>
  issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");

const showSignIn = (front: Front, path: string): Promise<HttpResponseInit> =>
  show(front, 200, {
    kind: "signIn",
    title: "Sign in to see who is eligible",
    text: "It is shown to the owners whom the policy names, and to the identity team.",
    summary: undefined,
    button: "Sign in",
    form: makeForm(front, path, undefined),
  });
