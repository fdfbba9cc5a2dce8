import { setTimeout as pause } from "node:timers/promises";
import type { ActivationRequest } from "../../shared/domain/activation.ts";
import type { ActiveAssignment, Assignment, AssignmentRequest } from "../../shared/domain/directory.ts";
import type { ActivationId } from "../../shared/domain/ids.ts";
import type { Worker } from "../worker.ts";

export type Found =
  | { readonly kind: "ours"; readonly row: ActiveAssignment }
  /** Somebody else's row holds the role. */
  | { readonly kind: "foreign" }
  /** Our request is stored, its row is not visible yet. */
  | { readonly kind: "underWay" }
  /** Our request is stored and came to nothing, or somebody took the role away again. */
  | { readonly kind: "over"; readonly status: string }
  | { readonly kind: "nothing" };

const OVER = [
  "revoked",
  "failed",
  "denied",
  "admindenied",
  "canceled",
  "timedout",
  "invalid",
  "failedasresourceislocked",
];

/**
 * Looks for this activation's own assignment by the id that its request carries. What the directory accepted once is
 * never asked for again, whatever became of it. May be repeated.
 */
export async function findOurs(
  worker: Pick<Worker, "directory">,
  request: Assignment & Pick<ActivationRequest, "activationId">,
): Promise<Found> {
  const [rows, requests] = await Promise.all([
    worker.directory.activeAssignments(request),
    worker.directory.assignmentRequests(request),
  ]);
  const own = requests.filter((one) => isMadeFor(one, request.activationId));
  const row = rows.find(({ scheduleId }) => own.some((one) => isScheduleOf(one, scheduleId)));
  if (row) return { kind: "ours", row };
  if (rows.some(({ memberType }) => memberType === "Direct")) return { kind: "foreign" };
  const [newest] = own;
  if (!newest) return { kind: "nothing" };
  const takenBack = requests.some((one) => isRemoval(one) && isScheduleOf(newest, one.targetScheduleId));
  if (takenBack) return { kind: "over", status: "Revoked" };
  return OVER.includes(newest.status.toLowerCase()) ? { kind: "over", status: newest.status } : { kind: "underWay" };
}

const isScheduleOf = ({ id, targetScheduleId }: AssignmentRequest, scheduleId: string | undefined): boolean =>
  scheduleId !== undefined && (scheduleId === targetScheduleId || scheduleId === id);

const isRemoval = ({ action, status }: AssignmentRequest): boolean =>
  action.toLowerCase() === "adminremove" && status.toLowerCase() === "revoked";

/**
 * Whether the directory itself says that the assignment was made for this activation. Our own rows are not asked: who
 * can edit them could have anybody's role removed (I5).
 */
export async function isOurs(
  worker: Pick<Worker, "directory">,
  request: Assignment & Pick<ActivationRequest, "activationId">,
  scheduleId: string,
): Promise<boolean> {
  const requests = await worker.directory.assignmentRequests(request);
  return requests.some((one) => isMadeFor(one, request.activationId) && isScheduleOf(one, scheduleId));
}

const isMadeFor = ({ action, justification }: AssignmentRequest, activationId: ActivationId): boolean =>
  action.toLowerCase() === "adminassign" && justification.startsWith(`ZS ${activationId} `);

const PAUSES_MS = [0, 50, 100, 200, 400, 800, 1_600];

/** Reads the granted row back; the read side of the directory lags behind, so it is asked a few times. */
export async function readBackGrant(
  worker: Pick<Worker, "directory">,
  request: Assignment,
  scheduleId: string | undefined,
): Promise<ActiveAssignment | undefined> {
  for (const ms of PAUSES_MS) {
    if (ms > 0) await pause(ms);
    const rows = await worker.directory.activeAssignments(request);
    const row = rows.find((one) =>
      scheduleId === undefined ? one.memberType === "Direct" : one.scheduleId === scheduleId,
    );
    if (row) return row;
  }
  return undefined;
}

/** Whether this very row is gone, asked a few times. */
export async function readBackAbsence(
  worker: Pick<Worker, "directory">,
  assignment: Assignment,
  scheduleId: string,
): Promise<boolean> {
  for (const ms of PAUSES_MS) {
    if (ms > 0) await pause(ms);
    const rows = await worker.directory.activeAssignments(assignment);
    if (!rows.some((row) => row.scheduleId === scheduleId)) return true;
  }
  return false;
}
