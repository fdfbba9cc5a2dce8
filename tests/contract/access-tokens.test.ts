import { decodeJwt } from "jose";
import * as oidc from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setClock } from "../../local/clock.ts";
import { createTokenAuthority } from "../../local/entra/tokens.ts";
import { APPS, TENANT_ID } from "../../local/seed.ts";
import { BrowserlessSignIn } from "../../local/testing/browserless-sign-in.ts";
import { startLocalLogin, type LocalLogin } from "../support/local-login.ts";
import {
  ADA,
  API_SCOPE,
  BEN,
  clientOf,
  demand,
  loginClients,
  redeem,
  type LoginClients,
} from "../support/login-clients.ts";

const HOUR_MS = 3_600_000;

let login: LocalLogin;
let clients: LoginClients;

beforeAll(async () => {
  login = await startLocalLogin();
  clients = await loginClients(login);
});
afterAll(() => login.stop());
afterEach(() => setClock({ mode: "real", offsetMs: 0 }));

describe("an access token for the API", () => {
  it("is a v2.0 token of the person through the client, with the scope's short name", async () => {
    const request = await clients.cliSignIn();
    const tokens = await redeem(clients.cli, await new BrowserlessSignIn().signIn(request.url, ADA), request);
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({
      iss: login.issuer.href,
      aud: APPS.api.clientId,
      tid: TENANT_ID,
      oid: ADA.oid,
      azp: APPS.cli.clientId,
      scp: "access_as_user",
      ver: "2.0",
    });
    for (const absent of ["acrs", "amr", "idtyp", "roles", "xms_cc"]) expect(claims).not.toHaveProperty(absent);
  });

  it("carries what a claims challenge for the access token alone demands, also after a refresh", async () => {
    const claims = { access_token: { ...demand("access_token")["access_token"], xms_cc: { values: ["cp1"] } } };
    const request = await clients.cliSignIn({ claims: JSON.stringify(claims) });
    const tokens = await redeem(clients.cli, await new BrowserlessSignIn().signIn(request.url, ADA), request);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ acrs: ["c1"], xms_cc: ["cp1"] });

    const renewed = await oidc.refreshTokenGrant(clients.cli, tokens.refresh_token ?? "");
    expect(decodeJwt(renewed.access_token)).toMatchObject({ acrs: ["c1"], xms_cc: ["cp1"], scp: "access_as_user" });
  });

  it("comes with a refresh token only for offline_access", async () => {
    const request = await clients.cliSignIn({ scope: `openid ${API_SCOPE}` });
    const tokens = await redeem(clients.cli, await new BrowserlessSignIn().signIn(request.url, ADA), request);
    expect(tokens.refresh_token).toBeUndefined();
  });

  it("is asked for with .default as well", async () => {
    const request = await clients.cliSignIn({ scope: `openid ${APPS.api.clientId}/.default` });
    const tokens = await redeem(clients.cli, await new BrowserlessSignIn().signIn(request.url, ADA), request);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: APPS.api.clientId, scp: "access_as_user" });
  });

  it("is refused for a resource that the tenant does not have", async () => {
    const request = await clients.cliSignIn({ scope: "openid api://unknown/access_as_user" });
    const outcome = await new BrowserlessSignIn().signIn(request.url, ADA);
    expect(outcome).toMatchObject({ kind: "redirect" });
    expect(outcome.kind === "redirect" && new URL(outcome.url).searchParams.get("error")).toBe("invalid_target");
  });

  it("comes to a device that shows a code", async () => {
    const device = await oidc.initiateDeviceAuthorization(clients.cli, {
      scope: `openid profile offline_access ${API_SCOPE}`,
    });
    expect(device).not.toHaveProperty("verification_uri_complete");
    const polled = oidc.pollDeviceAuthorizationGrant(clients.cli, device);
    const page = await new BrowserlessSignIn().approveDevice(device.verification_uri, device.user_code, BEN);
    expect(page).toMatchObject({ kind: "page", status: 200 });
    const tokens = await polled;
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      oid: BEN.oid,
      azp: APPS.cli.clientId,
      scp: "access_as_user",
    });
    expect(tokens.claims()).toMatchObject({ oid: BEN.oid });
    expect(tokens.refresh_token).toBeDefined();
  });

  it("does not come to a device whose code is wrong or expired", async () => {
    const device = await oidc.initiateDeviceAuthorization(clients.cli, { scope: `openid ${API_SCOPE}` });
    setClock({ mode: "real", offsetMs: HOUR_MS });
    const late = await new BrowserlessSignIn().approveDevice(device.verification_uri, device.user_code, BEN);
    expect(late).toMatchObject({ kind: "page", problem: "ExpiredError" });
    const wrong = await new BrowserlessSignIn().approveDevice(device.verification_uri, "XXXX-XXXX", BEN);
    expect(wrong).toMatchObject({ kind: "page", problem: "NotFoundError" });
  });

  it("of a daemon has no person and no scope", async () => {
    const daemon = await clientOf(login, APPS.daemon.clientId, login.settings.secrets.signInClientSecret);
    login.control("setPermissions", { clientId: APPS.daemon.clientId, permissions: ["Activations.Read.All"] });
    const tokens = await oidc.clientCredentialsGrant(daemon, { scope: `api://${APPS.api.clientId}/.default` });
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({
      aud: APPS.api.clientId,
      oid: APPS.daemon.objectId,
      azp: APPS.daemon.clientId,
      idtyp: "app",
      roles: ["Activations.Read.All"],
    });
    expect(claims).not.toHaveProperty("scp");
  });

  it("ends after its time, and so do code and refresh token", async () => {
    const request = await clients.cliSignIn();
    const browser = new BrowserlessSignIn();
    const tokens = await redeem(clients.cli, await browser.signIn(request.url, ADA), request);
    const authority = createTokenAuthority(login.settings);
    const header = `Bearer ${tokens.access_token}`;
    expect(authority.authenticate(header, APPS.api.clientId)).toMatchObject({ userObjectId: ADA.oid });

    const second = await clients.cliSignIn();
    const unused = await browser.signIn(second.url, ADA);
    setClock({ mode: "real", offsetMs: 2 * HOUR_MS });
    expect(authority.authenticate(header, APPS.api.clientId)).toBeUndefined();
    await expect(redeem(clients.cli, unused, second)).rejects.toMatchObject({ error: "invalid_grant" });
    expect((await oidc.refreshTokenGrant(clients.cli, tokens.refresh_token ?? "")).access_token).toBeDefined();
    setClock({ mode: "real", offsetMs: 100 * 24 * HOUR_MS });
    await expect(oidc.refreshTokenGrant(clients.cli, tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });
});
