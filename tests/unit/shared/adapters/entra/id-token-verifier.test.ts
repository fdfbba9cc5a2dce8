import type { JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIdTokenVerifier } from "../../../../../shared/adapters/entra/id-token-verifier.ts";
import { createIssuer } from "../../../../../shared/adapters/entra/issuer.ts";
import type { IdTokenVerifier } from "../../../../../shared/ports/sign-in.ts";
import { startTokenIssuer, TENANT, type TokenIssuer } from "../../../../support/token-issuer.ts";

const NOW = "2026-11-24T09:00:00.000Z";
const SECONDS = Date.parse(NOW) / 1000;
const SIGN_IN = "c4000000-0000-4000-8000-000000000004";
const ADA = "a0000000-0000-4000-8000-000000000001";

let issuer: TokenIssuer;
let verifier: IdTokenVerifier;

const claimsWith = (changes: Readonly<Record<string, unknown>> = {}): JWTPayload => ({
  iss: issuer.issuer,
  aud: SIGN_IN,
  tid: TENANT,
  oid: ADA,
  nonce: "nonce-1",
  iat: SECONDS,
  exp: SECONDS + 3600,
  auth_time: SECONDS - 5,
  acrs: ["c1"],
  ...changes,
});

beforeAll(async () => {
  issuer = await startTokenIssuer();
  verifier = createIdTokenVerifier({
    issuer: createIssuer({ loginUrl: issuer.url, tenantId: TENANT }),
    clock: { now: () => NOW },
    signInClientId: SIGN_IN,
  });
});
afterAll(() => issuer.stop());

describe("id token verifier", () => {
  it("answers who signed in, when, with which contexts and nonce", async () => {
    expect(await verifier.verify(await issuer.sign(claimsWith()))).toEqual({
      signIn: {
        account: ADA,
        nonce: "nonce-1",
        authenticatedAt: "2026-11-24T08:59:55.000Z",
        authenticationContexts: ["c1"],
      },
    });
  });

  it("answers no contexts for an ordinary sign-in", async () => {
    const verified = await verifier.verify(await issuer.sign(claimsWith({ acrs: undefined })));
    expect(verified).toMatchObject({ signIn: { authenticationContexts: [] } });
  });

  it.each([
    ["for another application", { aud: "c1000000-0000-4000-8000-000000000001" }, "claim aud"],
    ["of another issuer", { iss: "https://login.example/v2.0" }, "claim iss"],
    ["of another tenant", { tid: "20000000-0000-4000-8000-000000000001" }, "another tenant"],
    ["that expired", { exp: SECONDS - 61 }, "ERR_JWT_EXPIRED"],
    ["without a nonce", { nonce: undefined }, "claim nonce"],
    ["without its time of issue", { iat: undefined }, "claim iat"],
    ["issued in the future", { iat: SECONDS + 61 }, "issued in the future"],
    ["without the time of the sign-in", { auth_time: undefined }, "claim auth_time"],
    ["whose sign-in time is text", { auth_time: String(SECONDS) }, "claim auth_time"],
    ["whose sign-in came after it", { auth_time: SECONDS + 120 }, "claim auth_time"],
    ["whose contexts are one text", { acrs: "c1" }, "claim acrs"],
  ])("refuses a token %s", async (_, changes, problem) => {
    expect(await verifier.verify(await issuer.sign(claimsWith(changes)))).toEqual({ problem });
  });

  it("refuses text that is no token", async () => {
    for (const text of ["", "a.b", "a.b.c", "null"]) expect(await verifier.verify(text)).toHaveProperty("problem");
  });

  it("goes on with the issuer's next key", async () => {
    const fresh = createIdTokenVerifier({
      issuer: createIssuer({ loginUrl: issuer.url, tenantId: TENANT }),
      clock: { now: () => NOW },
      signInClientId: SIGN_IN,
    });
    await issuer.rotate();
    expect(await fresh.verify(await issuer.sign(claimsWith()))).toHaveProperty("signIn");
  });
});
