import { errors, jwtVerify } from "jose";
import type { z } from "zod";
import type { Clock } from "../../ports/clock.ts";
import type { Issuer } from "./issuer.ts";

/** Clocks of two systems may differ by this much. */
export const SKEW_SECONDS = 60;

interface TokenRules<Schema extends z.ZodType> {
  readonly issuer: Issuer;
  readonly clock: Clock;
  /** Any one of them, as the only audience of the token. */
  readonly audiences: readonly string[];
  readonly claims: Schema;
}

/**
 * What every token of the tenant must be: signed with RS256 by a published key, from exactly this issuer and tenant, for
 * exactly us, in force now. @throws DependencyError when the issuer's keys cannot be had
 */
export async function verifyToken<Schema extends z.ZodType<{ aud: string; tid: string }>>(
  token: string,
  { issuer, clock, audiences, claims }: TokenRules<Schema>,
): Promise<{ readonly claims: z.output<Schema> } | { readonly problem: string }> {
  try {
    const { payload } = await jwtVerify(token, issuer.keys, {
      algorithms: ["RS256"],
      issuer: issuer.name,
      audience: [...audiences],
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(clock.now()),
      requiredClaims: ["exp"],
    });
    const parsed = claims.safeParse(payload);
    if (!parsed.success) return { problem: `claim ${parsed.error.issues[0]?.path.join(".") ?? "unknown"}` };
    return parsed.data.tid === issuer.tenantId ? { claims: parsed.data } : { problem: "another tenant" };
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed) return { problem: `claim ${error.claim}` };
    if (error instanceof errors.JOSEError) return { problem: error.code };
    throw error;
  }
}
