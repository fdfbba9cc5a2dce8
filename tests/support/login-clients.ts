import * as oidc from "openid-client";
import { adminId, APPS } from "../../local/seed.ts";
import type { SignInOutcome } from "../../local/testing/browserless-sign-in.ts";
import type { LocalLogin } from "./local-login.ts";

export const ADA = { oid: adminId(1), userName: "adm-ada.byron@contoso.example" };
export const BEN = { oid: adminId(2), userName: "adm-ben.okafor@contoso.example" };
export const API_SCOPE = `api://${APPS.api.clientId}/access_as_user`;

type Parameters = Readonly<Record<string, string>>;

/** An authorize URL, and what its answer is checked against. */
interface AuthorizeRequest {
  readonly url: string;
  readonly checks: oidc.AuthorizationCodeGrantChecks & {
    readonly expectedNonce: string;
    readonly pkceCodeVerifier: string;
  };
}

/** `openid-client` in the place of the app's sign-in and of the command line. */
export interface LoginClients {
  readonly signIn: oidc.Configuration;
  readonly cli: oidc.Configuration;
  /** The sign-in of a step-up: prompt, context for the id token, form post. */
  stepUp(parameters?: Parameters): Promise<AuthorizeRequest>;
  cliSignIn(parameters?: Parameters): Promise<AuthorizeRequest>;
}

export async function loginClients(login: LocalLogin): Promise<LoginClients> {
  const signIn = await clientOf(login, APPS.signIn.clientId, login.settings.secrets.signInClientSecret);
  const cli = await clientOf(login, APPS.cli.clientId);
  return {
    signIn,
    cli,
    stepUp: (parameters = {}) =>
      authorize(signIn, {
        redirect_uri: `${login.settings.addresses.app}/api/sign-in/callback`,
        response_mode: "form_post",
        scope: "openid profile",
        prompt: "login",
        claims: JSON.stringify(demand("id_token")),
        ...parameters,
      }),
    cliSignIn: (parameters = {}) =>
      authorize(cli, {
        redirect_uri: "http://localhost:49152/callback",
        scope: `openid profile offline_access ${API_SCOPE}`,
        ...parameters,
      }),
  };
}

export const clientOf = (login: LocalLogin, id: string, secret?: string): Promise<oidc.Configuration> =>
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; the local stack has no TLS
  oidc.discovery(login.issuer, id, secret, undefined, { execute: [oidc.allowInsecureRequests] });

/** The `claims` parameter that makes authentication context `c1` essential in one of the tokens. */
export const demand = (token: "id_token" | "access_token") => ({
  [token]: { acrs: { essential: true, value: "c1" } },
});

/** Exchanges the code that a sign-in ended with. */
export const redeem = (
  client: oidc.Configuration,
  outcome: SignInOutcome,
  { checks }: Pick<AuthorizeRequest, "checks">,
) => oidc.authorizationCodeGrant(client, callback(outcome), checks);

function callback(outcome: SignInOutcome): URL | Request {
  if (outcome.kind === "redirect") return new URL(outcome.url);
  if (outcome.kind === "formPost")
    return new Request(outcome.action, { method: "POST", body: new URLSearchParams(outcome.fields) });
  throw new Error(`the sign-in ended on a page: ${outcome.text}`);
}

async function authorize(client: oidc.Configuration, parameters: Parameters): Promise<AuthorizeRequest> {
  const checks = {
    expectedNonce: oidc.randomNonce(),
    expectedState: oidc.randomState(),
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
  };
  const url = oidc.buildAuthorizationUrl(client, {
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    ...parameters,
  });
  return { url: url.href, checks };
}
