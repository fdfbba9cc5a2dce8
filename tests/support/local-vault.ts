import { createECDH, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { CheckpointKey } from "../../shared/domain/checkpoint.ts";

/** Order of the group of P-256. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * As much of Azure Key Vault as signing needs: the challenge for a token, `GET` of a key with and without version, and
 * `sign` with ES256 over a digest, answered as r and s. Not simulated: who may do what, throttling, soft delete, HSM,
 * every other operation. Plain HTTP on loopback.
 * @see https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign
 */
export class LocalVault {
  /** Path of every request that had a token, in order. */
  readonly served: string[] = [];
  /** The `aud` of the tokens. */
  readonly audiences = new Set<unknown>();
  /** Answers the next requests instead: a status, or a signature. */
  readonly faults: { readonly status?: number; readonly signature?: Buffer }[] = [];
  readonly #versions: { readonly id: string; readonly jwk: CheckpointKey & { readonly d: string } }[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #curve = "P-256";

  static async start(): Promise<LocalVault> {
    const vault = new LocalVault();
    await new Promise<void>((resolve) => vault.#server.listen(0, "127.0.0.1", resolve));
    vault.rotate();
    return vault;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Identifier of the key, whichever version is the newest. */
  get keyId(): string {
    return `${this.url}/keys/checkpoints`;
  }

  /** A new version of the key. */
  rotate(curve: "P-256" | "P-384" = "P-256"): void {
    this.#curve = curve;
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = privateKey.export({ format: "jwk" }) as unknown as CheckpointKey & { readonly d: string };
    this.#versions.push({ id: randomBytes(16).toString("hex"), jwk });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = (status: number, body: object, headers = {}): void => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    };
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (token === undefined) {
      const challenge = `Bearer authorization="${this.url}/tenant", resource="https://vault.azure.net"`;
      request.resume();
      reply(401, { error: { code: "Unauthorized" } }, { "www-authenticate": challenge });
      return;
    }
    this.audiences.add(audienceOf(token));
    const { pathname } = new URL(request.url ?? "/", this.url);
    this.served.push(`${request.method ?? ""} ${pathname}`);
    const fault = this.faults.shift();
    if (fault?.status !== undefined) {
      request.resume();
      reply(fault.status, { error: { code: "Fault" } });
      return;
    }
    const [, version = "", operation] = /^\/keys\/checkpoints(?:\/([0-9a-f]{32}))?\/?(sign)?$/.exec(pathname) ?? [];
    const key = version === "" ? this.#versions.at(-1) : this.#versions.find(({ id }) => id === version);
    if (!key) reply(404, { error: { code: "KeyNotFound" } });
    else if (operation === "sign") {
      const { alg, value } = (await json(request)) as { readonly alg: string; readonly value: string };
      if (alg !== "ES256") reply(400, { error: { code: "BadParameter" } });
      else {
        const signature = fault?.signature ?? signDigest(key.jwk, Buffer.from(value, "base64url"));
        reply(200, { kid: `${this.keyId}/${key.id}`, value: signature.toString("base64url") });
      }
    } else {
      const { x, y } = key.jwk;
      const shown = { kid: `${this.keyId}/${key.id}`, kty: "EC", crv: this.#curve, x, y, key_ops: ["sign", "verify"] };
      reply(200, { key: shown, attributes: { enabled: true } });
    }
  }
}

function audienceOf(token: string): unknown {
  const [, claims = ""] = token.split(".");
  return claims === "" ? undefined : (JSON.parse(Buffer.from(claims, "base64url").toString()) as { aud: unknown }).aud;
}

/** ECDSA over a digest: Node signs only what it has hashed itself. */
function signDigest({ d }: { readonly d: string }, digest: Buffer): Buffer {
  for (;;) {
    const nonce = createECDH("prime256v1");
    nonce.generateKeys();
    const k = numberOf(nonce.getPrivateKey());
    const r = numberOf(nonce.getPublicKey().subarray(1, 33)) % N;
    const s = (inverse(k) * (numberOf(digest) + r * numberOf(Buffer.from(d, "base64url")))) % N;
    if (r !== 0n && s !== 0n) return Buffer.concat([r, s].map(bytesOf));
  }
}

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString("hex")}`);
const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, "0"), "hex");

/** By Fermat: the order is prime. */
function inverse(number: bigint): bigint {
  let [result, base, exponent] = [1n, number % N, N - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % N;
    base = (base * base) % N;
  }
  return result;
}
