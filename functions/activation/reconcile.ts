import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import type { AuditEvent } from "../../shared/domain/audit-event.ts";
import type { Deliveries } from "../../shared/ports/controls.ts";
import { appendOrLog } from "../audit/append-or-log.ts";
import { instantText } from "../pages/format.ts";
import { event } from "./change.ts";
import { aboutRow, endSelfActivated, mayBeEnded, type SelfActivatedEnd } from "./end-self-activated.ts";
import { isHeldByActivation } from "./held-by-activation.ts";
import { mailTo } from "./messages.ts";
import type { Sweeper } from "./sweep.ts";

/** What comparing needs: reading, telling, and ending what the policy wants ended. */
export type Reconciler = Sweeper & { readonly deliveries: Deliveries };

interface Told {
  /** Names the mail about this row, so that it is sent once. */
  readonly key: string;
  readonly line: string;
}

/**
 * Every five minutes: each active row of a brokered role must map to exactly one activation of ours (I8). What does not is a
 * finding: one audit record and one mail, once for each row. What somebody activated in PIM itself is ended where the policy
 * says so, tried again at each run until it is gone. Break-glass accounts are expected to stand. A fault with one row holds
 * up no other. @throws what a row could not be looked at for, when all the others are done
 */
export async function reconcile(reconciler: Reconciler): Promise<void> {
  const { policy } = reconciler.policies;
  const rows = await reconciler.directory.activeAssignmentsOfRoles(policy.roles.map((role) => role.roleDefinitionId));
  const told: Told[] = [];
  const faults: unknown[] = [];
  for (const row of rows) {
    if (row.memberType !== "Direct" || policy.breakGlassAccounts.includes(row.principalId)) continue;
    try {
      const news = await newsOf(reconciler, row);
      if (news) told.push(news);
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown";
      reconciler.log("error", "row not reconciled", { finding: findingId(row), problem });
      faults.push(error);
    }
  }
  if (told.length > 0) await tell(reconciler, told);
  if (faults.length > 0) throw faults[0];
}

/** What is to be told about a row that no activation holds, and was not told before. */
async function newsOf(reconciler: Reconciler, row: ActiveAssignment): Promise<Told | undefined> {
  if (await isHeldByActivation(reconciler, row)) return undefined;
  const id = findingId(row);
  const known = await reconciler.deliveries.seen("finding", id);
  if (!mayBeEnded(row, reconciler.policies.policy)) {
    if (known) return undefined;
    await reconciler.audit.append("findings", `foreign-${id}`, foundEvent(reconciler, row));
    return { key: id, line: lineOf(reconciler, row) };
  }
  if (!known) await appendOrLog(reconciler, "findings", `foreign-${id}`, foundEvent(reconciler, row));
  const news = await end(reconciler, row);
  return known && news?.key === id ? undefined : news;
}

async function end(reconciler: Reconciler, row: ActiveAssignment): Promise<Told | undefined> {
  const id = findingId(row);
  const came = await endSelfActivated(reconciler, row, id).catch((error: unknown): SelfActivatedEnd => {
    const because = error instanceof Error ? error.message : "unknown";
    return { kind: "notEnded", because };
  });
  if (came.kind === "notThere") return undefined;
  if (came.kind === "notEnded") reconciler.log("error", "not ended", { finding: id, because: came.because });
  return { key: came.kind === "ended" ? `${id}-ended` : id, line: `${lineOf(reconciler, row)} ${endText(came)}` };
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

const findingId = (row: ActiveAssignment): string =>
  sha256Hex(`${row.principalId} ${row.roleDefinitionId} ${row.directoryScopeId} ${row.scheduleId}`).slice(0, 32);

const foundEvent = ({ clock }: Reconciler, row: ActiveAssignment): AuditEvent =>
  event(
    "FindingReported",
    clock.now(),
    { finding: "foreignAssignment", ...aboutRow(row) },
    { kind: "system", part: "sweeper" },
  );

function lineOf({ policies: { policy, people } }: Reconciler, row: ActiveAssignment): string {
  const role =
    policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === row.roleDefinitionId)?.name ??
    row.roleDefinitionId;
  const who = people.byAccount(row.principalId)?.name ?? row.principalId;
  return `${who} holds ${role} at ${row.directoryScopeId} (${row.endsAt ? `until ${instantText(row.endsAt)}` : "without an end"}), and no activation of this system stands behind it.`;
}

/**
 * A crash between the mail and what remembers it repeats the mail. One that cannot be sent is tried again at the next run
 * while the row stands; of a row that is gone by then the trail and the log speak.
 */
async function tell({ notifier, policies, deliveries, clock, log }: Reconciler, told: readonly Told[]): Promise<void> {
  log("error", "foreign assignments", { count: told.length });
  const message = mailTo(
    policies.policy.alertMail,
    "Roles are held outside of Zero Standing",
    told.map(({ line }) => line),
    "https://entra.microsoft.com",
    "Open Entra",
  );
  if (message.channel === "mail") await notifier.mail({ ...message, activationId: undefined });
  for (const { key } of told) await deliveries.first("finding", key, clock.now());
}
