import { createHmac } from "node:crypto";
import { generateKeyPair, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCallerVerifier } from "../../../../../shared/adapters/entra/caller-verifier.ts";
import { createIssuer } from "../../../../../shared/adapters/entra/issuer.ts";
import type { CallerVerifier } from "../../../../../shared/ports/sign-in.ts";
import { startTokenIssuer, TENANT, type TokenIssuer } from "../../../../support/token-issuer.ts";

const NOW = "2026-11-24T09:00:00.000Z";
const SECONDS = Date.parse(NOW) / 1000;
const API = "c1000000-0000-4000-8000-000000000001";
const CLI = "c2000000-0000-4000-8000-000000000002";
const ADA = "d0000000-0000-4000-8000-000000000001";

let issuer: TokenIssuer;
let verifier: CallerVerifier;

const makeVerifier = (): CallerVerifier =>
  createCallerVerifier({
    issuer: createIssuer({ loginUrl: issuer.url, tenantId: TENANT }),
    clock: { now: () => NOW },
    audiences: [API, `api://${API}`],
    clientIds: [CLI],
  });

const claimsWith = (changes: Readonly<Record<string, unknown>> = {}): JWTPayload => ({
  iss: issuer.issuer,
  aud: API,
  tid: TENANT,
  ver: "2.0",
  oid: ADA,
  azp: CLI,
  scp: "openid access_as_user",
  iat: SECONDS,
  nbf: SECONDS,
  exp: SECONDS + 3600,
  ...changes,
});

const verdictOn = async (token: string) => verifier.verify(`Bearer ${token}`);
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

beforeAll(async () => {
  issuer = await startTokenIssuer();
  verifier = makeVerifier();
});
afterAll(() => issuer.stop());

describe("caller verifier", () => {
  it("names the caller of a good token", async () => {
    const token = await issuer.sign(claimsWith({ oid: ADA.toUpperCase() }));
    expect(await verdictOn(token)).toEqual({ caller: { account: ADA, tenantId: TENANT, clientId: CLI } });
  });

  it("accepts the App ID URI as audience and times that are off by less than a minute", async () => {
    const token = await issuer.sign(claimsWith({ aud: `api://${API}`, exp: SECONDS - 50, nbf: SECONDS - 3000 }));
    expect(await verdictOn(token)).toHaveProperty("caller");
    expect(await verdictOn(await issuer.sign(claimsWith({ nbf: SECONDS + 50 })))).toHaveProperty("caller");
  });

  it.each([
    ["expired", { exp: SECONDS - 61 }, "ERR_JWT_EXPIRED"],
    ["not valid yet", { nbf: SECONDS + 61 }, "claim nbf"],
    ["without an end", { exp: undefined }, "claim exp"],
    ["of another tenant", { tid: "20000000-0000-4000-8000-000000000001" }, "another tenant"],
    ["for another audience", { aud: CLI }, "claim aud"],
    ["for more than one audience", { aud: [API, CLI] }, "claim aud"],
    ["of another version", { ver: "1.0" }, "claim ver"],
    ["of an application alone", { scp: undefined, roles: ["Everything.Do"], idtyp: "app" }, "claim scp"],
    ["that calls itself app-only in spite of a scope", { idtyp: "app" }, "claim idtyp"],
    ["without our scope", { scp: "openid access_as_userx" }, "claim scp"],
    ["of a client that is not listed", { azp: "c3000000-0000-4000-8000-000000000003" }, "client not allowed"],
    ["without a client", { azp: undefined }, "claim azp"],
    ["whose object id is no GUID", { oid: "ada@contoso.example" }, "claim oid"],
    ["whose object id is missing", { oid: undefined }, "claim oid"],
  ])("refuses a token %s", async (_, changes, problem) => {
    expect(await verdictOn(await issuer.sign(claimsWith(changes)))).toEqual({ problem });
  });

  it("refuses another issuer, also one that differs by a slash", async () => {
    for (const iss of [`${issuer.issuer}/`, `https://sts.windows.net/${TENANT}/`])
      expect(await verdictOn(await issuer.sign(claimsWith({ iss })))).toEqual({ problem: "claim iss" });
  });

  it("refuses a token without a signature", async () => {
    const token = `${encode({ alg: "none", typ: "JWT" })}.${encode(claimsWith())}.`;
    expect(await verdictOn(token)).toEqual({ problem: "ERR_JOSE_ALG_NOT_ALLOWED" });
  });

  it("refuses a token that uses the public key as a shared secret", async () => {
    const signed = `${encode({ alg: "HS256", kid: "key-1", typ: "JWT" })}.${encode(claimsWith())}`;
    const mac = createHmac("sha256", await issuer.publicKeyPem())
      .update(signed)
      .digest("base64url");
    expect(await verdictOn(`${signed}.${mac}`)).toEqual({ problem: "ERR_JOSE_ALG_NOT_ALLOWED" });
  });

  it("refuses another algorithm of the same family", async () => {
    const { privateKey } = await generateKeyPair("PS256");
    const token = await issuer.sign(claimsWith(), { alg: "PS256" }, privateKey);
    expect(await verdictOn(token)).toEqual({ problem: "ERR_JOSE_ALG_NOT_ALLOWED" });
  });

  it("refuses a token signed with a key that is not published", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const token = await issuer.sign(claimsWith(), {}, privateKey);
    expect(await verdictOn(token)).toEqual({ problem: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  });

  it("refuses a token with any changed part", async () => {
    const token = await issuer.sign(claimsWith());
    const [header = "", , signature = ""] = token.split(".");
    const changed = `${header}.${encode(claimsWith({ oid: "d0000000-0000-4000-8000-000000000002" }))}.${signature}`;
    expect(await verdictOn(changed)).toEqual({ problem: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
    for (let at = 0; at < token.length - 1; at += 41) {
      const flipped = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      expect(await verdictOn(flipped)).toHaveProperty("problem");
    }
  });

  it("refuses everything that is no bearer token", async () => {
    for (const header of [null, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", `Bearer ${"a".repeat(20_000)}`])
      expect(await verifier.verify(header)).toHaveProperty("problem");
  });

  it("fetches metadata once, and the keys again for an unknown key id, but not more often than every thirty seconds", async () => {
    const fresh = makeVerifier();
    issuer.paths.length = 0;
    await fresh.verify(`Bearer ${await issuer.sign(claimsWith())}`);
    const unknown = await issuer.sign(claimsWith(), { kid: "nobody" });
    for (let n = 0; n < 5; n++)
      expect(await fresh.verify(`Bearer ${unknown}`)).toEqual({ problem: "ERR_JWKS_NO_MATCHING_KEY" });
    expect(issuer.paths).toEqual([`/${TENANT}/v2.0/.well-known/openid-configuration`, "/keys"]);
  });

  it("says that the issuer is unavailable instead of refusing, and recovers", async () => {
    const fresh = makeVerifier();
    const token = await issuer.sign(claimsWith());
    issuer.keysStatus = 503;
    await expect(fresh.verify(`Bearer ${token}`)).rejects.toMatchObject({ code: "Unavailable" });
    issuer.keysStatus = 200;
    expect(await fresh.verify(`Bearer ${token}`)).toHaveProperty("caller");
  });

  it("uses plain http for loopback addresses only", () => {
    for (const loginUrl of [
      "http://login.example",
      "http://localhost:8080",
      "ftp://127.0.0.1",
      "http://127.0.0.1.example",
    ])
      expect(() => createIssuer({ loginUrl, tenantId: TENANT })).toThrow("neither https nor a loopback address");
  });
});
