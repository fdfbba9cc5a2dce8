/** What the directory knows. Instants are milliseconds since the epoch. */

/** An object as Graph writes it. */
export type Entity = Readonly<Record<string, unknown>>;

export interface DirectoryUser {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  /** `null`: no mailbox. */
  readonly mail: string | null;
  readonly accountEnabled: boolean;
  readonly userType: "Member" | "Guest";
  readonly jobTitle: string | null;
  readonly employeeId: string | null;
  readonly managerId: string | null;
  readonly createdDateTime: string;
  readonly signInSessionsValidFromDateTime: string;
  readonly onPremisesSyncEnabled: boolean | null;
}

export interface DirectoryGroup {
  readonly id: string;
  readonly displayName: string;
  readonly isAssignableToRole: boolean | null;
  /** `DynamicMembership` with a `membershipRule`, or nothing. */
  readonly groupTypes: readonly string[];
  readonly membershipRule: string | null;
  readonly createdDateTime: string;
  readonly memberIds: readonly string[];
  readonly ownerIds: readonly string[];
  /** Who can activate membership or ownership (PIM for groups). */
  readonly eligible: readonly { readonly principalId: string; readonly accessId: "member" | "owner" }[];
}

export interface DirectoryApp {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly createdDateTime: string;
  /** Application permissions of Microsoft Graph, by name. */
  readonly permissions: readonly string[];
  readonly ownerIds: readonly string[];
  readonly servicePrincipalType: "Application" | "ManagedIdentity";
  readonly alternativeNames: readonly string[];
  /** Of the service principal itself. */
  readonly passwordCredentials: readonly KeyOfApp[];
  /** The app registration in this tenant behind it; `null`: a managed identity, or another tenant's application. */
  readonly registration: AppRegistration | null;
}

/** What of an app registration is not in its service principal. */
interface AppRegistration {
  readonly id: string;
  readonly ownerIds: readonly string[];
  readonly passwordCredentials: readonly KeyOfApp[];
  readonly keyCredentials: readonly Entity[];
  readonly federatedIdentityCredentials: readonly Entity[];
  /** Of the platform web; `null`: that of the stack's app. */
  readonly redirectUris: readonly string[] | null;
}

export interface KeyOfApp {
  readonly keyId: string;
  readonly displayName: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** The first three characters of the secret; `null`: those of the secret that the stack gave to the app. */
  readonly hint: string | null;
}

/** A delegated permission: what an application may do in the name of everybody, or of one person. */
export interface PermissionGrant {
  readonly id: string;
  readonly clientId: string;
  readonly consentType: "AllPrincipals" | "Principal";
  readonly principalId: string | null;
  readonly resourceId: string;
  /** Names, separated by spaces. */
  readonly scope: string;
}

/** Who did something: a person, an app, or (`service`) the directory itself. */
export interface Actor {
  readonly kind: "user" | "app" | "service";
  readonly id: string;
}

export type RowKind = "assignment" | "eligibility";

/** Principal, role and scope: what a row is about. */
export interface Triple {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}

/** A schedule: one window in which a principal holds a role (or may activate it). Kept after it ended. */
export interface RoleRow extends Triple {
  readonly id: string;
  readonly kind: RowKind;
  readonly assignmentType: "Assigned" | "Activated";
  readonly memberType: "Direct" | "Group" | "Inherited";
  readonly createdAt: number;
  readonly startsAt: number;
  /** `null`: permanent. */
  readonly endsAt: number | null;
  readonly removedAt: number | null;
  readonly removedBy: Actor | null;
  /** The end at `endsAt` has been written to the audit log. */
  readonly expiryLogged: boolean;
  /** The request it came from; `null`: made by other means. */
  readonly createdUsing: string | null;
  /** The eligibility row behind an activation. */
  readonly activatedUsing: string | null;
  readonly outsidePim: boolean;
  readonly by: Actor;
}

export interface TicketInfo {
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
}

/** `scheduleInfo` as Graph writes it. */
export interface ScheduleInfo {
  readonly startDateTime: string | null;
  readonly recurrence: null;
  readonly expiration: {
    readonly type: "noExpiration" | "afterDateTime" | "afterDuration";
    readonly endDateTime: string | null;
    readonly duration: string | null;
  };
}

export interface ScheduleRequest extends Triple {
  readonly id: string;
  readonly kind: RowKind;
  readonly status: string;
  readonly action: string;
  readonly createdAt: number;
  readonly completedAt: number | null;
  readonly isValidationOnly: boolean;
  readonly targetScheduleId: string | null;
  readonly justification: string | null;
  readonly ticketInfo: TicketInfo;
  readonly scheduleInfo: ScheduleInfo | null;
  readonly by: Actor;
}

export const endOf = (row: RoleRow): number => Math.min(row.endsAt ?? Infinity, row.removedAt ?? Infinity);
export const isInForce = (row: RoleRow, at: number): boolean => row.startsAt <= at && at < endOf(row);
/** In force or yet to come. */
export const isLive = (row: RoleRow, at: number): boolean => at < endOf(row);

export const sameTriple = (a: Triple, b: Triple): boolean =>
  a.principalId === b.principalId &&
  a.roleDefinitionId === b.roleDefinitionId &&
  a.directoryScopeId === b.directoryScopeId;

const OPEN_STATUSES = /^(granted|schedulecreated|accepted|provisioningstarted|adminapproved|pending.*)$/i;
/** Neither done nor failed: it can be cancelled, and blocks another request for the same triple. */
export const isOpen = (request: ScheduleRequest): boolean => OPEN_STATUSES.test(request.status);

export const instantText = (at: number): string => new Date(at).toISOString();

/** A review that runs once: its definition and decisions as Graph shows them. */
export interface AccessReview {
  readonly definition: Entity & { readonly displayName: string };
  readonly instance: Entity & { readonly id: string };
  readonly endsAt: number;
  readonly decisions: readonly (Entity & { readonly principal: { readonly id: string } })[];
}
