import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  clockTolerance,
  Configuration,
  genericGrantRequest,
  ResponseBodyError,
} from "openid-client";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { SignInFlow } from "../../ports/sign-in.ts";
import { TIMEOUT_SECONDS, type Issuer } from "./issuer.ts";
import { SKEW_SECONDS } from "./verify-token.ts";

interface SignInSettings {
  readonly issuer: Issuer;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the browser posts the code: registered with the issuer, character for character. */
  readonly redirectUrl: string;
}

/** The browser sign-in: authorization code with PKCE, answered by a form post. The id token in the answer is the proof. */
export function createSignInFlow(settings: SignInSettings): SignInFlow {
  const { issuer, redirectUrl } = settings;
  const client = async (): Promise<Configuration> => configure(settings, await issuer.metadata());
  return {
    authorizeUrl: async ({ state, nonce, codeVerifier, authenticationContext, loginHint }) =>
      buildAuthorizationUrl(await client(), {
        redirect_uri: redirectUrl,
        response_mode: "form_post",
        scope: "openid profile", // without `profile` the id token carries no object id
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
        claims: JSON.stringify(wantedClaims(authenticationContext)),
        // A context alone is satisfied by an older sign-in; a proof needs a fresh one.
        prompt: authenticationContext === undefined ? "select_account" : "login",
        ...(loginHint === undefined ? {} : { login_hint: loginHint }),
      }).href,
    redeem: async (code, codeVerifier) => {
      const parameters = { code, code_verifier: codeVerifier, redirect_uri: redirectUrl };
      try {
        return (await genericGrantRequest(await client(), "authorization_code", parameters)).id_token;
      } catch (cause) {
        if (cause instanceof ResponseBodyError && cause.error === "invalid_grant") return undefined;
        throw faultOf(issuer.name, cause);
      }
    },
  };
}

function configure(
  { clientId, clientSecret, issuer }: SignInSettings,
  metadata: ConstructorParameters<typeof Configuration>[0],
): Configuration {
  const options = { id_token_signed_response_alg: "RS256", [clockTolerance]: SKEW_SECONDS };
  const client = new Configuration(metadata, clientId, options, ClientSecretPost(clientSecret));
  client.timeout = TIMEOUT_SECONDS;
  for (const extend of issuer.transport) extend(client);
  return client;
}

const wantedClaims = (authenticationContext: string | undefined) => ({
  id_token: {
    auth_time: { essential: true },
    ...(authenticationContext === undefined ? {} : { acrs: { essential: true, value: authenticationContext } }),
  },
});

function faultOf(issuer: string, cause: unknown): DependencyError {
  if (cause instanceof DependencyError) return cause;
  if (cause instanceof ResponseBodyError && cause.status < 500)
    return new DependencyError("Misconfigured", `${issuer} refuses our client: ${cause.error}`, { cause });
  return new DependencyError("Unavailable", `${issuer} does not give the token`, { cause });
}
