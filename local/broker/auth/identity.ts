import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { pathOf } from "../amqp/addresses.ts";
import { covers, refused, RIGHTS, type Grant, type Right, type Verdict } from "./grants.ts";

/** What an identity may do; `id` is its object id or its application's id, `path` "" is the namespace. */
export interface IdentityAccess {
  readonly id: string;
  readonly rights: readonly Right[];
  readonly path: string;
}

/** The identity provider whose tokens count. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly jwksUrl: string;
}

const AUDIENCES = ["https://servicebus.azure.net", "https://servicebus.azure.net/"];

export type IdentityCheck = (token: string, audience: string, now: number) => Promise<Verdict>;

/** Checks access tokens of an identity provider. Without an access list every identity of it may do everything. */
export function identityCheck(
  { issuer, jwksUrl }: TokenIssuer,
  access: readonly IdentityAccess[],
  namespace: string,
): IdentityCheck {
  let keys: JWTVerifyGetKey | undefined;
  const audience = [...AUDIENCES, namespace, `sb://${namespace}`, `https://${namespace}.servicebus.windows.net`];
  return async (token, resource, now) => {
    const { createRemoteJWKSet, jwtVerify } = await import("jose"); // most brokers never see such a token
    try {
      keys ??= createRemoteJWKSet(new URL(jwksUrl));
      const { payload } = await jwtVerify(token, keys, { issuer, audience, currentDate: new Date(now) });
      return grantOf(payload, pathOf(resource).replace(/\/\$management$/i, ""), access);
    } catch (error) {
      return refused(`InvalidToken: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

function grantOf(payload: JWTPayload, path: string, access: readonly IdentityAccess[]): Verdict {
  const ids = [payload["oid"], payload["appid"], payload["azp"]];
  const rights =
    access.length === 0
      ? RIGHTS
      : access
          .filter((entry) => ids.includes(entry.id) && covers(entry.path.toLowerCase(), path.toLowerCase()))
          .flatMap((entry) => entry.rights);
  if (rights.length === 0) return refused(`Unauthorized: ${String(payload["oid"])} has no right on '${path}'`);
  const grant: Grant = { path, rights, expiresAt: (payload.exp ?? 0) * 1000 };
  return { kind: "granted", grant };
}
