import { APPS } from "../seed.ts";
import type { SeedAccount } from "./accounts.ts";
import { pairwiseSubject, type Claims } from "./tokens.ts";

/** What a sign-in proved. */
export interface SignInFacts {
  readonly authTime: number;
  readonly contexts: readonly string[];
}

/** Claims about a person that an id token and a delegated access token share. */
export const personClaims = (account: SeedAccount, audience: string, { authTime, contexts }: SignInFacts): Claims => ({
  sub: pairwiseSubject(account.objectId, audience),
  oid: account.objectId,
  name: account.displayName,
  preferred_username: account.userName,
  auth_time: authTime,
  ...(contexts.length > 0 ? { acrs: contexts } : {}),
});

/** What an application may do for the person it got a token from. */
interface Delegation {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly capabilities: readonly string[];
}

export const delegationClaims = ({ clientId, scopes, capabilities }: Delegation): Claims => ({
  azp: clientId,
  azpacr: isPublicClient(clientId) ? "0" : "1",
  scp: scopes.join(" "),
  ...(capabilities.length > 0 ? { xms_cc: capabilities } : {}),
});

/** Claims of a token that an application got for itself. Entra leaves `roles` out when there are none. */
export const applicationClaims = (application: Application, roles: readonly string[]): Claims => ({
  sub: application.objectId,
  oid: application.objectId,
  azp: application.clientId,
  appid: application.clientId,
  azpacr: "1",
  idtyp: "app",
  ...(roles.length > 0 ? { roles } : {}),
});

export interface Application {
  readonly clientId: string;
  readonly objectId: string;
}

const isPublicClient = (clientId: string): boolean =>
  clientId === APPS.cli.clientId || clientId === APPS.stranger.clientId;
