import { IdTokenClaims } from "../../contracts/token-claims.ts";
import { instant, msOf, SECOND_MS } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { IdTokenVerifier } from "../../ports/sign-in.ts";
import type { Issuer } from "./issuer.ts";
import { SKEW_SECONDS, verifyToken } from "./verify-token.ts";

/** Checks id tokens of our own sign-in; how old a sign-in may be is the caller's question. */
export function createIdTokenVerifier(settings: {
  readonly issuer: Issuer;
  readonly clock: Clock;
  readonly signInClientId: string;
}): IdTokenVerifier {
  const { issuer, clock, signInClientId } = settings;
  const rules = { issuer, clock, audiences: [signInClientId], claims: IdTokenClaims };
  return {
    verify: async (idToken) => {
      const verified = await verifyToken(idToken, rules);
      if ("problem" in verified) return verified;
      const { oid, nonce, iat, auth_time: authenticatedAt, acrs } = verified.claims;
      const latest = msOf(clock.now()) / SECOND_MS + SKEW_SECONDS;
      if (iat > latest) return { problem: "issued in the future" };
      // A person cannot have signed in after the token that says so.
      if (authenticatedAt > iat + SKEW_SECONDS) return { problem: "claim auth_time" };
      return {
        signIn: {
          account: oid,
          nonce,
          authenticatedAt: instant(authenticatedAt * SECOND_MS),
          authenticationContexts: acrs,
        },
      };
    },
  };
}
