import type { RoleDefinitionId } from "./ids.ts";

/**
 * Built-in roles by what they can take, the worst first; the ids are template ids, the same in every tenant.
 * @see https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
 */
const BY_RISK: readonly string[] = [
  "62e90394-69f5-4237-9190-012177145e10", // Global Administrator
  "e8611ab8-c189-46e8-94e1-60213ab1f814", // Privileged Role Administrator
  "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", // Privileged Authentication Administrator
  "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", // Partner Tier2 Support
  "4ba39ca4-527c-499a-b93d-d9b492c50246", // Partner Tier1 Support
  "158c047a-c907-4556-b7ef-446551a6b5f7", // Cloud Application Administrator
  "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", // Application Administrator
  "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", // Hybrid Identity Administrator
  "8329153b-31d0-4727-b945-745eb3bc5f31", // Domain Name Administrator
  "be2f45a1-457d-42af-a067-6ec1fa63bc45", // External Identity Provider Administrator
  "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", // Conditional Access Administrator
  "194ae4cb-b126-40b2-bd5b-6091b380977d", // Security Administrator
  "c4e39bd9-1100-46d3-8c65-fb160da0071f", // Authentication Administrator
  "25a516ed-2fa0-40ea-a2d0-12923a21473a", // Authentication Extensibility Administrator
  "3a2c62db-5318-420d-8d74-23affee5d9d5", // Intune Administrator
  "fe930be7-5e62-47db-91af-98c3a49a38b1", // User Administrator
  "729827e3-9c14-49f7-bb1b-9608f156bbb8", // Helpdesk Administrator
  "966707d0-3269-4727-9be2-8c3a10f19b9d", // Password Administrator
  "7698a772-787b-4ac8-901f-60d6b08affd2", // Cloud Device Administrator
  "9360feb5-f418-4baa-8175-e2a00bac4301", // Directory Writers
  "cf1c38e5-3621-4004-a7cb-879624dced7c", // Application Developer
  "aaf43236-0c0d-4d5f-883a-6955382ac081", // B2C IEF Keyset Administrator
  "db506228-d27e-4b7d-95e5-295956d6615f", // Agent ID Administrator
  "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f", // Security Operator
  "5d6b6bb7-de71-4623-b4af-96380a352509", // Security Reader
  "f2ef992c-3afb-46b9-b7cf-a126ee74c451", // Global Reader
];

/** Roles with which every other role can be taken. */
const TIER0: readonly string[] = BY_RISK.slice(0, 5);

/**
 * Roles with which a secret can be added to any application, ours among them, or a permission given to it; and those with
 * which a domain is made to trust somebody's own identity provider, so that he signs in as anybody.
 */
const TAKE_APPLICATIONS: readonly string[] = BY_RISK.slice(0, 10);

/** What of a custom role is enough for the same. @see https://learn.microsoft.com/entra/identity/role-based-access-control/custom-available-permissions */
const TAKING_ACTION =
  /^microsoft\.directory\/((applications(\.myorganization)?|serviceprincipals)\/(credentials|owners|allproperties|authentication|permissions|approleassignedto|alltasks|managepermissiongrants\w*)\b|(roleassignments|roledefinitions)\/(allproperties|alltasks)|domains\/(allproperties|federation))/i;
const ONLY_READS = /\/read$/i;

export const canTakeApplications = (
  role: RoleDefinitionId,
  { actions = [] }: { readonly actions?: readonly string[] | undefined } = {},
): boolean =>
  TAKE_APPLICATIONS.includes(role) || actions.some((action) => TAKING_ACTION.test(action) && !ONLY_READS.test(action));

export const GLOBAL_ADMINISTRATOR = BY_RISK[0] as RoleDefinitionId;
/** Held by the accounts and applications of directory synchronisation: left alone. */
export const DIRECTORY_SYNCHRONIZATION = "d29b2b05-8046-44ba-8758-1e26182fcf32" as RoleDefinitionId;

/** Place in the order of risk, 1 is the worst; roles that are not labelled privileged come last, all alike. */
export function riskRank(role: RoleDefinitionId): number {
  const index = BY_RISK.indexOf(role);
  return index === -1 ? BY_RISK.length + 1 : index + 1;
}

/** In which wave a role is converted: Global Administrator, what can take everything, other privileged roles, the rest. */
export function waveOf(role: RoleDefinitionId): number {
  if (role === GLOBAL_ADMINISTRATOR) return 1;
  if (TIER0.includes(role)) return 2;
  return BY_RISK.includes(role) ? 3 : 4;
}
