import type { PartReport } from "../../shared/contracts/doctor.ts";

/** A permission that an identity has too little or too much, and the command that puts it right. */
export interface PermissionGap {
  readonly part: PartReport["part"];
  readonly principalId: string;
  readonly permission: string;
  readonly kind: "missing" | "surplus";
  /** Why the file gives it; `""` for one that it does not give. */
  readonly because: string;
}

const GRAPH = "https://graph.microsoft.com/v1.0";
/** The service principal of Microsoft Graph: its application id is the same in every tenant, its object id is not. */
const API = `${GRAPH}/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')`;

const apiId = (): string => `$(az rest --method GET --url "${API}" --query id -o tsv)`;

/** The id of an application permission, by its name as this tenant's Graph lists it. */
const roleId = (permission: string): string =>
  `$(az rest --method GET --url "${API}" --query "appRoles[?value=='${permission}' && contains(allowedMemberTypes, 'Application')].id | [0]" -o tsv)`;

/** One line for a shell. Ids and names were checked: they hold nothing that a shell obeys. */
export const grantCommand = (principalId: string, permission: string): string =>
  `api=${apiId()}; role=${roleId(permission)}; az rest --method POST --url "${GRAPH}/servicePrincipals/$api/appRoleAssignedTo" --headers Content-Type=application/json --body "${quoted(principalId)}"`;

/** The body as JSON inside double quotes, with the shell's variables in it. */
const quoted = (principalId: string): string =>
  JSON.stringify({ principalId, resourceId: "$api", appRoleId: "$role" }).replaceAll('"', '\\"');

export const revokeCommand = (principalId: string, permission: string): string =>
  `role=${roleId(permission)}; held="${GRAPH}/servicePrincipals/${principalId}/appRoleAssignments"; az rest --method DELETE --url "$held/$(az rest --method GET --url "$held" --query "value[?appRoleId=='$role'].id | [0]" -o tsv)"`;

/** A script that an administrator of the tenant reads and runs: only what is missing or too much, each with its reason. */
export function permissionScript(gaps: readonly PermissionGap[]): readonly string[] {
  if (gaps.length === 0)
    return ["# Nothing to do: every identity has the permissions of Graph that it is given, and no other."];
  return [
    "# Run by somebody who is signed in with az and may give application permissions of Microsoft Graph",
    "# (Privileged Role Administrator). Read it first. It stops at the first command that fails.",
    "set -eu",
    ...gaps.flatMap(({ part, principalId, permission, kind, because }) => [
      "",
      kind === "missing"
        ? `# ${part}: ${permission}, ${because}`
        : `# ${part}: without ${permission}, which it is not given`,
      kind === "missing" ? grantCommand(principalId, permission) : revokeCommand(principalId, permission),
    ]),
    "",
    "# Then ask again: zs doctor. The token of an identity is up to a day older than what was granted.",
  ];
}
