declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Object id of a user, group or service principal in the directory: a GUID in lower case. */
export type PrincipalId = Brand<string, "PrincipalId">;
/** Id of a role definition; for built-in roles the template id, the same in every tenant. */
export type RoleDefinitionId = Brand<string, "RoleDefinitionId">;
/** `/`, `/administrativeUnits/{guid}` or `/{guid}`; compared character for character. */
export type DirectoryScopeId = Brand<string, "DirectoryScopeId">;
/** 128 random bits as 32 hexadecimal digits. The orchestration's instance id is `activation-<id>`. */
export type ActivationId = Brand<string, "ActivationId">;
/** A person of `policy/people.yaml`; a person is not an account. */
export type PersonKey = Brand<string, "PersonKey">;

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SCOPE = /^\/(administrativeUnits\/)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const guid = (text: string): string | undefined => {
  const lower = text.toLowerCase();
  return GUID.test(lower) ? lower : undefined;
};

export const parsePrincipalId = (text: string): PrincipalId | undefined => guid(text) as PrincipalId | undefined;

export const parseRoleDefinitionId = (text: string): RoleDefinitionId | undefined =>
  guid(text) as RoleDefinitionId | undefined;

export const parseDirectoryScopeId = (text: string): DirectoryScopeId | undefined =>
  text === "/" || SCOPE.test(text) ? (text as DirectoryScopeId) : undefined;

export const parseActivationId = (text: string): ActivationId | undefined =>
  /^[0-9a-f]{32}$/.test(text) ? (text as ActivationId) : undefined;

export const parsePersonKey = (text: string): PersonKey | undefined =>
  /^[a-z0-9][a-z0-9.-]{0,63}$/.test(text) ? (text as PersonKey) : undefined;
