import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import * as oidc from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setClock } from "../../local/clock.ts";
import { createTokenAuthority } from "../../local/entra/tokens.ts";
import { APPS, TENANT_ID } from "../../local/seed.ts";
import { BrowserlessSignIn } from "../../local/testing/browserless-sign-in.ts";
import { startLocalLogin, type LocalLogin } from "../support/local-login.ts";
import { ADA, BEN, clientOf, demand, loginClients, redeem, type LoginClients } from "../support/login-clients.ts";

const HOUR_MS = 3_600_000;

let login: LocalLogin;
let clients: LoginClients;

beforeAll(async () => {
  login = await startLocalLogin();
  clients = await loginClients(login);
});
afterAll(() => login.stop());
afterEach(() => setClock({ mode: "real", offsetMs: 0 }));

describe("the identity provider", () => {
  it("describes itself at Entra's addresses, with the tenant's issuer", () => {
    const { login: address } = login.settings.addresses;
    expect(clients.signIn.serverMetadata()).toMatchObject({
      issuer: `${address}/${TENANT_ID}/v2.0`,
      authorization_endpoint: `${address}/${TENANT_ID}/oauth2/v2.0/authorize`,
      token_endpoint: `${address}/${TENANT_ID}/oauth2/v2.0/token`,
      device_authorization_endpoint: `${address}/${TENANT_ID}/oauth2/v2.0/devicecode`,
      jwks_uri: `${address}/${TENANT_ID}/discovery/v2.0/keys`,
    });
  });

  it("knows no other tenant", async () => {
    const answer = await fetch(`${login.settings.addresses.login}/common/v2.0/.well-known/openid-configuration`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: "invalid_tenant" });
  });

  it("signs a person in with code, PKCE and form post, and puts the demanded context into the id token", async () => {
    const request = await clients.stepUp();
    const outcome = await new BrowserlessSignIn().signIn(request.url, ADA);
    expect(outcome.kind).toBe("formPost");
    const claims = (await redeem(clients.signIn, outcome, request)).claims();
    expect(claims).toMatchObject({
      iss: login.issuer.href,
      aud: APPS.signIn.clientId,
      tid: TENANT_ID,
      oid: ADA.oid,
      ver: "2.0",
      acrs: ["c1"],
      nonce: request.checks.expectedNonce,
      preferred_username: ADA.userName,
    });
    expect(claims).not.toHaveProperty("amr");
    expect(claims?.sub).not.toBe(ADA.oid);
    expect(claims?.nbf).toBe(claims?.iat);
  });

  it("signs tokens with RS256 under the published key, which is the same for every start", async () => {
    const keys = createRemoteJWKSet(new URL(clients.signIn.serverMetadata().jwks_uri ?? ""));
    const signedByNextStart = createTokenAuthority(login.settings).sign({ iss: login.issuer.href });
    const { protectedHeader } = await jwtVerify(signedByNextStart, keys, { issuer: login.issuer.href });
    expect(protectedHeader).toMatchObject({ alg: "RS256", typ: "JWT" });
  });

  it("sets cookies that a browser keeps however the clock of the stack was moved", async () => {
    setClock({ mode: "manual", nowMs: Date.UTC(2020, 0, 1) });
    const { headers } = await fetch((await clients.stepUp()).url, { redirect: "manual" });
    expect(headers.getSetCookie().length).toBeGreaterThan(0);
    expect(headers.getSetCookie().join("\n")).not.toMatch(/expires|max-age/i);
  });

  it("takes faults like every simulator: the effect of a lost answer has happened", async () => {
    const request = await clients.cliSignIn();
    const outcome = await new BrowserlessSignIn().signIn(request.url, ADA);
    login.control("faults", { path: "/token$", fault: { kind: "statusAfterEffect", status: 503 } });
    await expect(redeem(clients.cli, outcome, request)).rejects.toThrow();
    await expect(redeem(clients.cli, outcome, request)).rejects.toMatchObject({ error: "invalid_grant" });
  });

  it("gives no object id without the profile scope, as Entra does", async () => {
    const request = await clients.stepUp({ scope: "openid" });
    const tokens = await redeem(clients.signIn, await new BrowserlessSignIn().signIn(request.url, ADA), request);
    expect(tokens.claims()).not.toHaveProperty("oid");
  });

  it("asks for a second factor only where a context is demanded", async () => {
    const request = await clients.stepUp({ claims: "{}" });
    const outcome = await new BrowserlessSignIn().signIn(request.url, { ...ADA, mfa: "deny" });
    const tokens = await redeem(clients.signIn, outcome, request);
    expect(tokens.claims()).not.toHaveProperty("acrs");
  });

  it("refuses the wrong code verifier, the wrong secret and a foreign redirect address", async () => {
    const request = await clients.stepUp();
    const outcome = await new BrowserlessSignIn().signIn(request.url, ADA);
    const otherVerifier = { ...request.checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
    await expect(redeem(clients.signIn, outcome, { ...request, checks: otherVerifier })).rejects.toMatchObject({
      error: "invalid_grant",
    });
    const impostor = await clientOf(login, APPS.signIn.clientId, "guess");
    await expect(redeem(impostor, outcome, request)).rejects.toMatchObject({ error: "invalid_client" });
    const elsewhere = await clients.stepUp({ redirect_uri: "http://127.0.0.1:12/api/sign-in/callback" });
    expect(await new BrowserlessSignIn().signIn(elsewhere.url, ADA)).toMatchObject({ kind: "page", status: 400 });
  });
});

