import { kindOfWindow, writePimAudit } from "./audit-log.ts";
import { isOpen, type RoleRow } from "./facts.ts";
import type { DirectoryState } from "./state.ts";

const PIM = { kind: "service", id: "pim" } as const;

/**
 * Does what the directory has done by itself until now: windows that ran out are in the audit log, requests whose
 * window began are provisioned. A row is in force by the clock alone; nothing here ends one.
 */
export function letTimePass(state: DirectoryState, now: number): void {
  const ended = [...state.rows.all()].filter(
    (row) => row.endsAt !== null && row.endsAt <= now && row.removedAt === null && !row.expiryLogged,
  );
  const begun = [...state.requests.all()].filter((request) => {
    const row = isOpen(request) && request.targetScheduleId ? state.rows.get(request.targetScheduleId) : undefined;
    return row !== undefined && row.startsAt <= now;
  });
  if (ended.length + begun.length === 0) return;
  state.write(() => {
    for (const row of ended) logExpiry(state, row);
    for (const request of begun)
      state.requests.put(request.id, { ...request, status: "Provisioned", completedAt: now });
  });
}

function logExpiry(state: DirectoryState, row: RoleRow): void {
  state.rows.put(row.id, { ...row, expiryLogged: true });
  writePimAudit(state, {
    name:
      row.assignmentType === "Activated"
        ? "Remove member from role (PIM activation expired)"
        : `Remove ${row.kind === "eligibility" ? "eligible " : ""}member from role in PIM completed ${kindOfWindow(row)}`,
    at: row.endsAt ?? 0,
    by: PIM,
    triple: row,
    requestId: row.createdUsing,
    window: row,
  });
}
