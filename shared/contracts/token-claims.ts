import * as z from "zod";
import { parsePrincipalId, type PrincipalId } from "../domain/ids.ts";

/** Seconds since 1970, as JSON Web Tokens count. */
const numericDate = z.number().positive();

const objectId = z.string().transform((text, context): PrincipalId => {
  const id = parsePrincipalId(text);
  if (id) return id;
  context.issues.push({ code: "custom", message: "not an object id", input: text });
  return z.NEVER;
});

/** Claims of an access token for our API that a person got through a listed client. App-only tokens have no `scp`. */
export const AccessTokenClaims = z.object({
  aud: z.string(),
  ver: z.literal("2.0").optional(),
  tid: z.string(),
  oid: objectId,
  azp: z.string(),
  scp: z.string().transform((scopes) => scopes.split(" ")),
  idtyp: z.literal("user").optional(),
});

/** Claims of an id token that proves a sign-in. `acrs` lists the authentication contexts it satisfied. */
export const IdTokenClaims = z.object({
  aud: z.string(),
  ver: z.literal("2.0").optional(),
  tid: z.string(),
  oid: objectId,
  nonce: z.string().min(1),
  iat: numericDate,
  auth_time: numericDate,
  acrs: z.array(z.string()).default([]),
});

/** Claims of the token for Graph that an identity of ours got; version 1 names the client `appid`, version 2 `azp`. */
export const IdentityTokenClaims = z.object({
  oid: objectId,
  tid: z.string(),
  appid: z.string().optional(),
  azp: z.string().optional(),
  roles: z.array(z.string()).default([]),
});
