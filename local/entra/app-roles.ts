import { MICROSOFT_GRAPH } from "../seed.ts";
import type { DirectoryApp, Entity } from "./facts.ts";

/**
 * Ids of those application permissions of Microsoft Graph that an application of this tenant may hold.
 * @see https://learn.microsoft.com/graph/permissions-reference
 */
const APP_ROLE_IDS: Readonly<Record<string, string>> = {
  "AccessReview.Read.All": "d07a8cc0-3d51-4b77-b3b0-32704d1f69fa",
  "AccessReview.ReadWrite.All": "ef5f7d5c-338f-44b0-86c3-351f46c8bb5f",
  "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
  "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
  "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
  "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
  "DelegatedPermissionGrant.Read.All": "81b4724a-58aa-41c1-8a55-84ef97466587",
  "Directory.ReadWrite.All": "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
  "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
  "LicenseAssignment.Read.All": "e2f98668-2877-4f38-a2f4-8202e0717aa1",
  "Mail.Send": "b633e1c5-b582-4048-a93e-9f11b44c7e96",
  "PrivilegedEligibilitySchedule.Read.AzureADGroup": "edb419d6-7edc-42a3-9345-509bfdf5d87c",
  "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
  "RoleAssignmentSchedule.Read.Directory": "d5fe8ce8-684c-4c83-a52c-46e882ce4be1",
  "RoleAssignmentSchedule.ReadWrite.Directory": "dd199f4a-f148-40a4-a2ec-f0069cc799ec",
  "RoleAssignmentSchedule.Remove.Directory": "d3495511-98b7-4df3-b317-4e35c19f6129",
  "RoleEligibilitySchedule.Read.Directory": "ff278e11-4a33-4d0c-83d2-d01dc58929a5",
  "RoleEligibilitySchedule.Remove.Directory": "79c7e69c-0d9f-4eff-97a8-49170a5a08ba",
  "RoleEligibilitySchedule.ReadWrite.Directory": "fee28b28-e1f3-4841-818e-2704dc62245f",
  "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
  "RoleManagement.ReadWrite.Directory": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
  "RoleManagementPolicy.Read.Directory": "fdc4c997-9942-4479-bfcb-75a36d1138df",
  "RoleManagementPolicy.ReadWrite.Directory": "31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad",
  "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
};

/** The property `appRoles` of a service principal: only Microsoft Graph has any here. */
export const appRolesOf = ({ appId }: DirectoryApp): readonly Entity[] =>
  appId !== MICROSOFT_GRAPH.appId
    ? []
    : Object.entries(APP_ROLE_IDS).map(([value, id]) => ({
        id,
        value,
        displayName: value,
        description: value,
        allowedMemberTypes: ["Application"],
        isEnabled: true,
        origin: "Application",
      }));

/** @throws when the permission is none of those above */
export const appRoleAssignmentsOf = (app: DirectoryApp): readonly Entity[] =>
  app.permissions.map((permission) => {
    const appRoleId = APP_ROLE_IDS[permission];
    if (appRoleId === undefined) throw new Error(`there is no application permission ${permission}`);
    return {
      id: Buffer.from(`${app.id}${appRoleId}`).toString("base64url"),
      deletedDateTime: null,
      appRoleId,
      createdDateTime: app.createdDateTime,
      principalDisplayName: app.displayName,
      principalId: app.id,
      principalType: "ServicePrincipal",
      resourceDisplayName: "Microsoft Graph",
      resourceId: MICROSOFT_GRAPH.objectId,
    };
  });
