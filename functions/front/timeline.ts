import type { ActivationRequest, ActivationState, Door } from "../../shared/domain/activation.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { GrantIntent, Verdict } from "../../shared/domain/verdict.ts";
import type { ActivationOutline } from "../../shared/ports/activation-store.ts";
import { stateOf } from "../activation/facts.ts";
import { shownIntents, shownVerdicts } from "../activation/view.ts";
import { decisionText, reasonText } from "./notices.ts";

interface Moment {
  readonly at: Instant;
  readonly text: string;
}

const DOORS: Readonly<Record<Door, string>> = {
  http: "the API",
  servicenow: "ServiceNow",
  jira: "Jira",
  message: "a message",
};

/** What happened so far, as the rows tell it; the audit trail is the proof. */
export function timelineOf(record: ActivationOutline, nameOf: (person: PersonKey) => string): readonly Moment[] {
  const { claim } = record;
  const moments: readonly Moment[] = [
    { at: claim.claimedAt, text: `Requested for ${nameOf(claim.person)} through ${DOORS[claim.door]}` },
    ...verdictsOf(record).map((verdict) => verdictMoment(verdict, claim.person, nameOf)),
    ...shownIntents(record).map(intentMoment),
    ...stateMoments(stateOf(record), nameOf),
  ];
  return moments.toSorted((a, b) => a.at.localeCompare(b.at));
}

/** In the order in which they follow each other, for where two have the same time. */
const ORDER: readonly Verdict["purpose"][] = ["stepUp", "decision", "start"];

const verdictsOf = (record: ActivationOutline): readonly Verdict[] =>
  shownVerdicts(record).toSorted((a, b) => ORDER.indexOf(a.purpose) - ORDER.indexOf(b.purpose));

function verdictMoment(
  verdict: Verdict,
  requester: ActivationRequest["person"],
  nameOf: (person: PersonKey) => string,
): Moment {
  if (verdict.purpose === "decision") {
    const { decision } = verdict;
    return { at: decision.decidedAt, text: `${nameOf(decision.person)} ${decisionText(decision)}` };
  }
  const did = verdict.purpose === "stepUp" ? "Confirmed" : "Started";
  return { at: verdict.verifiedAt, text: `${did} by ${nameOf(requester)} with a fresh sign-in` };
}

const intentMoment = ({ at, attempt }: GrantIntent): Moment => ({
  at,
  text: attempt === 1 ? "The directory was asked for the role" : `The directory was asked again (attempt ${attempt})`,
});

function stateMoments(state: ActivationState, nameOf: (person: PersonKey) => string): readonly Moment[] {
  const held =
    "startsAt" in state
      ? [{ at: state.startsAt, text: "The role became active, as read back from the directory" }]
      : [];
  if (!("closing" in state)) return held;
  const { closing, status, since } = state;
  const by = closing.by === null ? "" : `, by ${nameOf(closing.by)}`;
  const what =
    status === "Ending" ? "Removal began" : status === "Ended" ? "Gone, as read back from the directory" : status;
  return [...held, { at: since, text: `${what}${by}: ${reasonText(closing)}` }];
}
