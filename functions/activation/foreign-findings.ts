import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ActiveAssignment } from "../../shared/domain/directory.ts";
import { standingId, type OpenFinding } from "../../shared/domain/finding.ts";
import type { Deliveries } from "../../shared/ports/controls.ts";
import type { Findings } from "../../shared/ports/findings.ts";
import { instantText } from "../pages/format.ts";
import { HOUR_MS, plus, type Instant } from "../../shared/domain/time.ts";
import { event } from "./change.ts";
import { mailFindings } from "./mail-findings.ts";
import type { Sweeper } from "./sweep.ts";

/** What comparing needs: reading, telling, and ending what the policy wants ended. */
export type Reconciler = Sweeper & { readonly deliveries: Deliveries; readonly findings: Findings };

/** What a run saw of one row. */
export interface SeenRow {
  readonly row: ActiveAssignment;
  /** `standing`: no activation is behind it; `over`: nothing to find any more; `unknown`: it could not be looked at. */
  readonly is: "standing" | "ended" | "over" | "unknown";
  /** What is to be told about it; `key` names the mail, so that it is sent once. */
  readonly told?: { readonly key: string; readonly line: string };
}

const KIND = "foreignAssignment";

export const findingId = (row: ActiveAssignment): string =>
  sha256Hex(`${row.principalId} ${row.roleDefinitionId} ${row.directoryScopeId} ${row.scheduleId}`).slice(0, 32);

const openId = (row: ActiveAssignment): string => `foreign ${findingId(row)}`;

export function foreignText({ policies: { policy, people } }: Reconciler, row: ActiveAssignment): string {
  const role =
    policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === row.roleDefinitionId)?.name ??
    row.roleDefinitionId;
  const who = people.byAccount(row.principalId)?.name ?? row.principalId;
  return `${who} holds ${role} at ${row.directoryScopeId} (${row.endsAt ? `until ${instantText(row.endsAt)}` : "without an end"}), and no activation of this system stands behind it.`;
}

/** Before anything is done about the row: what ends, and whose mail is lost, is told at a later run. */
export async function keepUntold(reconciler: Reconciler, row: ActiveAssignment): Promise<void> {
  const { findings, clock } = reconciler;
  const before = (await findings.open()).find(({ id }) => id === openId(row));
  if (!before?.untold) await findings.put([findingOf(reconciler, row, before?.since ?? clock.now(), true)]);
}

const findingOf = (
  reconciler: Reconciler,
  row: ActiveAssignment,
  since: OpenFinding["since"],
  untold: boolean,
): OpenFinding => ({
  id: openId(row),
  kind: KIND,
  text: foreignText(reconciler, row),
  since,
  ...(untold ? { untold: true } : {}),
});

/** Another process may have left something open: so often it is looked, when nothing is known to be. */
const LOOKED_AGAIN_AFTER_MS = HOUR_MS;

/**
 * Mails what is new and what an earlier run could not tell; then shows what stands, and says of the rest that it is gone.
 * Costs nothing where there is nothing. A crash between the mail and what remembers it repeats the mail. @throws what kept
 * the mail or the findings
 */
export function tellAndShow(reconciler: Reconciler): (seen: readonly SeenRow[]) => Promise<void> {
  const { findings, deliveries, clock } = reconciler;
  let quietSince: Instant | undefined;
  return async (seen) => {
    const told = seen.flatMap((one) => one.told ?? []);
    const isQuiet = quietSince !== undefined && clock.now() < plus(quietSince, LOOKED_AGAIN_AFTER_MS);
    if (isQuiet && seen.every(({ is, told: news }) => is === "over" && !news)) return;
    quietSince = undefined;
    const [read] = await Promise.allSettled([findings.open()]); // the mail goes out also where it fails
    const open = read.status === "fulfilled" ? read.value : [];
    const known = open.filter(({ kind }) => kind === KIND);
    const here = new Set(seen.filter(({ is }) => is !== "over").map(({ row }) => openId(row)));
    const lost = known.filter(({ id, untold }) => untold && !here.has(id));
    const lines = [...told.map(({ line }) => line), ...lost.map(({ text }) => `${text} It is over by now.`)];
    if (lines.length > 0) {
      reconciler.log("error", "foreign assignments", { count: lines.length });
      await mailFindings(reconciler, "Roles are held outside of Zero Standing", lines);
    }
    for (const { key } of told) await deliveries.first("finding", key, clock.now());
    if (read.status === "rejected") throw read.reason;
    await show(reconciler, open, seen);
    if (here.size === 0) quietSince = clock.now();
  };
}

/** What the daily look names as standing is not shown twice. */
async function show(reconciler: Reconciler, open: readonly OpenFinding[], seen: readonly SeenRow[]): Promise<void> {
  const { findings, audit, clock } = reconciler;
  const now = clock.now();
  const before = new Map(open.map((finding) => [finding.id, finding]));
  const isElsewhere = ({ row }: SeenRow): boolean => before.has(standingId(row));
  const standing = seen.filter(({ is }) => is === "standing");
  const here = standing.filter((one) => !isElsewhere(one));
  const shown = here.map(({ row }) => findingOf(reconciler, row, before.get(openId(row))?.since ?? now, false));
  const changed = shown.filter(({ id, text }) => before.get(id)?.text !== text || before.get(id)?.untold);
  if (changed.length > 0) await findings.put(changed);
  const kept = new Set([...shown.map(({ id }) => id), ...idsOf(seen, "unknown")]);
  const gone = open.filter(({ id, kind }) => kind === KIND && !kept.has(id));
  const ended = idsOf(seen, "ended"); // that record is in the trail already
  const silent = new Set([...ended, ...standing.filter(isElsewhere).map(({ row }) => openId(row))]);
  for (const { id, since } of gone.filter((one) => !silent.has(one.id))) {
    const key = `gone-${KIND}-${sha256Hex(`${id} ${since}`).slice(0, 32)}`;
    const data = { finding: KIND, id, since };
    await audit.append("findings", key, event("FindingGone", now, data, { kind: "system", part: "sweeper" }));
  }
  if (gone.length > 0) await findings.remove(gone.map(({ id }) => id));
}

const idsOf = (seen: readonly SeenRow[], wanted: SeenRow["is"]): readonly string[] =>
  seen.filter(({ is }) => is === wanted).map(({ row }) => openId(row));
