import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from "jose";

export const TENANT = "10000000-0000-4000-8000-000000000001";

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** An issuer of tokens on loopback: metadata, keys and a token endpoint, with everything it was asked. */
export interface TokenIssuer {
  readonly url: string;
  readonly issuer: string;
  readonly paths: string[];
  readonly tokenRequests: URLSearchParams[];
  /** What the token endpoint answers next. */
  tokenAnswer: { readonly status: number; readonly body: unknown };
  keysStatus: number;
  /** PEM of the published key. */
  publicKeyPem(): Promise<string>;
  sign(claims: JWTPayload, header?: Partial<{ alg: string; kid: string }>, key?: CryptoKey): Promise<string>;
  /** Signs with a new key from now on, and publishes it. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  let key = await makeKey("key-1");
  const published: Key[] = [key];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    self.paths.push(path);
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const endpoints: Record<string, () => void> = {
      [`/${TENANT}/v2.0/.well-known/openid-configuration`]: () => answer(200, metadataOf(self)),
      "/keys": () => void publicKeys(published).then((keys) => answer(self.keysStatus, { keys })),
      "/token": () => {
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
          self.tokenRequests.push(new URLSearchParams(body));
          answer(self.tokenAnswer.status, self.tokenAnswer.body);
        });
      },
    };
    const endpoint = endpoints[path];
    if (endpoint) endpoint();
    else answer(404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self: TokenIssuer = {
    url,
    issuer: `${url}/${TENANT}/v2.0`,
    paths: [],
    tokenRequests: [],
    tokenAnswer: { status: 500, body: {} },
    keysStatus: 200,
    publicKeyPem: () => exportSPKI(key.publicKey),
    sign: (claims, header = {}, other = key.privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: key.kid, typ: "JWT", ...header }).sign(other),
    rotate: async () => {
      key = await makeKey(`key-${published.length + 1}`);
      published.push(key);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return self;
}

async function makeKey(kid: string): Promise<Key> {
  return { kid, ...(await generateKeyPair("RS256", { extractable: true })) };
}

const publicKeys = (keys: readonly Key[]) =>
  Promise.all(keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, use: "sig" })));

const metadataOf = ({ url, issuer }: TokenIssuer) => ({
  issuer,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  jwks_uri: `${url}/keys`,
  response_types_supported: ["code"],
  subject_types_supported: ["pairwise"],
  id_token_signing_alg_values_supported: ["RS256"],
});
