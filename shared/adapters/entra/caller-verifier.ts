import { AccessTokenClaims } from "../../contracts/token-claims.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CallerVerifier } from "../../ports/sign-in.ts";
import type { Issuer } from "./issuer.ts";
import { verifyToken } from "./verify-token.ts";

/** The permission that clients ask for on behalf of a person. */
const SCOPE = "access_as_user";

/** Checks access tokens of persons for our API, version 2.0. @throws DependencyError when the issuer's keys cannot be had */
export function createCallerVerifier(settings: {
  readonly issuer: Issuer;
  readonly clock: Clock;
  /** Client id of our API. */
  readonly apiClientId: string;
  /** Client ids that may call it. */
  readonly allowedClients: readonly string[];
}): CallerVerifier {
  const { issuer, clock, apiClientId, allowedClients } = settings;
  const rules = { issuer, clock, audiences: [apiClientId, `api://${apiClientId}`], claims: AccessTokenClaims };
  return {
    verify: async (authorization) => {
      const token = /^Bearer ([A-Za-z0-9._-]{1,16384})$/i.exec(authorization ?? "")?.[1];
      if (token === undefined) return { problem: "no bearer token" };
      const verified = await verifyToken(token, rules);
      if ("problem" in verified) return verified;
      const { oid, tid, azp, scp } = verified.claims;
      if (!scp.includes(SCOPE)) return { problem: "claim scp" };
      if (!allowedClients.includes(azp)) return { problem: "client not allowed" };
      return { caller: { account: oid, tenantId: tid, clientId: azp } };
    },
  };
}
