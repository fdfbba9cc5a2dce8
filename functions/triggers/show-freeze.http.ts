import type { HttpResponseInit } from "@azure/functions";
import type { Freeze } from "../../shared/ports/controls.ts";
import { PERSONS_TO_RESUME } from "../../shared/domain/resume.ts";
import { freezeDigest } from "../activation/freeze-digest.ts";
import { guarded, show } from "../front/answers.ts";
import { pathOf } from "../front/find-link.ts";
import { makeForm } from "../front/form-token.ts";
import type { Front } from "../front/front.ts";
import { NOTICES } from "../front/notices.ts";
import { shownAgreed } from "../front/shown-freeze.ts";
import { viewerOf, type Viewer } from "../front/session.ts";
import type { Handler } from "../http/handler.ts";
import { isIdentityTeam } from "../http/person.ts";
import { instantText } from "../pages/format.ts";
import type { NoticeView } from "../pages/views.ts";

/** `GET /api/freeze`: who stopped all grants, when and why, and who agreed to go on; for the identity team, after a sign-in. */
export const showFreeze = (front: Front): Handler =>
  guarded(front, async (request) => {
    const viewer = viewerOf(front, request);
    if (!viewer) return showSignIn(front);
    if (!(await isIdentityTeam(front, viewer.person))) return show(front, 404, NOTICES.notFound);
    const shown = await front.controls.shown();
    if (!shown) return show(front, 200, NOTICES.notFrozen);
    const frozen = await frozenNotice(front, shown.freeze, viewer);
    return show(front, 200, shown.saidToBeLifted ? { ...frozen, ...SAID_TO_BE_LIFTED } : frozen);
  });

const showSignIn = (front: Front): Promise<HttpResponseInit> =>
  show(front, 200, {
    kind: "signIn",
    title: "Sign in to see whether grants are frozen",
    text: "It is shown to the identity team.",
    summary: undefined,
    button: "Sign in",
    form: makeForm(front, resumePath(front), undefined),
  });

/** The form stays: whoever wrote the row without the right must not keep anybody from lifting the freeze. */
const SAID_TO_BE_LIFTED = {
  title: "Grants are not frozen, as far as can be seen here",
  text: "The last freeze is said to be lifted. Only the worker can check that: if requests still end as frozen, agree to resume.",
  tone: "calm",
} satisfies Partial<NoticeView>;

async function frozenNotice(front: Front, freeze: Freeze, viewer: Viewer): Promise<NoticeView> {
  const agreed = await shownAgreed(front, freeze);
  const nameOf = (key: string): string => front.policies.people.byKey(key)?.name ?? key;
  return {
    kind: "notice",
    title: "All grants are frozen",
    text: agreed.includes(viewer.person.key)
      ? "You agreed to resume them. Another person of the identity team has to agree too."
      : "Nothing is granted until two persons of the identity team resume it, each with a fresh sign-in.",
    tone: "bad",
    facts: [
      { label: "Frozen by", value: freeze.by === "breaker" ? "the circuit breaker" : nameOf(freeze.by) },
      { label: "Since", value: Number.isNaN(Date.parse(freeze.at)) ? "unknown" : instantText(freeze.at) },
      { label: "Why", value: freeze.because },
      {
        label: "Agreed to resume",
        value: `${agreed.length === 0 ? "nobody yet" : agreed.map(nameOf).join(", ")} (${PERSONS_TO_RESUME} are needed)`,
      },
    ],
    // Also for who agreed: what is shown here was not verified, so it must keep nobody from agreeing.
    choice: {
      name: "resume",
      label: "Resume grants",
      form: makeForm(front, resumePath(front), viewer, freezeDigest(freeze)),
    },
  };
}

/** Where the forms of the page go: `POST /api/freeze` itself is the API. */
export const resumePath = (front: Pick<Front, "publicUrl">): string => pathOf(front, "/api/freeze/resume");
