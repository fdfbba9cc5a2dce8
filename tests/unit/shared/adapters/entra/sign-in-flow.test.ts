import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIssuer } from "../../../../../shared/adapters/entra/issuer.ts";
import { createSignInFlow } from "../../../../../shared/adapters/entra/sign-in-flow.ts";
import type { SignInFlow } from "../../../../../shared/ports/sign-in.ts";
import { startTokenIssuer, TENANT, type TokenIssuer } from "../../../../support/token-issuer.ts";

const REDIRECT = "http://127.0.0.1:7071/api/sign-in/callback";
const CLIENT = "c4000000-0000-4000-8000-000000000004";
const VERIFIER = "v".repeat(43);

let issuer: TokenIssuer;
let flow: SignInFlow;

beforeAll(async () => {
  issuer = await startTokenIssuer();
  flow = createSignInFlow({
    issuer: createIssuer({ loginUrl: issuer.url, tenantId: TENANT }),
    clientId: CLIENT,
    clientSecret: "secret",
    redirectUrl: REDIRECT,
  });
});
afterAll(() => issuer.stop());

const answerWithIdToken = async (): Promise<string> => {
  const seconds = Math.floor(Date.now() / 1000);
  const idToken = await issuer.sign({
    iss: issuer.issuer,
    aud: CLIENT,
    sub: "pairwise",
    nonce: "nonce-1",
    iat: seconds,
    exp: seconds + 3600,
  });
  issuer.tokenAnswer = { status: 200, body: { access_token: "a", token_type: "Bearer", id_token: idToken } };
  return idToken;
};

describe("sign-in flow", () => {
  const request = { state: "state-1", nonce: "nonce-1", codeVerifier: VERIFIER };

  it("asks for a fresh sign-in with the authentication context, PKCE and a form post", async () => {
    const url = new URL(await flow.authorizeUrl({ ...request, authenticationContext: "c1" }));
    expect(`${url.origin}${url.pathname}`).toBe(`${issuer.url}/authorize`);
    const { claims, ...rest } = Object.fromEntries(url.searchParams);
    expect(rest).toEqual({
      client_id: CLIENT,
      response_type: "code",
      redirect_uri: REDIRECT,
      response_mode: "form_post",
      scope: "openid profile",
      state: "state-1",
      nonce: "nonce-1",
      prompt: "login",
      code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
      code_challenge_method: "S256",
    });
    expect(JSON.parse(claims ?? "")).toEqual({
      id_token: { auth_time: { essential: true }, acrs: { essential: true, value: "c1" } },
    });
  });

  it("lets people pick an account when it only wants to know who it is", async () => {
    const url = new URL(await flow.authorizeUrl({ ...request, authenticationContext: undefined, loginHint: "ada" }));
    expect(url.searchParams.get("prompt")).toBe("select_account");
    expect(url.searchParams.get("login_hint")).toBe("ada");
    expect(url.searchParams.get("claims")).not.toContain("acrs");
  });

  it("gives the id token for a code, proving the code's origin with the verifier", async () => {
    const idToken = await answerWithIdToken();
    expect(await flow.redeem("code-1", VERIFIER)).toBe(idToken);
    expect(Object.fromEntries(issuer.tokenRequests.at(-1) ?? [])).toEqual({
      grant_type: "authorization_code",
      code: "code-1",
      code_verifier: VERIFIER,
      redirect_uri: REDIRECT,
      client_id: CLIENT,
      client_secret: "secret",
    });
  });

  it("answers nothing for a code that the issuer refuses", async () => {
    issuer.tokenAnswer = { status: 400, body: { error: "invalid_grant" } };
    expect(await flow.redeem("used", VERIFIER)).toBeUndefined();
  });

  it("tells a refused client from an issuer that is down, and never names a secret", async () => {
    issuer.tokenAnswer = { status: 401, body: { error: "invalid_client", error_description: "secret" } };
    const refused = flow.redeem("code-1", VERIFIER);
    await expect(refused).rejects.toMatchObject({ code: "Misconfigured" });
    await expect(refused).rejects.not.toThrow("secret");
    issuer.tokenAnswer = { status: 503, body: {} };
    await expect(flow.redeem("code-1", VERIFIER)).rejects.toMatchObject({ code: "Unavailable" });
  });
});
