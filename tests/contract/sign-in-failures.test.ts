import * as oidc from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BrowserlessSignIn } from "../../local/testing/browserless-sign-in.ts";
import { startLocalLogin, type LocalLogin } from "../support/local-login.ts";
import { ADA, BEN, loginClients, redeem, type LoginClients } from "../support/login-clients.ts";

let login: LocalLogin;
let clients: LoginClients;

beforeAll(async () => {
  login = await startLocalLogin();
  clients = await loginClients(login);
});
afterAll(() => login.stop());
afterEach(() => login.control("setPerson", { oid: ADA.oid, ...AS_IT_SHOULD_BE }));

const AS_IT_SHOULD_BE = {
  disabled: false,
  mfaRegistered: true,
  refuseMfa: false,
  withoutAcrs: false,
  staleAuthTimeSeconds: 0,
};

describe("a sign-in that goes wrong", () => {
  it("tells the application when the person refuses on the phone", async () => {
    const outcome = await new BrowserlessSignIn().signIn((await clients.stepUp()).url, { ...ADA, mfa: "deny" });
    expect(outcome).toMatchObject({
      kind: "formPost",
      problem: "AADSTS500121",
      fields: { error: "access_denied" },
    });
  });

  it.each([
    ["the phone refuses by itself", { refuseMfa: true }, "AADSTS500121"],
    ["no second factor is registered", { mfaRegistered: false }, "AADSTS50079"],
    ["the account is disabled", { disabled: true }, "AADSTS50057"],
  ])("gives no code when %s", async (_case, behaviour, problem) => {
    login.control("setPerson", { oid: ADA.oid, ...behaviour });
    const outcome = await new BrowserlessSignIn().signIn((await clients.stepUp()).url, ADA);
    expect(outcome).toMatchObject({ problem, fields: { error: "access_denied" } });
  });

  it("refuses unknown accounts and accounts that were disabled from the start", async () => {
    const { url } = await clients.stepUp();
    const unknown = await new BrowserlessSignIn().signIn(url, { userName: "<script>@contoso.example" });
    expect(unknown.problem).toBe("AADSTS50034");
    const former = { userName: "adm-former.colleague@contoso.example" };
    expect((await new BrowserlessSignIn().signIn((await clients.stepUp()).url, former)).problem).toBe("AADSTS50057");
  });

  it("ends refresh tokens and sessions of an account that is disabled", async () => {
    const request = await clients.cliSignIn();
    const browser = new BrowserlessSignIn();
    const tokens = await redeem(clients.cli, await browser.signIn(request.url, ADA), request);
    login.control("setPerson", { oid: ADA.oid, disabled: true });
    await expect(oidc.refreshTokenGrant(clients.cli, tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
    const next = await browser.signIn((await clients.cliSignIn()).url, ADA);
    expect(next.problem).toBe("AADSTS50057");
  });

  it("gives a token without the context, or with an old auth_time, when told so", async () => {
    login.control("setPerson", { userName: ADA.userName, withoutAcrs: true, staleAuthTimeSeconds: 900 });
    const request = await clients.stepUp();
    const claims = (
      await redeem(clients.signIn, await new BrowserlessSignIn().signIn(request.url, ADA), request)
    ).claims();
    expect(claims).not.toHaveProperty("acrs");
    expect(Number(claims?.iat) - Number(claims?.["auth_time"])).toBeGreaterThanOrEqual(900);
  });

  it("is logged, with its outcome", async () => {
    await new BrowserlessSignIn().signIn((await clients.stepUp()).url, { ...BEN, mfa: "deny" });
    const log = login.control("signIns") as { userName: string; outcome: string }[];
    expect(log.slice(-2)).toMatchObject([
      { userName: BEN.userName, outcome: "mfaDenied" },
      { userName: BEN.userName, outcome: "cancelled" },
    ]);
  });
});
