import type {
  Account,
  ActiveAssignment,
  Assignment,
  AssignmentRequest,
  DirectoryAnswer,
  Eligibility,
  Group,
} from "../../shared/domain/directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import { instant, MINUTE_MS, msOf, plus, type Instant } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";

interface Row extends Assignment {
  readonly scheduleId: string;
  readonly startsAt: Instant;
  endsAt: Instant;
  readonly justification: string;
  removed: boolean;
}

/** A directory with PIM's rules that matter to the process: own end, five minutes, one row per triple, lost replies. */
export class MemoryDirectory implements RoleDirectory {
  readonly rows: Row[] = [];
  readonly accounts = new Map<string, Account>();
  readonly groups = new Map<string, Group>();
  readonly managerOf = new Map<string, PrincipalId>();
  readonly eligible: Eligibility[] = [];
  readonly writes: { readonly action: "assign" | "remove"; readonly at: Instant }[] = [];
  /** The next writes: the effect happens or not, and this is answered instead. */
  readonly faults: { readonly effect: boolean; readonly answer: DirectoryAnswer | "throws" }[] = [];
  readsFail = false;
  /** How a request reads whose assignment was taken away again; `undefined`: as before, with a removal beside it. */
  statusOfTaken: string | undefined;
  /** Moves starts and stretches durations, as a directory gone wrong would. */
  stretchMs = 0;
  readonly #now: () => Instant;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  async eligibilities(principalId: PrincipalId): Promise<readonly Eligibility[]> {
    this.#read();
    return this.eligible.filter((one) => one.principalId === principalId);
  }

  async activeAssignments(wanted: Assignment): Promise<readonly ActiveAssignment[]> {
    this.#read();
    return this.live()
      .filter((row) => sameTriple(row, wanted))
      .map(shown);
  }

  async activeAssignmentsOfRoles(): Promise<readonly ActiveAssignment[]> {
    this.#read();
    return this.live().map(shown);
  }

  async assignmentRequests(wanted: Assignment): Promise<readonly AssignmentRequest[]> {
    this.#read();
    return this.rows
      .filter((row) => sameTriple(row, wanted))
      .flatMap((row) => {
        const { scheduleId: id, justification, startsAt: createdAt } = row;
        const made = { id, action: "adminAssign", justification, targetScheduleId: id, createdAt };
        const removal = { ...made, id: `removal-${id}`, action: "adminRemove", justification: "", status: "Revoked" };
        if (row.removed && this.statusOfTaken !== undefined) return [{ ...made, status: this.statusOfTaken }];
        return [{ ...made, status: "Provisioned" }, ...(row.removed ? [removal] : [])];
      })
      .toReversed();
  }

  async assign(assignment: Assignment, grant: Parameters<RoleDirectory["assign"]>[1]): Promise<DirectoryAnswer> {
    return this.#write("assign", () => {
      if (this.live().some((row) => sameTriple(row, assignment))) return refusedWith("RoleAssignmentExists");
      const now = this.#now();
      const scheduleId = `schedule-${this.rows.length + 1}`;
      this.rows.push({
        principalId: assignment.principalId,
        roleDefinitionId: assignment.roleDefinitionId,
        directoryScopeId: assignment.directoryScopeId,
        scheduleId,
        startsAt: now,
        endsAt: plus(now, grant.durationMs + this.stretchMs),
        justification: grant.justification,
        removed: false,
      });
      return accepted(scheduleId, "Provisioned");
    });
  }

  async remove(assignment: Assignment): Promise<DirectoryAnswer> {
    return this.#write("remove", () => {
      const row = this.live().find((one) => sameTriple(one, assignment));
      if (!row) return refusedWith("RoleAssignmentDoesNotExist");
      if (msOf(this.#now()) < msOf(row.startsAt) + 5 * MINUTE_MS) return refusedWith("ActiveDurationTooShort");
      row.removed = true;
      row.endsAt = this.#now();
      return accepted(row.scheduleId, "Revoked");
    });
  }

  async account(id: PrincipalId): Promise<Account | undefined> {
    this.#read();
    return this.accounts.get(id);
  }

  async group(id: PrincipalId): Promise<Group | undefined> {
    this.#read();
    return this.groups.get(id);
  }

  async manager(of: PrincipalId): Promise<PrincipalId | undefined> {
    this.#read();
    return this.managerOf.get(of);
  }

  /** Rows in force now. */
  live(): readonly Row[] {
    return this.rows.filter((row) => !row.removed && row.endsAt > this.#now());
  }

  #read(): void {
    if (this.readsFail) throw new DependencyError("Unavailable", "the directory does not answer");
  }

  #write(action: "assign" | "remove", effect: () => DirectoryAnswer): DirectoryAnswer {
    this.writes.push({ action, at: this.#now() });
    const fault = this.faults.shift();
    if (!fault) return effect();
    if (fault.effect) effect();
    if (fault.answer === "throws") throw new Error("the process died");
    return fault.answer;
  }
}

const shown = (row: Row): ActiveAssignment => ({
  principalId: row.principalId,
  roleDefinitionId: row.roleDefinitionId,
  directoryScopeId: row.directoryScopeId,
  scheduleId: row.scheduleId,
  assignmentType: "Assigned",
  memberType: "Direct",
  startsAt: row.startsAt,
  endsAt: row.endsAt,
});

const sameTriple = (a: Assignment, b: Assignment): boolean =>
  a.principalId === b.principalId &&
  a.roleDefinitionId === b.roleDefinitionId &&
  a.directoryScopeId === b.directoryScopeId;

const accepted = (scheduleId: string, status: string): DirectoryAnswer => ({
  kind: "accepted",
  requestId: scheduleId,
  status,
  scheduleId,
  correlationId: "",
});

export const refusedWith = (code: string, httpStatus = 400): DirectoryAnswer => ({
  kind: "refused",
  httpStatus,
  code,
  message: code,
  retryAfterMs: undefined,
  correlationId: "",
});

export const NO_ANSWER: DirectoryAnswer = { kind: "unknown", detail: "no answer", retryAfterMs: undefined };

export const START = instant(Date.UTC(2026, 10, 24, 9));
