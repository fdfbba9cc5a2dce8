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
  /** Our API: its client id and its App ID URI. */
  readonly audiences: readonly string[];
  /** Applications that may call it for a person. */
  readonly clientIds: readonly string[];
}): CallerVerifier {
  const { issuer, clock, audiences, clientIds } = settings;
  const rules = { issuer, clock, audiences, claims: AccessTokenClaims };
  return {
    verify: async (authorization) => {
      const token = /^Bearer ([A-Za-z0-9._-]{1,16384})$/i.exec(authorization ?? "")?.[1];
      if (token === undefined) return { problem: "no bearer token" };
      const verified = await verifyToken(token, rules);
      if ("problem" in verified) return verified;
      const { oid, tid, azp, scp } = verified.claims;
      if (!scp.includes(SCOPE)) return { problem: "claim scp" };
      if (!clientIds.includes(azp)) return { problem: "client not allowed" };
      return { caller: { account: oid, tenantId: tid, clientId: azp } };
    },
  };
}
