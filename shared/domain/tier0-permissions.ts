/**
 * Application permissions of Microsoft Graph with which an application can make itself, or whoever uses it, Global
 * Administrator, or take down what guards that role; the ids of their app roles are the same in every tenant. Left out:
 * those that need something else to be wrong first (`Application.ReadWrite.OwnedBy`, `Group.ReadWrite.All`,
 * `User.ReadWrite.All`), and those that only read.
 * @see https://learn.microsoft.com/graph/permissions-reference for the ids
 * @see https://github.com/emiliensocchi/azure-tiering for the shortest known path of each
 */
const TIER0: Readonly<Record<string, string>> = {
  // assign a role, make eligible for one, or take away what guards the activation
  "RoleManagement.ReadWrite.Directory": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
  "RoleAssignmentSchedule.ReadWrite.Directory": "dd199f4a-f148-40a4-a2ec-f0069cc799ec",
  "RoleEligibilitySchedule.ReadWrite.Directory": "fee28b28-e1f3-4841-818e-2704dc62245f",
  "RoleManagementPolicy.ReadWrite.Directory": "31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad",
  // the same for groups that hold roles
  "PrivilegedAccess.ReadWrite.AzureADGroup": "2f6817f8-7b12-4f0f-bc18-eeaf60705a9e",
  "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup": "41202f2c-f7ab-45be-b001-85c9728b9d69",
  "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup": "618b6020-bca8-4de6-99f6-ef445fa4d857",
  "RoleManagementPolicy.ReadWrite.AzureADGroup": "b38dcc4d-a239-4ed6-aa84-6c65b284f97c",
  "EntitlementManagement.ReadWrite.All": "9acd699f-1e81-4958-b001-93b1d2506e19",
  // give an application any permission, or a secret to one that has it
  "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
  "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
  "Policy.ReadWrite.PermissionGrant": "a402ca1c-2696-4531-972d-6e5ee4aa11ea",
  // sign in as an administrator, or without what his sign-in has to prove
  "UserAuthenticationMethod.ReadWrite.All": "50483e42-d915-4231-9639-7fdb7fd190e5",
  "User-PasswordProfile.ReadWrite.All": "cc117bb9-00cf-4eb8-b580-ea2a878fe8f7",
  "Domain.ReadWrite.All": "7e05723c-0bb0-42da-be95-ae9f08a6e53c",
  "Policy.ReadWrite.ConditionalAccess": "01c0a623-fc9b-48e9-b794-0756f8e8f067",
  // write nearly everything, groups that open other doors among it
  "Directory.ReadWrite.All": "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
};

/** Of delegated permissions only: all that the person may do, and giving itself any other in somebody's name. */
const DELEGATED_ONLY = ["Directory.AccessAsUser.All", "DelegatedPermissionGrant.ReadWrite.All"];

const VALUES: ReadonlySet<string> = new Set(Object.keys(TIER0));
const BY_ID: ReadonlyMap<string, string> = new Map(Object.entries(TIER0).map(([value, id]) => [id, value]));

const DELEGATED: ReadonlySet<string> = new Set([...VALUES, ...DELEGATED_ONLY]);

/**
 * The delegated tier-0 permissions among those of a grant: the names are those of the application permissions. An
 * application can do with them what the person who signs in can do, so they count as much as that person's roles.
 * @param scope names, separated by spaces
 */
export const tier0Scopes = (scope: string): readonly string[] =>
  scope.split(/\s+/).filter((name) => DELEGATED.has(name));

/**
 * The name of a tier-0 permission, `undefined` for any other one.
 * @param appRoleId in lower case
 * @param value the name that the Microsoft Graph of the tenant gives it, where it was read
 */
export const tier0Permission = (appRoleId: string, value: string | undefined): string | undefined =>
  value !== undefined && VALUES.has(value) ? value : BY_ID.get(appRoleId);
