import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";

/** One account's hold on one role at one scope. */
export interface Assignment {
  readonly principalId: PrincipalId;
  readonly roleDefinitionId: RoleDefinitionId;
  readonly directoryScopeId: DirectoryScopeId;
}

export interface Eligibility extends Assignment {
  readonly memberType: string;
  readonly endsAt: Instant | undefined;
}

/** An active row as the directory shows it now. */
export interface ActiveAssignment extends Assignment {
  readonly scheduleId: string;
  /** `Assigned` or `Activated`, as the directory spells it. */
  readonly assignmentType: string;
  readonly memberType: string;
  readonly startsAt: Instant | undefined;
  /** `undefined`: permanent. */
  readonly endsAt: Instant | undefined;
}

/** A schedule request as stored by the directory: ours carries the activation id in its justification. */
export interface AssignmentRequest {
  readonly id: string;
  readonly status: string;
  readonly action: string;
  readonly justification: string;
  readonly targetScheduleId: string | undefined;
  readonly createdAt: Instant | undefined;
}

export interface Account {
  readonly id: PrincipalId;
  readonly enabled: boolean;
  /** `Member` or `Guest`. */
  readonly userType: string;
}

export interface Group {
  readonly id: PrincipalId;
  readonly assignableToRole: boolean;
  readonly dynamic: boolean;
  readonly nested: boolean;
  readonly owned: boolean;
  /** Direct user members. */
  readonly members: readonly PrincipalId[];
}

/** What a write to the directory came to; `classifyDirectoryAnswer` in the domain judges it. */
export type DirectoryAnswer =
  | {
      readonly kind: "accepted";
      readonly requestId: string;
      readonly status: string;
      readonly scheduleId: string | undefined;
      readonly correlationId: string;
    }
  | {
      readonly kind: "refused";
      readonly httpStatus: number;
      readonly code: string;
      readonly message: string;
      readonly retryAfterMs: number | undefined;
      readonly correlationId: string;
    }
  /** No answer, or one that does not say whether the effect happened. */
  | { readonly kind: "unknown"; readonly detail: string; readonly retryAfterMs: number | undefined };

/**
 * The directory's roles and people. Reads throw `DependencyError`; reads may be repeated freely (the adapter itself
 * retries reads with `Retry-After`). Writes are sent once, never repeated by the adapter, and answer a value.
 */
export interface RoleDirectory {
  eligibilities(principalId: PrincipalId): Promise<readonly Eligibility[]>;
  /** Rows in force now for exactly this principal, role and scope, followed over all pages. */
  activeAssignments(assignment: Assignment): Promise<readonly ActiveAssignment[]>;
  /** Every direct row in force now of the given roles. */
  activeAssignmentsOfRoles(roles: readonly RoleDefinitionId[]): Promise<readonly ActiveAssignment[]>;
  /** All schedule requests for exactly this principal, role and scope, newest first. */
  assignmentRequests(assignment: Assignment): Promise<readonly AssignmentRequest[]>;
  assign(
    assignment: Assignment,
    grant: {
      readonly durationMs: number;
      readonly justification: string;
      readonly ticketNumber: string;
      readonly ticketSystem: string;
      readonly startsAt: Instant;
      readonly correlationId: string;
    },
  ): Promise<DirectoryAnswer>;
  remove(
    assignment: Assignment,
    removal: { readonly justification: string; readonly correlationId: string },
  ): Promise<DirectoryAnswer>;
  /** Gives back an eligibility that got lost. */
  restoreEligibility(
    eligibility: Eligibility,
    restoration: { readonly justification: string; readonly correlationId: string },
  ): Promise<DirectoryAnswer>;
  account(id: PrincipalId): Promise<Account | undefined>;
  group(id: PrincipalId): Promise<Group | undefined>;
  manager(of: PrincipalId): Promise<PrincipalId | undefined>;
}
