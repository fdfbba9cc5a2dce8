import { isFinal, type ActivationState, type ActivationStatus } from "../../shared/domain/activation.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { MINUTE_MS, plus } from "../../shared/domain/time.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { stateOf } from "../activation/facts.ts";
import { viewOf } from "../activation/view.ts";
import { instantText } from "../pages/format.ts";
import type { ActivationPageView, Fact, Tone } from "../pages/views.ts";
import { makeForm } from "./form-token.ts";
import type { Front } from "./front.ts";
import { reasonText } from "./notices.ts";
import { summaryOf } from "./request-views.ts";
import type { Viewer } from "./session.ts";
import { timelineOf } from "./timeline.ts";

/** How long a token issued before the end may still carry the role. */
const TOKENS_LIVE_MS = 90 * MINUTE_MS;

const STATUS: Readonly<Record<ActivationStatus, readonly [label: string, tone: Tone]>> = {
  Requested: ["Being checked", "waiting"],
  AwaitingStepUp: ["Waiting for the requester", "waiting"],
  AwaitingApproval: ["Waiting for approval", "waiting"],
  Ready: ["Approved, not started", "waiting"],
  Granting: ["Being granted", "waiting"],
  Active: ["Active", "good"],
  Ending: ["Being removed", "waiting"],
  Ended: ["Ended", "calm"],
  Refused: ["Refused", "bad"],
  Denied: ["Denied", "bad"],
  Expired: ["Expired", "bad"],
  Cancelled: ["Cancelled", "calm"],
  Failed: ["Failed", "bad"],
};

/** One activation for a person who has something to do with it. */
export function activationPageView(
  front: Front,
  record: ActivationRecord,
  viewer: Viewer,
  path: string,
): ActivationPageView {
  const view = viewOf(front, record, viewer.person.key);
  const state = stateOf(record);
  const [status, tone] = STATUS[state.status];
  const nameOf = (person: PersonKey): string => front.policies.people.byKey(person)?.name ?? person;
  const { claim } = record;
  const how = stopFor(state, claim.person === viewer.person.key);
  return {
    kind: "activation",
    summary: summaryOf({ ...claim, roleName: view.role.name }),
    person: { name: view.person.name, account: view.account },
    status,
    tone,
    text: textOf(state),
    facts: [...waitingFacts(view), ...timeFacts(state)],
    timeline: timelineOf(record, nameOf),
    tokensUntil: tokensUntil(state),
    next: nextFor(view, viewer.person.key),
    stop: how && { how, form: makeForm(front, path, viewer) },
    refreshSeconds: isUnderWay(record, state) ? 2 : undefined,
  };
}

function textOf(state: ActivationState): string {
  switch (state.status) {
    case "Requested":
      return "Policy, ticket and eligibility are being checked.";
    case "AwaitingStepUp":
      return "It goes on when the requester confirms it with a fresh sign-in. A sign-in that is not on the list below did not count.";
    case "AwaitingApproval":
      return "It goes on when everybody who has to agree did. A decision that is not on the list below did not count.";
    case "Ready":
      return "Everything is approved. The role is granted when the requester starts it.";
    case "Granting":
      return "The directory is being asked for the role.";
    case "Active":
      return "The role is active: the directory was read back.";
    case "Ending":
      return "The access remains until the role is removed. The directory refuses that in the first five minutes; it is tried until the role is gone.";
    case "Refused":
      return `${reasonText(state.closing)} The ticket is not used up: when that has changed, ask again with zs request and a new --key.`;
    default:
      return reasonText(state.closing);
  }
}

const waitingFacts = ({ waitingFor }: Pick<ReturnType<typeof viewOf>, "waitingFor">): readonly Fact[] =>
  waitingFor.map(({ requirement, persons, since }) => ({
    label: `Waiting: ${requirement}`,
    value: `${persons.map(({ name }) => name).join(", ")}, since ${instantText(since)}`,
  }));

function timeFacts(state: ActivationState): readonly Fact[] {
  switch (state.status) {
    case "AwaitingStepUp":
      return [{ label: "Waits until", value: instantText(state.stepUpBy) }];
    case "AwaitingApproval":
      return [{ label: "Waits until", value: instantText(state.decideBy) }];
    case "Ready":
      return [{ label: "Can be started", value: `${instantText(state.opensAt)} to ${instantText(state.lapsesAt)}` }];
    case "Active":
    case "Ending":
    case "Ended":
      return [
        { label: "Active from", value: instantText(state.startsAt) },
        ...(state.status === "Ending" && state.notBefore > state.since
          ? [{ label: "Next try", value: instantText(state.notBefore) }]
          : []),
        state.status === "Ended"
          ? { label: "Gone since", value: instantText(state.since) }
          : { label: "Ends at the latest", value: instantText(state.endsAt) },
      ];
    default:
      return [];
  }
}

function tokensUntil(state: ActivationState) {
  if (state.status === "Ended") return plus(state.since, TOKENS_LIVE_MS);
  return state.status === "Active" || state.status === "Ending" ? plus(state.endsAt, TOKENS_LIVE_MS) : undefined;
}

function nextFor({ links, waitingFor }: ReturnType<typeof viewOf>, viewer: PersonKey): ActivationPageView["next"] {
  const { stepUp, decide, start } = links;
  if (stepUp !== undefined) return { href: stepUp, label: "Confirm the request" };
  if (start !== undefined) return { href: start, label: "Start the role" };
  if (decide === undefined) return undefined;
  const isAsked = waitingFor.some(({ persons }) => persons.some(({ key }) => key === viewer));
  return { href: decide, label: isAsked ? "Read and decide" : "Read, and deny if it should not go on" };
}

/** What this viewer may stop now: anybody concerned ends the access, only the requester withdraws. */
export function stopFor(state: ActivationState, isRequester: boolean): "end" | "withdraw" | undefined {
  switch (state.status) {
    case "Active":
    case "Granting":
      return "end";
    case "Requested":
    case "AwaitingStepUp":
    case "AwaitingApproval":
    case "Ready":
      return isRequester ? "withdraw" : undefined;
    default:
      return undefined;
  }
}

/** Something is changing within seconds: the page looks again by itself. */
const isUnderWay = ({ pending }: ActivationRecord, state: ActivationState): boolean =>
  !isFinal(state) &&
  (["Requested", "Granting", "Ending"].includes(state.status) ||
    pending.some(({ body }) => body.kind === "proof" || body.kind === "stop"));
