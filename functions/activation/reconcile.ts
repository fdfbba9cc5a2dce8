import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import type { AuditEvent } from "../../shared/domain/audit-event.ts";
import { exceptionFor, isStanding } from "../../shared/domain/posture.ts";
import { appendOrLog } from "../audit/append-or-log.ts";
import { event } from "./change.ts";
import { aboutRow, endSelfActivated, mayBeEnded, type SelfActivatedEnd } from "./end-self-activated.ts";
import { findingId, foreignText, keepUntold, tellAndShow, type Reconciler, type SeenRow } from "./foreign-findings.ts";
import { isHeldByActivation } from "./held-by-activation.ts";

/**
 * Every five minutes: each active row of a brokered role must map to exactly one activation of ours (I8). What does not is a
 * finding: one audit record and one mail, once for each row, and shown until it is gone. What somebody activated in PIM
 * itself is ended where the policy says so, tried again at each run until it is gone. Break-glass accounts are expected to
 * stand. A fault with one row holds up no other. @throws what a row could not be looked at for, when all the others are done
 */
export function reconcile(reconciler: Reconciler): () => Promise<void> {
  const told = tellAndShow(reconciler);
  return async () => {
    const { policy } = reconciler.policies;
    const ids = policy.roles.map((role) => role.roleDefinitionId);
    const seen: SeenRow[] = [];
    const faults: unknown[] = [];
    for (const row of await reconciler.directory.activeAssignmentsOfRoles(ids)) {
      if (row.memberType !== "Direct" || policy.breakGlassAccounts.includes(row.principalId)) continue;
      try {
        seen.push({ row, ...(await lookAt(reconciler, row)) });
      } catch (error) {
        const problem = error instanceof Error ? error.message : "unknown";
        reconciler.log("error", "row not reconciled", { finding: findingId(row), problem });
        seen.push({ row, is: "unknown" });
        faults.push(error);
      }
    }
    await told(seen).catch((error: unknown) => faults.push(error));
    if (faults.length > 0) throw faults[0];
  };
}

/** Looks at a row, ends it where it is to be ended, and says what was not told before. */
async function lookAt(reconciler: Reconciler, row: ActiveAssignment): Promise<Omit<SeenRow, "row">> {
  if (isExcepted(reconciler, row) || (await isHeldByActivation(reconciler, row))) return { is: "over" };
  const id = findingId(row);
  const known = await reconciler.deliveries.seen("finding", id);
  if (!mayBeEnded(row, reconciler.policies.policy)) {
    if (known) return { is: "standing" };
    await keepUntold(reconciler, row);
    await reconciler.audit.append("findings", `foreign-${id}`, foundEvent(reconciler, row));
    return { is: "standing", told: { key: id, line: foreignText(reconciler, row) } };
  }
  if (!known) {
    await keepUntold(reconciler, row).catch((error: unknown) => {
      reconciler.log("error", "finding not kept", { finding: id, problem: String(error) });
    });
    await appendOrLog(reconciler, "findings", `foreign-${id}`, foundEvent(reconciler, row));
  }
  const looked = await end(reconciler, row);
  return known && looked.told?.key === id ? { is: looked.is } : looked;
}

/** Stands permanently because the policy says so, which two persons accepted. */
const isExcepted = ({ policies: { policy }, clock }: Reconciler, row: ActiveAssignment): boolean =>
  isStanding(row) && exceptionFor(row, policy.governance?.exceptions ?? [], clock.now()) !== undefined;

async function end(reconciler: Reconciler, row: ActiveAssignment): Promise<Omit<SeenRow, "row">> {
  const id = findingId(row);
  const came = await endSelfActivated(reconciler, row, id).catch((error: unknown): SelfActivatedEnd => {
    const because = error instanceof Error ? error.message : "unknown";
    return { kind: "notEnded", because };
  });
  if (came.kind === "notThere") return { is: "over" };
  if (came.kind === "notEnded") reconciler.log("error", "not ended", { finding: id, because: came.because });
  const line = `${foreignText(reconciler, row)} ${endText(came)}`;
  return came.kind === "ended"
    ? { is: "ended", told: { key: `${id}-ended`, line } }
    : { is: "standing", told: { key: id, line } };
}

function endText(came: Exclude<SelfActivatedEnd, { readonly kind: "notThere" }>): string {
  switch (came.kind) {
    case "ended":
      return came.eligible === false
        ? "It was ended, and the eligibility behind it is gone too: if nobody removed it, give it back."
        : "It was ended.";
    case "tooYoung":
      return `It will be ended: the directory ends nothing in its first five minutes, which are over at ${came.notBefore}.`;
    case "notEnded":
      return `It could not be ended yet (${came.because}) and is tried again every five minutes.`;
  }
}

const foundEvent = ({ clock }: Reconciler, row: ActiveAssignment): AuditEvent =>
  event(
    "FindingReported",
    clock.now(),
    { finding: "foreignAssignment", ...aboutRow(row) },
    { kind: "system", part: "sweeper" },
  );
