import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { allowInsecureRequests, ClientError, discovery, type Configuration, type ServerMetadata } from "openid-client";
import { DependencyError } from "../../ports/dependency-error.ts";

/** One tenant's token issuer: its metadata and public keys, fetched when first needed and kept. */
export interface Issuer {
  /** Exactly the `iss` of its tokens. */
  readonly name: string;
  readonly tenantId: string;
  /** Extensions that every client of it needs: none, or plain http for a literal loopback address. */
  readonly transport: Transport;
  /** @throws DependencyError */
  metadata(): Promise<ServerMetadata>;
  /** Finds the key of a token; an unknown key id fetches the keys again, at most twice a minute. @throws DependencyError */
  readonly keys: JWTVerifyGetKey;
}

type Transport = readonly ((client: Configuration) => void)[];

// eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; used for loopback addresses only
const PLAIN_HTTP: Transport = [allowInsecureRequests];

/** A second between two answers would be long; ten are a fault. */
export const TIMEOUT_SECONDS = 10;
const KEYS_COOLDOWN_MS = 30_000;
const KEYS_MAX_AGE_MS = 3_600_000;

/** The v2.0 issuer of one tenant. @throws Error for an address that is neither https nor http to loopback */
export function createIssuer(settings: { readonly loginUrl: string; readonly tenantId: string }): Issuer {
  const name = `${settings.loginUrl.replace(/\/$/, "")}/${settings.tenantId}/v2.0`;
  const transport = requireSafe(name).protocol === "http:" ? PLAIN_HTTP : [];
  const metadata = once(() => discover(name, transport));
  const keySet = once(async () => {
    const { jwks_uri: address } = await metadata();
    if (address === undefined) throw new DependencyError("Misconfigured", `${name} names no keys`);
    return createRemoteJWKSet(requireSafe(address), {
      timeoutDuration: TIMEOUT_SECONDS * 1_000,
      cooldownDuration: KEYS_COOLDOWN_MS,
      cacheMaxAge: KEYS_MAX_AGE_MS,
    });
  });
  const keys: JWTVerifyGetKey = async (header, token) => {
    const find = await keySet();
    try {
      return await find(header, token);
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) throw cause;
      if (cause instanceof errors.JOSENotSupported) throw cause;
      throw new DependencyError("Unavailable", `the keys of ${name} cannot be read`, { cause });
    }
  };
  return { name, tenantId: settings.tenantId, transport, metadata, keys };
}

async function discover(name: string, transport: Transport): Promise<ServerMetadata> {
  try {
    const found = await discovery(new URL(name), "discovery", undefined, undefined, {
      timeout: TIMEOUT_SECONDS,
      execute: [...transport],
    });
    const metadata = found.serverMetadata();
    // openid-client accepts other issuers for multi-tenant addresses; there is exactly one for us.
    if (metadata.issuer !== name) throw new DependencyError("Misconfigured", `${name} calls itself ${metadata.issuer}`);
    return metadata;
  } catch (cause) {
    if (cause instanceof DependencyError) throw cause;
    const lasting = cause instanceof ClientError && cause.code === "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED";
    throw new DependencyError(lasting ? "Misconfigured" : "Unavailable", `no metadata of ${name}`, { cause });
  }
}

function requireSafe(address: string): URL {
  const url = new URL(address);
  const isSafe =
    url.protocol === "https:" || (url.protocol === "http:" && /^(127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname));
  if (!isSafe) throw new DependencyError("Misconfigured", `${url.origin} is neither https nor a loopback address`);
  return url;
}

/** Remembers the first success; a failure is forgotten, so that the next call tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
