import type { HttpResponseInit, InvocationContext } from "@azure/functions";
import { eligibilityBody } from "../../shared/contracts/change.ts";
import { issueWords } from "../../shared/contracts/issue-words.ts";
import type { Refusal } from "../../shared/domain/reasons.ts";
import { askChange } from "../changes/ask-change.ts";
import { askedItem, mayAskForEligibility } from "../eligibility/asked-item.ts";
import { readEligibilities } from "../eligibility/read-eligibilities.ts";
import { guarded, show } from "../front/answers.ts";
import { pathOf } from "../front/find-link.ts";
import { makeForm, postedForm, type PostedForm } from "../front/form-token.ts";
import type { Front } from "../front/front.ts";
import { NOTICES, reasonText } from "../front/notices.ts";
import { scopeText } from "../front/request-views.ts";
import { viewerOf, type Viewer } from "../front/session.ts";
import { signInToView } from "../front/sign-in-attempt.ts";
import type { Handler } from "../http/handler.ts";
import { REASON_STATUS } from "../http/reason-status.ts";
import { redirectAnswer } from "../http/page-answer.ts";
import { refuseAtDoor } from "../http/person.ts";
import type { EligibilityField, EligibilityPageView } from "../pages/views.ts";

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
    if (posted === "get" || posted.choice !== "ask") return showList(front, viewer, 200);
    return askFor(front, context, viewer, posted);
  });

/** The list with the form below it, as it was filled in, if it was. */
async function showList(
  front: Front,
  viewer: Viewer,
  status: number,
  filled: Pick<EligibilityPageView, "typed" | "mistakes"> = { typed: {}, mistakes: {} },
): Promise<HttpResponseInit> {
  const { policy } = front.policies;
  const rows = (await readEligibilities(front)).toSorted(
    (a, b) => a.role.localeCompare(b.role) || a.holder.localeCompare(b.holder),
  );
  return show(front, status, {
    kind: "eligibility",
    ...filled,
    rows: rows.map(({ role, holder, directoryScopeId, until }) => ({
      role,
      holder,
      scope: scopeText(directoryScopeId),
      until,
    })),
    roles: policy.roles.map(({ name }) => name),
    longestDays: Math.floor((policy.governance?.longestEligibilityMs ?? 0) / 86_400_000),
    form: makeForm(front, pathOf(front, "/api/e"), viewer),
  });
}

async function askFor(
  front: Front,
  context: InvocationContext,
  viewer: Viewer,
  { fields }: PostedForm,
): Promise<HttpResponseInit> {
  const { person, account } = viewer;
  const { action, holder, role, scope, days = "", because } = fields;
  const wrong = (status: number, mistakes: EligibilityPageView["mistakes"]): Promise<HttpResponseInit> =>
    showList(front, viewer, status, { typed: fields, mistakes });
  const asks = {
    action,
    holder: holder?.trim(),
    role,
    because,
    ...(scope?.trim() ? { scope: scope.trim() } : {}),
    ...(action === "remove" ? {} : { duration: `P${days.trim()}D` }),
  };
  const body = eligibilityBody.safeParse(asks, { error: issueWords });
  if (!body.success) return wrong(422, mistakesIn(body.error.issues));
  const item = askedItem(front, body.data);
  if ("reason" in item) {
    await refuseAtDoor(front, account, item);
    return wrong(REASON_STATUS[item.reason], { [fieldOf(item, body.data.role)]: textOf(item) });
  }
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
  return show(front, REASON_STATUS[refused.reason], { ...NOTICES.refusedChange, text: textOf(refused) });
}

const textOf = ({ reason, detail }: Refusal): string => reasonText({ reason, detail: detail ?? null });

/** The field that a refusal is about; what it names tells a role from a scope. */
const fieldOf = ({ reason, detail }: Refusal, role: string): EligibilityField =>
  reason === "PersonUnknown" ? "holder" : detail === role ? "role" : "scope";

function mistakesIn(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): EligibilityPageView["mistakes"] {
  const mistakes: Partial<Record<EligibilityField, string>> = {};
  for (const { path, message } of issues) {
    const field = FIELD_OF[String(path[0])];
    if (field) mistakes[field] = field === "days" ? "This must be a whole number of days." : `This ${message}.`;
  }
  return mistakes;
}

const FIELD_OF: Readonly<Partial<Record<string, EligibilityField>>> = {
  action: "action",
  holder: "holder",
  role: "role",
  scope: "scope",
  duration: "days",
  because: "because",
};

const showSignIn = (front: Front, path: string): Promise<HttpResponseInit> =>
  show(front, 200, {
    kind: "signIn",
    title: "Sign in to see who is eligible",
    text: "It is shown to the owners whom the policy names, and to the identity team.",
    summary: undefined,
    button: "Sign in",
    form: makeForm(front, path, undefined),
  });
