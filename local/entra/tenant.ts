import {
  ACCOUNTS,
  adminId,
  APPS,
  dailyId,
  DOMAIN,
  ELIGIBILITIES,
  GROUPS,
  LEGACY_SYNC,
  MICROSOFT_GRAPH,
  PIPELINE,
  PEOPLE,
  ROLES,
  STANDING,
} from "../seed.ts";
import { SEED_ACCOUNTS } from "./accounts.ts";
import type { DirectoryApp, DirectoryGroup, DirectoryUser, PermissionGrant, RoleRow, RowKind } from "./facts.ts";

const DAY_MS = 86_400_000;

/** The tenant before anything happens in it: everything was made ninety days ago. */
export function seedTenant(now: number): {
  readonly users: readonly DirectoryUser[];
  readonly groups: readonly DirectoryGroup[];
  readonly apps: readonly DirectoryApp[];
  readonly permissionGrants: readonly PermissionGrant[];
  readonly rows: readonly RoleRow[];
} {
  const madeAt = now - 90 * DAY_MS;
  return {
    users: seedUsers(madeAt),
    groups: seedGroups(madeAt),
    apps: seedApps(madeAt),
    permissionGrants: seedPermissionGrants(),
    rows: seedRows(madeAt),
  };
}

function seedUsers(madeAt: number): DirectoryUser[] {
  const daily = new Map(PEOPLE.map((person) => [dailyId(person.n), person]));
  const since = new Date(madeAt).toISOString();
  return SEED_ACCOUNTS.map(({ objectId, userName, displayName, enabled }) => {
    const person = daily.get(objectId);
    const hasMailbox = person !== undefined || objectId === ACCOUNTS.mailSender;
    return {
      id: objectId,
      displayName,
      userPrincipalName: userName,
      mail: hasMailbox ? userName : objectId === ACCOUNTS.guest ? "guest@partner.example" : null,
      accountEnabled: enabled,
      userType: objectId === ACCOUNTS.guest ? "Guest" : "Member",
      jobTitle: person?.title ?? null,
      employeeId: person ? String(person.n).padStart(5, "0") : null,
      managerId: person?.manager === undefined ? null : dailyId(person.manager),
      createdDateTime: since,
      signInSessionsValidFromDateTime: since,
      onPremisesSyncEnabled: objectId === ACCOUNTS.syncAccount ? true : null,
    };
  });
}

function seedGroups(madeAt: number): DirectoryGroup[] {
  const group = (id: string, displayName: string, memberIds: readonly string[], isAssignableToRole = true) => ({
    id,
    displayName,
    isAssignableToRole,
    groupTypes: [],
    membershipRule: null,
    createdDateTime: new Date(madeAt).toISOString(),
    memberIds,
    ownerIds: [],
    eligible: [],
  });
  return [
    group(GROUPS.securityApprovers, "Security approvers", [dailyId(3), dailyId(4), ACCOUNTS.adaSecondAdmin]),
    group(GROUPS.directoryOwners, "Directory owners", [dailyId(4), dailyId(8)]),
    group(GROUPS.onCall, "On call", [dailyId(2), dailyId(12), GROUPS.helpdeskTier2], false),
    group(GROUPS.helpdeskTier2, "Helpdesk tier 2", [dailyId(7), dailyId(11)], false),
    {
      ...group(GROUPS.everyone, `Everyone at ${DOMAIN}`, PEOPLE.map(({ n }) => dailyId(n)), false), // prettier-ignore
      groupTypes: ["DynamicMembership"],
      membershipRule: '(user.userType -eq "Member")',
    },
    group(GROUPS.identityTeam, "Identity team", [dailyId(4), dailyId(3)]),
    group(GROUPS.breakGlassAccounts, "Break-glass accounts", [ACCOUNTS.breakGlass1, ACCOUNTS.breakGlass2]),
    group(GROUPS.emptyApprovers, "Approvers of nothing", []),
  ];
}

function seedApps(madeAt: number): DirectoryApp[] {
  const app = (id: string, appId: string, displayName: string, more: Partial<DirectoryApp> = {}): DirectoryApp => ({
    id,
    appId,
    displayName,
    accountEnabled: true,
    createdDateTime: new Date(madeAt).toISOString(),
    permissions: [],
    ownerIds: [],
    servicePrincipalType: "Application",
    alternativeNames: [],
    passwordCredentials: [],
    registration: null,
    ...more,
  });
  const registration = (appId: string): DirectoryApp["registration"] => ({
    id: `f${appId.slice(1)}`,
    ownerIds: [],
    keyCredentials: [],
    federatedIdentityCredentials: appId === PIPELINE.appId ? [PIPELINE.trusts] : [],
    redirectUris: appId === APPS.signIn.clientId ? null : [],
    passwordCredentials:
      appId === APPS.signIn.clientId
        ? [
            {
              keyId: "f5000000-0000-4000-8000-000000000001",
              displayName: "sign-in",
              startDateTime: new Date(madeAt).toISOString(),
              endDateTime: new Date(madeAt + 365 * DAY_MS).toISOString(),
              hint: null,
            },
          ]
        : [],
  });
  const identities: readonly string[] = [APPS.front.clientId, APPS.worker.clientId, APPS.sweeper.clientId];
  const { objectId, appId, name, permissions, ownerIds } = LEGACY_SYNC;
  return [
    app(MICROSOFT_GRAPH.objectId, MICROSOFT_GRAPH.appId, "Microsoft Graph"),
    ...Object.entries(APPS).map(([key, one]) =>
      app(one.objectId, one.clientId, `zero-standing-${key}`, {
        permissions: one.permissions,
        registration: identities.includes(one.clientId) ? null : registration(one.clientId),
      }),
    ),
    app(objectId, appId, name, { permissions, ownerIds, registration: registration(appId) }),
    app(PIPELINE.objectId, PIPELINE.appId, PIPELINE.name, { registration: registration(PIPELINE.appId) }),
  ];
}

function seedPermissionGrants(): PermissionGrant[] {
  const grant = (n: number, clientId: string, scope: string, principalId: string | null): PermissionGrant => ({
    id: `5c000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    clientId,
    consentType: principalId === null ? "AllPrincipals" : "Principal",
    principalId,
    resourceId: MICROSOFT_GRAPH.objectId,
    scope,
  });
  return [
    grant(1, APPS.signIn.objectId, "openid profile", null),
    grant(2, LEGACY_SYNC.objectId, "openid Directory.AccessAsUser.All User.Read", dailyId(40)),
  ];
}

function seedRows(madeAt: number): RoleRow[] {
  const row = (kind: RowKind, n: number, principalId: string, role: keyof typeof ROLES, scope: string): RoleRow => ({
    id: `${kind === "assignment" ? "a5" : "e1"}000000-0000-4000-9000-${n.toString(16).padStart(12, "0")}`,
    kind,
    principalId,
    roleDefinitionId: ROLES[role][0],
    directoryScopeId: scope,
    assignmentType: "Assigned",
    memberType: "Direct",
    createdAt: madeAt,
    startsAt: madeAt,
    endsAt: null,
    removedAt: null,
    removedBy: null,
    expiryLogged: false,
    createdUsing: null,
    activatedUsing: null,
    outsidePim: false,
    by: { kind: "user", id: adminId(4) },
  });
  return [
    ...ELIGIBILITIES.map(([principalId, role, scope], n) => row("eligibility", n + 1, principalId, role, scope)),
    ...STANDING.map(([principalId, role], n) => row("assignment", n + 1, principalId, role, "/")),
  ];
}
