import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { APPS, TENANT_ID } from "../seed.ts";
import type { StackSettings } from "../service.ts";

export type Claims = Readonly<Record<string, unknown>>;

/** Who holds an access token: an application alone, or a person through an application. */
export interface Caller {
  readonly clientId: string;
  /** Object id of the application's service principal. */
  readonly objectId: string;
  /** Application permissions (`roles`). */
  readonly permissions: readonly string[];
  /** Delegated permissions (`scp`), only with `userObjectId`. */
  readonly scopes?: readonly string[];
  readonly userObjectId?: string;
}

/** A private signing key as JWK: what a JWKS of `oidc-provider` takes. */
export interface SigningKey extends JsonWebKey {
  readonly kid: string;
  readonly kty: string;
}

/** Signs and checks the tokens of the tenant. */
export interface TokenAuthority {
  readonly issuer: string;
  readonly signingKey: SigningKey;
  /** Signs any claims; `other` is a key that the tenant does not publish, under the key id of the published one. */
  sign(payload: Claims, header?: Claims, key?: "own" | "other"): string;
  /** Claims every token of the tenant has, from now for `lifetimeSeconds`. */
  envelope(lifetimeSeconds: number): Claims;
  /** The caller behind an `Authorization` header, if it holds a token of this tenant for this audience, in force now. */
  authenticate(authorizationHeader: string | undefined, audience: string): Caller | undefined;
}

/** The same key for every call with one data directory: it is kept in `login-keys.json`. */
export function createTokenAuthority(settings: StackSettings): TokenAuthority {
  const issuer = `${settings.addresses.login}/${TENANT_ID}/v2.0`;
  const signingKey = readOrMakeKey(settings.dataDirectory);
  const privateKey = createPrivateKey({ key: signingKey, format: "jwk" });
  const publicKey = createPublicKey(privateKey);
  let otherKey: KeyObject | undefined;

  const keyOf = (which: "own" | "other"): KeyObject =>
    which === "own" ? privateKey : (otherKey ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);

  return {
    issuer,
    signingKey,
    sign: (payload, header = {}, key = "own") => {
      const signed = [{ typ: "JWT", alg: "RS256", kid: signingKey.kid, ...header }, payload].map(encode).join(".");
      return `${signed}.${sign("sha256", Buffer.from(signed), keyOf(key)).toString("base64url")}`;
    },
    envelope: (lifetimeSeconds) => {
      const now = epochSeconds();
      return {
        iss: issuer,
        tid: TENANT_ID,
        iat: now,
        nbf: now,
        exp: now + lifetimeSeconds,
        ver: "2.0",
        uti: randomBytes(16).toString("base64url"),
      };
    },
    authenticate: (authorizationHeader, audience) => {
      const claims = verified(authorizationHeader?.match(/^Bearer (\S+)$/i)?.[1], publicKey);
      if (!claims || claims["iss"] !== issuer || withoutSlash(claims["aud"]) !== withoutSlash(audience))
        return undefined;
      const now = epochSeconds();
      if (!(Number(claims["nbf"]) <= now && now < Number(claims["exp"]))) return undefined;
      return callerOf(claims);
    },
  };
}

export const epochSeconds = (): number => Math.floor(Date.now() / 1000);

/** The subject of a person for one application: differs per application, says nothing about the object id. */
export const pairwiseSubject = (objectId: string, clientId: string): string =>
  createHash("sha256").update(`${objectId} ${clientId}`).digest("base64url");

function readOrMakeKey(dataDirectory: string): SigningKey {
  const file = join(dataDirectory, "login-keys.json");
  try {
    return JSON.parse(readFileSync(file, "utf8")) as SigningKey;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  const key = { ...jwk, kid: randomBytes(20).toString("base64url"), alg: "RS256", use: "sig" } as SigningKey;
  mkdirSync(dataDirectory, { recursive: true });
  writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
  return key;
}

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");

function verified(token: string | undefined, key: KeyObject): Claims | undefined {
  const [header = "", payload = "", signature = "", ...rest] = token?.split(".") ?? [];
  if (rest.length > 0) return undefined;
  try {
    if (decode(header)["alg"] !== "RS256") return undefined;
    const genuine = verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
    return genuine ? decode(payload) : undefined;
  } catch {
    return undefined; // no JSON: not a token
  }
}

const decode = (part: string): Claims => JSON.parse(Buffer.from(part, "base64url").toString()) as Claims;

const withoutSlash = (audience: unknown): unknown =>
  typeof audience === "string" ? audience.replace(/\/$/, "") : audience;

function callerOf(claims: Claims): Caller {
  const clientId = String(claims["azp"] ?? claims["appid"]);
  const objectId = String(claims["oid"]);
  const permissions = Array.isArray(claims["roles"]) ? claims["roles"].map(String) : [];
  if (typeof claims["scp"] !== "string") return { clientId, objectId, permissions };
  const application = Object.values(APPS).find((app) => app.clientId === clientId);
  return {
    clientId,
    objectId: application?.objectId ?? "",
    permissions,
    scopes: claims["scp"].split(" "),
    userObjectId: objectId,
  };
}
