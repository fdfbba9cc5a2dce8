import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APPS, TENANT_ID } from "../../local/seed.ts";
import { BrowserlessSignIn } from "../../local/testing/browserless-sign-in.ts";
import { createCallerVerifier } from "../../shared/adapters/entra/caller-verifier.ts";
import { createIdTokenVerifier } from "../../shared/adapters/entra/id-token-verifier.ts";
import { createIssuer } from "../../shared/adapters/entra/issuer.ts";
import { createSignInFlow } from "../../shared/adapters/entra/sign-in-flow.ts";
import { instant } from "../../shared/domain/time.ts";
import { startLocalLogin, type LocalLogin } from "../support/local-login.ts";
import { ADA } from "../support/login-clients.ts";

const clock = { now: () => instant(Date.now()) };
const codeVerifier = "verifier-".repeat(6);
let login: LocalLogin;

beforeAll(async () => {
  login = await startLocalLogin();
});
afterAll(() => login.stop());

const issuer = () => createIssuer({ loginUrl: login.settings.addresses.login, tenantId: TENANT_ID });

async function signIn(authenticationContext: string | undefined) {
  const flow = createSignInFlow({
    issuer: issuer(),
    clientId: APPS.signIn.clientId,
    clientSecret: login.settings.secrets.signInClientSecret,
    redirectUrl: `${login.settings.addresses.app}/api/sign-in/callback`,
  });
  const url = await flow.authorizeUrl({ state: "state", nonce: "nonce", codeVerifier, authenticationContext });
  const outcome = await new BrowserlessSignIn().signIn(url, ADA);
  if (outcome.kind !== "formPost") throw new Error(`ended as ${outcome.kind}`);
  expect(outcome.fields["state"]).toBe("state");
  return (await flow.redeem(outcome.fields["code"] ?? "", codeVerifier)) ?? "";
}

describe("the app's sign-in against the local identity provider", () => {
  it.each([
    ["c1", ["c1"]],
    [undefined, []],
  ])("accepts the id token of a sign-in with context %s", async (context, authenticationContexts) => {
    const verifier = createIdTokenVerifier({ issuer: issuer(), clock, signInClientId: APPS.signIn.clientId });
    expect(await verifier.verify(await signIn(context))).toMatchObject({
      signIn: { account: ADA.oid, nonce: "nonce", authenticationContexts },
    });
  });

  it("accepts access tokens of people through the command line only", async () => {
    const verifier = createCallerVerifier({
      issuer: issuer(),
      clock,
      audiences: [APPS.api.clientId],
      clientIds: [APPS.cli.clientId],
    });
    const verify = (parameters: Readonly<Record<string, unknown>>) =>
      verifier.verify(`Bearer ${login.token("mint", parameters)}`);
    expect(await verify({ oid: ADA.oid })).toMatchObject({ caller: { account: ADA.oid } });
    expect(await verify({ oid: ADA.oid, clientId: APPS.stranger.clientId })).toHaveProperty("problem");
    expect(await verify({ oid: ADA.oid, key: "other" })).toHaveProperty("problem");
    expect(await verify({ oid: APPS.daemon.objectId })).toHaveProperty("problem");
  });
});
