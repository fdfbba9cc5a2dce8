import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import { classifyDirectoryAnswer } from "../../shared/domain/directory-answer.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import { appendOrLog } from "../audit/append-or-log.ts";
import { event } from "./change.ts";
import { isHeldByActivation } from "./held-by-activation.ts";
import { readBackAbsence } from "./read-back.ts";
import type { Sweeper } from "./sweep.ts";

/** What became of the wish to end what somebody activated in PIM itself. */
export type SelfActivatedEnd =
  | { readonly kind: "ended"; readonly eligible: boolean | null }
  /** The directory ends nothing in its first five minutes. */
  | { readonly kind: "tooYoung"; readonly notBefore: Instant }
  /** It ended by itself, or changed since it was listed. */
  | { readonly kind: "notThere" }
  | { readonly kind: "notEnded"; readonly because: string };

const SWEEPER = { kind: "system", part: "sweeper" } as const;
/** @see https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignmentschedulerequests */
const UNTOUCHABLE_MS = 5 * MINUTE_MS;

/** Only what a person activated in PIM itself: never what was assigned, never a break-glass account, never through a group. */
export const mayBeEnded = (
  { assignmentType, memberType, principalId }: ActiveAssignment,
  { selfActivated, mode, breakGlassAccounts }: Policy,
): boolean =>
  selfActivated === "end" &&
  mode === "enforce" &&
  assignmentType.toLowerCase() === "activated" &&
  memberType === "Direct" &&
  !breakGlassAccounts.includes(principalId);

/**
 * Ends one row once: written down before, read back after; where the trail cannot be written, it is ended all the same. Looks again first, because a removal names only person, role
 * and scope, and must not meet another row of the same. May run again at any time.
 */
export async function endSelfActivated(
  sweeper: Sweeper,
  row: ActiveAssignment,
  findingId: string,
): Promise<SelfActivatedEnd> {
  const { directory, clock, policies } = sweeper;
  const now = clock.now();
  const notBefore = plus(row.startsAt ?? now, UNTOUCHABLE_MS);
  if (row.startsAt !== undefined && now < notBefore) return { kind: "tooYoung", notBefore };
  const found = (await directory.activeAssignments(row)).find(({ scheduleId }) => scheduleId === row.scheduleId);
  if (!found || !mayBeEnded(found, policies.policy) || (await isHeldByActivation(sweeper, found)))
    return { kind: "notThere" };
  const data = { finding: "foreignAssignment", ...aboutRow(row) };
  await appendOrLog(sweeper, "findings", `ending-${findingId}`, event("RemovalAttempted", now, data, SWEEPER));
  const answer = await directory.remove(row, {
    justification: `ZS ${findingId} SelfActivated: activated outside of Zero Standing`,
    correlationId: crypto.randomUUID(),
  });
  const outcome = classifyDirectoryAnswer(answer, "remove");
  const mayBeGone = outcome === "verify" || outcome === "gone" || outcome === "look";
  if (!mayBeGone || !(await readBackAbsence(sweeper, row, row.scheduleId)))
    return { kind: "notEnded", because: answer.kind === "refused" ? answer.code : outcome };
  const eligible = await isStillEligible(sweeper, row);
  await appendOrLog(
    sweeper,
    "findings",
    `ended-${findingId}`,
    event("SelfActivationEnded", clock.now(), { ...data, absenceReadAt: clock.now(), eligible }, SWEEPER),
  );
  return { kind: "ended", eligible };
}

/** What the trail says about a row. */
export const aboutRow = (row: ActiveAssignment) => ({
  principalId: row.principalId,
  roleDefinitionId: row.roleDefinitionId,
  directoryScopeId: row.directoryScopeId,
  scheduleId: row.scheduleId,
  assignmentType: row.assignmentType,
  endsAt: row.endsAt ?? null,
});

/** The directory was seen to drop an eligibility with its activation; `null` when it cannot be asked now. */
async function isStillEligible({ directory }: Sweeper, row: ActiveAssignment): Promise<boolean | null> {
  try {
    const eligibilities = await directory.eligibilities(row.principalId);
    return eligibilities.some(
      (one) => one.roleDefinitionId === row.roleDefinitionId && one.directoryScopeId === row.directoryScopeId,
    );
  } catch {
    return null;
  }
}
