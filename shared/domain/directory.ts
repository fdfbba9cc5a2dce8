import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** One account's hold on one role at one scope. */
export interface Assignment {
  readonly principalId: PrincipalId;
  readonly roleDefinitionId: RoleDefinitionId;
  readonly directoryScopeId: DirectoryScopeId;
}

export interface Eligibility extends Assignment {
  readonly memberType: string;
  /** `undefined`: the directory does not say. */
  readonly startsAt?: Instant | undefined;
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
  /** Left out: the directory did not say, which it does to nobody who may not read that. */
  readonly enabled?: boolean;
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
