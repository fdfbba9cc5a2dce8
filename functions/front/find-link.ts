import { digestOf } from "../../shared/crypto/digest.ts";
import { readLink, type Link, type LinkPurpose } from "../../shared/crypto/link.ts";
import { isFinal, type ActivationRequest, type ActivationState } from "../../shared/domain/activation.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { msOf, SECOND_MS } from "../../shared/domain/time.ts";
import type { ActivationOutline } from "../../shared/ports/activation-store.ts";
import { stateOf } from "../activation/facts.ts";
import { shownDecisions, shownRequest } from "../activation/view.ts";
import type { Front } from "./front.ts";
import type { Viewer } from "./session.ts";

/** A link of ours with what it is about. The request is as stored: its seal is the worker's to check. */
export interface FoundLink {
  readonly link: ActivationLink;
  readonly path: string;
  readonly record: ActivationOutline;
  readonly state: ActivationState;
  readonly request: ActivationRequest;
  readonly digest: string;
  /** Person the link was made for; `undefined`: nobody any more, the approvers were chosen anew. */
  readonly person: PersonKey | undefined;
}

/** A link about an activation; those about changes lead elsewhere. */
export type ActivationLink = Link & { readonly purpose: Exclude<LinkPurpose, "change"> };

const isAboutActivation = (link: Link): link is ActivationLink => link.purpose !== "change";

/** What a link is good for now. */
export type Standing =
  /** May be used. */
  | "open"
  /** Approved so far, by this person or by all: until the grant it may still be denied (I4). */
  | "deniable"
  /** Signed in as somebody else. */
  | "foreign"
  /** Too early: the request is still being prepared. */
  | "early"
  /** Done: proven, started or decided, by this person or by others. */
  | "used"
  /** The request was changed and asks again, through other links. */
  | "superseded"
  /** The request is finished. */
  | "closed";

/** Reads the token; nothing is looked up for one that is not ours or too old. */
export async function findLink(
  front: Pick<Front, "linkKeys" | "clock" | "store" | "publicUrl">,
  token: string,
): Promise<FoundLink | "unknown" | { readonly expired: Link }> {
  const link = readLink(token, front.linkKeys);
  if (!link || !isAboutActivation(link)) return "unknown";
  if (msOf(front.clock.now()) >= link.expiresAtSeconds * SECOND_MS) return { expired: link };
  const record = await front.store.outline(link.activationId);
  const request = record && shownRequest(record);
  if (!request) return "unknown";
  return {
    link,
    path: pathOf(front, `/api/l/${token}`),
    record,
    state: stateOf(record),
    request,
    digest: digestOf(request),
    person: link.slot === 0 ? request.person : request.approvers.find(({ slot }) => slot === link.slot)?.person,
  };
}

/** Path of one of our pages as browsers see it. */
export const pathOf = ({ publicUrl }: Pick<Front, "publicUrl">, path: string): string =>
  new URL(`${publicUrl}${path}`).pathname;

export function standingOf({ link, record, state, person }: FoundLink, viewer: Viewer | undefined): Standing {
  if (person === undefined) return isFinal(state) ? "closed" : "superseded";
  if (viewer && viewer.person.key !== person) return "foreign";
  if (isFinal(state)) return "closed";
  switch (state.status) {
    case "Requested":
      return "early";
    case "AwaitingStepUp":
      return link.purpose === "stepUp" ? "open" : "superseded";
    case "AwaitingApproval":
      if (link.purpose !== "decide") return link.purpose === "stepUp" ? "used" : "superseded";
      return shownDecisions(record).some((decision) => decision.person === person) ? "deniable" : "open";
    case "Ready":
      if (link.purpose === "decide") return "deniable";
      return link.purpose === "start" ? "open" : "used";
    default:
      return "used";
  }
}