describe("a session", () => {
  it("is used without a question, unless prompt=login asks for the credentials again", async () => {
    const browser = new BrowserlessSignIn();
    await browser.signIn((await clients.stepUp()).url, ADA);

    const silent = await clients.stepUp({ prompt: "none" });
    const known = await redeem(clients.signIn, await browser.signIn(silent.url, BEN), silent);
    expect(known.claims()).toMatchObject({ oid: ADA.oid, acrs: ["c1"] });

    const again = await clients.stepUp();
    const fresh = await redeem(clients.signIn, await browser.signIn(again.url, BEN), again);
    expect(fresh.claims()).toMatchObject({ oid: BEN.oid });
  });

  it("keeps auth_time at the moment of the credentials, while iat moves on", async () => {
    const browser = new BrowserlessSignIn();
    await browser.signIn((await clients.stepUp()).url, ADA);
    setClock({ mode: "real", offsetMs: HOUR_MS });
    const request = await clients.stepUp({ prompt: "none" });
    const claims = (await redeem(clients.signIn, await browser.signIn(request.url, ADA), request)).claims();
    expect(Number(claims?.iat) - Number(claims?.["auth_time"])).toBeGreaterThanOrEqual(3_600);
  });

  it("asks only for the second factor when a context is demanded later", async () => {
    const browser = new BrowserlessSignIn();
    const plain = await clients.stepUp({ claims: "{}" });
    await browser.signIn(plain.url, ADA);
    const more = await clients.cliSignIn({ claims: JSON.stringify(demand("access_token")) });
    const tokens = await redeem(clients.cli, await browser.signIn(more.url, BEN), more);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ oid: ADA.oid, acrs: ["c1"] });
  });

  it("keeps what it has satisfied when the same person is selected again, and not for another person", async () => {
    const browser = new BrowserlessSignIn();
    await browser.signIn((await clients.stepUp()).url, ADA);
    const select = async (person: typeof ADA) => {
      const request = await clients.stepUp({ prompt: "select_account", claims: "{}" });
      return (await redeem(clients.signIn, await browser.signIn(request.url, person), request)).claims();
    };
    expect(await select(ADA)).toMatchObject({ oid: ADA.oid, acrs: ["c1"] });
    expect(await select(BEN)).not.toHaveProperty("acrs");
  });

  it("says interaction_required when a context is missing and nobody may be asked", async () => {
    const browser = new BrowserlessSignIn();
    await browser.signIn((await clients.stepUp({ claims: "{}" })).url, ADA);
    const outcome = await browser.signIn((await clients.stepUp({ prompt: "none" })).url, ADA);
    expect(outcome).toMatchObject({ kind: "formPost", fields: { error: "interaction_required" } });
  });
});
