import { REASONS, type ReasonCode } from "../../shared/domain/reasons.ts";
import type { Decision } from "../../shared/domain/approval.ts";
import type { Link } from "../../shared/crypto/link.ts";
import { shownDecisions } from "../activation/view.ts";
import { durationText, instantText } from "../pages/format.ts";
import type { Fact, NoticeView } from "../pages/views.ts";
import type { FoundLink } from "./find-link.ts";
import type { Front } from "./front.ts";

const notice = (title: string, text: string, tone: NoticeView["tone"] = "bad"): NoticeView => ({
  kind: "notice",
  title,
  text,
  tone,
});

export const NOTICES = {
  unknown: notice(
    "This link does not work",
    "It is incomplete, was changed on its way, or is not one of ours. Open it again from the message you got.",
  ),
  foreign: notice(
    "This link is for somebody else",
    "You are signed in as a person this link was not made for. Nothing was decided.",
  ),
  foreignSignIn: notice(
    "This link is for somebody else",
    "You signed in as a person this link was not made for. Nothing was decided. Whom it is for opens it again from the message.",
  ),
  early: notice("Not ready yet", "The request is still being prepared. Open this link again in a minute.", "waiting"),
  superseded: notice(
    "This request has changed",
    "What you saw is no longer what is asked for, so it cannot be answered any more. Everybody who is asked gets a new message.",
    "waiting",
  ),
  badForm: notice(
    "Please open the page again",
    "The form was too old, or did not come from this page in this browser. Nothing was decided.",
  ),
  noReason: notice("A reason is needed", "Whoever denies says why, in at most 500 characters. Nothing was decided."),
  notFound: notice("Nothing here", "There is no such request, or it is not yours to see."),
  signInFailed: notice(
    "The sign-in did not work",
    "Nothing was decided. The sign-in was cancelled, took too long, was used already, or was not fresh and strong enough. Open the link from your message to start over.",
  ),
  unknownPerson: notice(
    "This account is not known here",
    "The account you signed in with belongs to no person of the people map. Nothing was decided.",
  ),
  wrongAccount: notice(
    "Wrong account",
    "Sign in with the account that is to hold the role, not with another one of yours. Open the link from your message to start over.",
  ),
  nothingSigned: notice(
    "Nothing was signed",
    "What you were about to sign is not there any more. Open the link from your message, look at your answers and sign again.",
  ),
  reviewOver: notice(
    "The review is over",
    "It takes no answers any more: what you chose just now was neither kept nor signed. What you signed before counts.",
  ),
  nothingAnswered: notice("Nothing is answered yet", "Answer for at least one person before you sign."),
  refusedChange: notice("This cannot be asked for", "Nothing was asked for."),
  expiredChange: notice("This link has expired", "The time to answer through it is over. Nothing was decided."),
  notFrozen: notice(
    "Grants are not frozen",
    "Roles are granted as the policy says; there is nothing to resume.",
    "good",
  ),
  disowned: notice(
    "Stopped",
    "The request is being cancelled, new requests in your name are blocked, and the identity team is told.",
    "good",
  ),
} as const;

/** An own link whose time is over: the request may still be looked at, after a sign-in. */
export const expiredNotice = (front: Pick<Front, "links">, { activationId }: Link): NoticeView => ({
  ...notice("This link has expired", "The time to answer through it is over. The request says where it stands now."),
  link: { href: front.links.page(activationId), label: "See the request" },
});

/** A link that was used: what became of it, in full for somebody who signed in and is concerned. */
export function usedNotice(front: Front, found: FoundLink, isKnown: boolean): NoticeView {
  const facts = isKnown ? decisionFacts(front, found) : [];
  const text = facts.length > 0 ? "This is what was decided." : "There is nothing left to do here.";
  return {
    ...notice(USED[found.link.purpose], text, "calm"),
    facts,
    link: { href: front.links.page(found.record.id), label: "See the request" },
  };
}

const USED = {
  stepUp: "This request was confirmed already",
  start: "This role was started already",
  decide: "This request needs no decision from you any more",
} as const;

/** The request is over: why, for somebody who signed in and is concerned. */
export function closedNotice(front: Front, found: FoundLink, isKnown: boolean): NoticeView {
  const { state } = found;
  const closing = isKnown && "closing" in state ? state.closing : undefined;
  return {
    ...notice("This request is closed", closing ? reasonText(closing) : "There is nothing left to do here.", "calm"),
    ...(isKnown ? { facts: decisionFacts(front, found) } : {}),
    link: { href: front.links.page(found.record.id), label: "See the request" },
  };
}

export const reasonText = ({
  reason,
  detail,
}: {
  readonly reason: ReasonCode;
  readonly detail: string | null;
}): string => (detail === null ? REASONS[reason] : `${REASONS[reason]} (${detail})`);

const decisionFacts = ({ policies }: Front, { record }: FoundLink): readonly Fact[] =>
  shownDecisions(record).map((decision) => ({
    label: policies.people.byKey(decision.person)?.name ?? decision.person,
    value: `${decisionText(decision)} on ${instantText(decision.decidedAt)}`,
  }));

/** "approved for 1 hour", "denied: not today". */
export const decisionText = ({ verdict }: Decision): string => {
  if (verdict.kind === "deny") return `denied: ${verdict.reason}`;
  return verdict.durationMs === undefined ? "approved" : `approved for ${durationText(verdict.durationMs)}`;
};
