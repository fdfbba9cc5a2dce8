import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import type { Deliveries } from "../../shared/ports/controls.ts";
import { event } from "./change.ts";
import { isHeldByActivation } from "./held-by-activation.ts";
import { mailTo } from "./messages.ts";
import type { Sweeper } from "./sweep.ts";

/** What comparing needs: reading, and telling. */
export type Reconciler = Sweeper & { readonly deliveries: Deliveries };

/**
 * Every five minutes: each active row of a brokered role must map to exactly one activation of ours (I8). What does not is a
 * finding: one audit record and one mail, once for each row. Break-glass accounts are expected to stand.
 */
export async function reconcile(reconciler: Reconciler): Promise<void> {
  const { policy } = reconciler.policies;
  const rows = await reconciler.directory.activeAssignmentsOfRoles(policy.roles.map((role) => role.roleDefinitionId));
  const foreign: ActiveAssignment[] = [];
  for (const row of rows) {
    const expected = row.memberType !== "Direct" || policy.breakGlassAccounts.includes(row.principalId);
    if (expected || (await isHeldByActivation(reconciler, row)) || !(await isNew(reconciler, row))) continue;
    await record(reconciler, row);
    foreign.push(row);
  }
  if (foreign.length > 0) await tell(reconciler, foreign);
}

const isNew = ({ deliveries, clock }: Reconciler, row: ActiveAssignment): Promise<boolean> =>
  deliveries.first("finding", findingId(row), clock.now());

const findingId = (row: ActiveAssignment): string =>
  sha256Hex(`${row.principalId} ${row.roleDefinitionId} ${row.directoryScopeId} ${row.scheduleId}`).slice(0, 32);

async function record({ audit, clock }: Reconciler, row: ActiveAssignment): Promise<void> {
  const { principalId, roleDefinitionId, directoryScopeId, scheduleId, assignmentType, endsAt } = row;
  const data = {
    finding: "foreignAssignment",
    principalId,
    roleDefinitionId,
    directoryScopeId,
    scheduleId,
    assignmentType,
    endsAt: endsAt ?? null,
  };
  await audit.append(
    "findings",
    `foreign-${findingId(row)}`,
    event("FindingReported", clock.now(), data, { kind: "system", part: "sweeper" }),
  );
}

async function tell({ notifier, policies, log }: Reconciler, rows: readonly ActiveAssignment[]): Promise<void> {
  const { policy, people } = policies;
  const lines = rows.map((row) => {
    const role =
      policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === row.roleDefinitionId)?.name ??
      row.roleDefinitionId;
    const who = people.byAccount(row.principalId)?.name ?? row.principalId;
    return `${who} holds ${role} at ${row.directoryScopeId} (${row.endsAt ? `until ${row.endsAt}` : "without an end"}), and no activation of this system stands behind it.`;
  });
  log("error", "foreign assignments", { count: rows.length });
  const message = mailTo(
    policy.alertMail,
    "Roles are held outside of Zero Standing",
    lines,
    "https://entra.microsoft.com",
    "Open Entra",
  );
  if (message.channel === "mail") await notifier.mail({ ...message, activationId: undefined });
}
