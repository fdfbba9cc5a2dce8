import { z } from "zod";
import { APPS } from "../seed.ts";
import { applicationWith } from "./applications.ts";
import type { People } from "./people.ts";
import { applicationClaims, delegationClaims, personClaims } from "./token-claims.ts";
import { epochSeconds, type Claims, type TokenAuthority } from "./tokens.ts";

const Overrides = {
  authTime: z.number().optional(),
  acrs: z.array(z.string()).default([]),
  lifetimeSeconds: z.number().int().default(3_600),
  /** Claims that replace the usual ones; `null` leaves one out. */
  overrides: z.record(z.string(), z.unknown()).default({}),
  key: z.enum(["own", "other"]).default("own"),
};

const AccessToken = z.strictObject({
  /** Object id of a person, or of a service principal: then the token is the application's own. */
  oid: z.string(),
  clientId: z.string().default(APPS.cli.clientId),
  audience: z.string().default(APPS.api.clientId),
  scopes: z.array(z.string()).default(["access_as_user"]),
  roles: z.array(z.string()).default([]),
  capabilities: z.array(z.string()).default(["cp1"]),
  ...Overrides,
});

const IdToken = z.strictObject({
  oid: z.string(),
  clientId: z.string().default(APPS.signIn.clientId),
  nonce: z.string().optional(),
  ...Overrides,
});

const Anything = z.strictObject({
  header: z.record(z.string(), z.unknown()).default({}),
  payload: z.record(z.string(), z.unknown()),
  key: z.enum(["own", "other"]).default("own"),
});

/** Tokens without a sign-in, true and forged, for tests: control operations `mint`, `mintIdToken` and `sign`. */
export const forge = (tokens: TokenAuthority, people: People) => ({
  mint: (parameters: unknown): string => {
    const { oid, audience, clientId, roles, ...wish } = AccessToken.parse(parameters);
    const person = people.withObjectId(oid);
    const holder = person
      ? { ...personClaims(person.account, audience, signIn(wish)), ...delegationClaims({ clientId, ...wish }) }
      : applicationClaims(applicationWith(oid), roles);
    return signed(tokens, { aud: audience, ...holder }, wish);
  },
  mintIdToken: (parameters: unknown): string => {
    const { oid, clientId, nonce, ...wish } = IdToken.parse(parameters);
    const person = people.withObjectId(oid);
    if (!person) throw new Error(`there is no account ${oid}`);
    return signed(tokens, { aud: clientId, ...personClaims(person.account, clientId, signIn(wish)), nonce }, wish);
  },
  sign: (parameters: unknown): string => {
    const { header, payload, key } = Anything.parse(parameters);
    return tokens.sign(payload, header, key);
  },
});

interface Wish {
  readonly authTime?: number | undefined;
  readonly acrs: readonly string[];
  readonly lifetimeSeconds: number;
  readonly overrides: Claims;
  readonly key: "own" | "other";
}

const signIn = ({ authTime, acrs }: Wish) => ({ authTime: authTime ?? epochSeconds(), contexts: acrs });

function signed(tokens: TokenAuthority, claims: Claims, { lifetimeSeconds, overrides, key }: Wish): string {
  const all = { ...tokens.envelope(lifetimeSeconds), ...claims, ...overrides };
  return tokens.sign(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)), {}, key);
}
