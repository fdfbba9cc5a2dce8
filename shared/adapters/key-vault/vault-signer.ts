import { createHash, createPublicKey, verify } from "node:crypto";
import { CryptographyClient, KeyClient, parseKeyVaultKeyIdentifier, type KeyVaultKey } from "@azure/keyvault-keys";
import type { TokenCredential } from "@azure/identity";
import type { CheckpointKey } from "../../domain/checkpoint.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { Signer } from "../../ports/signer.ts";

interface OpenedKey {
  readonly publicKey: CheckpointKey;
  readonly client: CryptographyClient;
}

/**
 * Signs with a P-256 key of Azure Key Vault, which never leaves it. An identifier without a version means the version
 * that is current at the first use: it is read once, and signs for as long as this process lives.
 * Needs `get` and `sign` on the key. @throws DependencyError, also for a signature that does not verify
 */
export function createVaultSigner(keyId: string, credential: TokenCredential): Signer {
  let opening: Promise<OpenedKey> | undefined;
  const opened = (): Promise<OpenedKey> =>
    (opening ??= guarded(() => open(keyId, credential)).catch((error: unknown) => {
      opening = undefined;
      throw error;
    }));
  return {
    publicKey: async () => (await opened()).publicKey,
    sign: async (bytes) => {
      const { client, publicKey } = await opened();
      const digest = createHash("sha256").update(bytes).digest();
      const { result } = await guarded(() => client.sign("ES256", digest));
      // A checkpoint stays as it was written: one that does not verify would spoil the trail for ever.
      if (!verifies(publicKey, bytes, result))
        throw new DependencyError("Rejected", "key vault: the signature is not that of the key");
      return Buffer.from(result).toString("base64url");
    },
  };
}

async function open(keyId: string, credential: TokenCredential): Promise<OpenedKey> {
  const { vaultUrl, name, version } = parseKeyVaultKeyIdentifier(keyId);
  const options = { retryOptions: { maxRetries: 2 }, ...transportOf(vaultUrl) };
  const key = await new KeyClient(vaultUrl, credential, options).getKey(name, version === undefined ? {} : { version });
  return { publicKey: publicKeyOf(key), client: new CryptographyClient(key, credential, options) };
}

/** A vault at a literal loopback address, which settings allow without TLS, has no name that a challenge could be held against. */
const transportOf = (vaultUrl: string) =>
  vaultUrl.startsWith("http:") ? { allowInsecureConnection: true, disableChallengeResourceVerification: true } : {};

function publicKeyOf({ keyType, key = {} }: KeyVaultKey): CheckpointKey {
  const { crv, x, y } = key;
  if ((keyType !== "EC" && keyType !== "EC-HSM") || crv !== "P-256" || !x || !y)
    throw new DependencyError("Misconfigured", `key vault: the key is not a P-256 key`);
  return { kty: "EC", crv: "P-256", x: Buffer.from(x).toString("base64url"), y: Buffer.from(y).toString("base64url") };
}

const verifies = (key: CheckpointKey, bytes: Uint8Array, signature: Uint8Array): boolean =>
  verify(
    "sha256",
    bytes,
    { key: createPublicKey({ key: { ...key }, format: "jwk" }), dsaEncoding: "ieee-p1363" },
    signature,
  );

async function guarded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asDependencyError(error);
  }
}

/** The SDK does not give out the class of its errors. */
function asDependencyError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DependencyError) return error;
  const { statusCode: status } = error as { readonly statusCode?: number };
  if (error.name === "RestError")
    return new DependencyError(codeOf(status), `key vault: ${status ?? "no answer"}`, { cause: error });
  if (error.name === "AuthenticationError" || error.name === "CredentialUnavailableError")
    return new DependencyError("Unavailable", `key vault: ${error.name}`, { cause: error });
  return error;
}

function codeOf(status: number | undefined): DependencyError["code"] {
  if (status === 429) return "Throttled";
  if (status === undefined || status === 408 || status >= 500) return "Unavailable";
  return status === 401 || status === 403 || status === 404 ? "Misconfigured" : "Rejected";
}
