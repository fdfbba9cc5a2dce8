import type {
  Account,
  ActiveAssignment,
  Assignment,
  AssignmentRequest,
  DirectoryAnswer,
  Eligibility,
  Group,
} from "../domain/directory.ts";
import type { PrincipalId, RoleDefinitionId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";

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
  account(id: PrincipalId): Promise<Account | undefined>;
  group(id: PrincipalId): Promise<Group | undefined>;
  manager(of: PrincipalId): Promise<PrincipalId | undefined>;
}
