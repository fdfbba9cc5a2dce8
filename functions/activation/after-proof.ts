import type { ActivationRequest, ActivationState } from "../../shared/domain/activation.ts";
import { tally, type Decision, type Tally } from "../../shared/domain/approval.ts";
import type { RolePolicy } from "../../shared/domain/policy.ts";
import { earliest, HOUR_MS, MINUTE_MS, msOf, plus, type Instant } from "../../shared/domain/time.ts";
import type { Verdict } from "../../shared/domain/verdict.ts";
import { closed, closingOf } from "./change.ts";

/** So long the directory is asked for a grant that may begin. */
export const GRANT_WITHIN_MS = 10 * MINUTE_MS;
const START_WITHIN_MS = 8 * HOUR_MS;

export const decisionsOf = (verdicts: readonly Verdict[]): readonly Decision[] =>
  verdicts.flatMap((verdict) => (verdict.purpose === "decision" ? [verdict.decision] : []));

/** The newest step-up or start of this request. */
export const newestSignIn = (verdicts: readonly Verdict[]): Instant | undefined =>
  verdicts
    .filter(({ purpose }) => purpose !== "decision")
    .map(({ authenticatedAt }) => authenticatedAt)
    .toSorted()
    .at(-1);

export const tallyOf = (request: ActivationRequest, verdicts: readonly Verdict[]): Tally =>
  request.approval === "automatic"
    ? { kind: "approved", by: [], durationMs: undefined }
    : tally(
        request.person,
        request.requirements,
        request.approvers.filter(({ backup }) => backup).map(({ person }) => person),
        decisionsOf(verdicts),
      );

/** Where the activation stands once the verdicts are what they are. */
export function stateAfter(
  request: ActivationRequest,
  role: RolePolicy,
  verdicts: readonly Verdict[],
  before: ActivationState,
  now: Instant,
): ActivationState {
  if (newestSignIn(verdicts) === undefined) return before;
  const result = tallyOf(request, verdicts);
  switch (result.kind) {
    case "denied":
      return closed("Denied", closingOf("RejectedByApprover", result.reason, result.by), now);
    case "open":
      return before.status === "AwaitingApproval" ? before : awaitingApproval(role, now);
    case "approved":
      return afterApproval(request, role, verdicts, result.durationMs ?? request.durationMs, now);
  }
}

function awaitingApproval(role: RolePolicy, now: Instant): ActivationState {
  const approval = role.approval.mode === "manual" ? role.approval : role.approval.unlessSelfMade;
  const decideBy = plus(now, approval?.decideWithinMs ?? HOUR_MS);
  const escalateAt = plus(now, approval?.escalateAfterMs ?? HOUR_MS);
  const nextReminderAt = earliest(plus(now, approval?.remindAfterMs ?? HOUR_MS), escalateAt, decideBy) ?? decideBy;
  return {
    status: "AwaitingApproval",
    since: now,
    decideBy,
    nextReminderAt,
    remindersSent: 0,
    escalateAt,
    escalated: false,
  };
}

/** Granted at once when policy and a fresh sign-in allow it and the window is open; otherwise it waits for Start. */
function afterApproval(
  request: ActivationRequest,
  role: RolePolicy,
  verdicts: readonly Verdict[],
  durationMs: number,
  now: Instant,
): ActivationState {
  const rule = role.tickets.find(
    ({ system, type }) => system === request.ticket.system && type === request.evidence.type,
  );
  const window = rule?.window === "required" ? request.evidence.window : undefined;
  const opensAt = window && rule ? plus(window.startsAt, -rule.graceMs) : now;
  const lapsesAt = window && rule ? plus(window.endsAt, rule.graceMs) : plus(now, START_WITHIN_MS);
  const signedInAt = newestSignIn(verdicts);
  const fresh = signedInAt !== undefined && msOf(now) - msOf(signedInAt) <= role.stepUp.maxAgeMs;
  const started = verdicts.some(({ purpose }) => purpose === "start") && fresh;
  const mayStart = started || (role.start === "immediate" && fresh);
  return mayStart && now >= opensAt
    ? granting(durationMs, now)
    : { status: "Ready", since: now, opensAt: opensAt > now ? opensAt : now, lapsesAt, durationMs };
}

const granting = (durationMs: number, now: Instant): ActivationState => ({
  status: "Granting",
  since: now,
  durationMs,
  attempt: 1,
  notBefore: now,
  giveUpAt: plus(now, GRANT_WITHIN_MS),
  stop: null,
});
