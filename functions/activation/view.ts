import type { ActivationView } from "../../shared/contracts/activation-view.ts";
import type { ActivationRequest, ActivationState } from "../../shared/domain/activation.ts";
import type { Decision } from "../../shared/domain/approval.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { REASONS } from "../../shared/domain/reasons.ts";
import { formatDuration, type Instant } from "../../shared/domain/time.ts";
import type { GrantIntent, Verdict } from "../../shared/domain/verdict.ts";
import { digestOf } from "../../shared/crypto/digest.ts";
import type { ActivationOutline, SealedRow } from "../../shared/ports/activation-store.ts";
import type { Door } from "../door.ts";
import { stateOf } from "./facts.ts";

/** The request as stored. For showing only: the seal is the worker's to check. */
export function shownRequest(record: ActivationOutline): ActivationRequest | undefined {
  return record.requests.map((row) => shown(row) as ActivationRequest | undefined).at(-1);
}

/** What a stored text says. One that somebody spoiled is left out: it must not keep the page from all the others. */
function shown({ body }: SealedRow): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The verified sign-ins as stored, of every revision. For showing only. */
export const shownVerdicts = (record: ActivationOutline): readonly Verdict[] =>
  record.verdicts
    .map((row) => shown(row) as Partial<Verdict> | null | undefined)
    .filter((verdict): verdict is Verdict => {
      if (!verdict?.purpose) return false;
      return verdict.purpose === "decision"
        ? verdict.decision?.verdict !== undefined
        : verdict.verifiedAt !== undefined;
    });

/** What the directory was asked, as stored. For showing only. */
export const shownIntents = (record: ActivationOutline): readonly GrantIntent[] =>
  record.intents
    .map((row) => shown(row) as Partial<GrantIntent> | null | undefined)
    .filter((intent): intent is GrantIntent => intent?.at !== undefined);

/** The decisions as stored for this revision. For showing only. */
export function shownDecisions(record: ActivationOutline): readonly Decision[] {
  const request = shownRequest(record);
  const digest = request && digestOf(request);
  return shownVerdicts(record).flatMap((verdict) =>
    verdict.purpose === "decision" && verdict.requestDigest === digest ? [verdict.decision] : [],
  );
}

/** An activation for the eyes of one person; links are only those that this person may use. */
export function viewOf(
  door: Pick<Door, "policies" | "links">,
  record: ActivationOutline,
  viewer: PersonKey,
): ActivationView {
  const { claim } = record;
  const { policy, people } = door.policies;
  const state = stateOf(record);
  const request = shownRequest(record);
  const named = (key: PersonKey): { key: string; name: string } => ({ key, name: people.byKey(key)?.name ?? key });
  const closing = "closing" in state ? state.closing : null;
  const role = policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === claim.roleDefinitionId);
  return {
    id: record.id,
    status: state.status,
    since: state.since,
    role: { id: claim.roleDefinitionId, name: request?.roleName ?? role?.name ?? claim.roleDefinitionId },
    scope: claim.directoryScopeId,
    person: named(claim.person),
    account: claim.principalId,
    door: claim.door,
    ticket: claim.ticket,
    justification: claim.justification,
    requestedAt: claim.claimedAt,
    duration: formatDuration("durationMs" in state ? state.durationMs : claim.durationMs),
    until: untilOf(state),
    held: "startsAt" in state ? { startsAt: state.startsAt, endsAt: state.endsAt } : null,
    waitingFor: waitingFor(state, request, shownDecisions(record)).map(({ requirement, persons }) => ({
      requirement,
      persons: persons.map(named),
      since: state.since,
    })),
    decisions: shownDecisions(record).map(({ person, decidedAt, verdict }) => ({
      person: named(person),
      decision: verdict.kind,
      at: decidedAt,
      detail:
        verdict.kind === "deny"
          ? verdict.reason
          : verdict.durationMs === undefined
            ? null
            : formatDuration(verdict.durationMs),
    })),
    closing: closing && {
      reason: closing.reason,
      sentence: REASONS[closing.reason],
      detail: closing.detail,
      by: closing.by === null ? null : named(closing.by),
    },
    links: linksFor(door, record, state, request, viewer),
  };
}

function untilOf(state: ActivationState): Instant | null {
  switch (state.status) {
    case "Requested":
    case "Granting":
      return state.giveUpAt;
    case "AwaitingStepUp":
      return state.stepUpBy;
    case "AwaitingApproval":
      return state.decideBy;
    case "Ready":
      return state.lapsesAt;
    case "Active":
      return state.endAt;
    case "Ending":
      return state.endsAt;
    default:
      return null;
  }
}

/** Who still has to do something. */
function waitingFor(
  state: ActivationState,
  request: ActivationRequest | undefined,
  decisions: readonly Decision[],
): readonly { readonly requirement: string; readonly persons: readonly PersonKey[] }[] {
  if (!request) return [];
  if (state.status === "AwaitingStepUp" || state.status === "Ready")
    return [{ requirement: state.status === "Ready" ? "Start" : "Sign-in", persons: [request.person] }];
  if (state.status !== "AwaitingApproval") return [];
  const approved = decisions.filter(({ verdict }) => verdict.kind === "approve").map(({ person }) => person);
  const backups = state.escalated ? request.approvers.filter(({ backup }) => backup).map(({ person }) => person) : [];
  return request.requirements
    .filter(({ persons, count }) => approved.filter((person) => persons.includes(person)).length < count)
    .map(({ name, persons }) => ({
      requirement: name,
      persons: [...persons, ...backups].filter((person) => !approved.includes(person)),
    }));
}

function linksFor(
  { links }: Pick<Door, "links">,
  record: ActivationOutline,
  state: ActivationState,
  request: ActivationRequest | undefined,
  viewer: PersonKey,
): ActivationView["links"] {
  const page = links.page(record.id);
  if (record.claim.person === viewer) {
    if (state.status === "AwaitingStepUp")
      return { page, stepUp: links.signed("stepUp", record.id, 0, state.stepUpBy) };
    if (state.status === "Ready") return { page, start: links.signed("start", record.id, 0, state.lapsesAt) };
    return { page };
  }
  const slot = request?.approvers.find(({ person }) => person === viewer)?.slot;
  const until =
    state.status === "AwaitingApproval" ? state.decideBy : state.status === "Ready" ? state.lapsesAt : undefined;
  return until !== undefined && slot !== undefined
    ? { page, decide: links.signed("decide", record.id, slot, until) }
    : { page };
}
