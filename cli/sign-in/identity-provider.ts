import * as oidc from "openid-client";
import { isLoopbackAddress } from "../config/address.ts";
import type { SignInSettings } from "../config/settings.ts";
import { notSignedIn, unavailable, type CliError } from "../exit-code.ts";
import type { CachedTokens } from "./token-cache.ts";

type TokenAnswer = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

/** The identity provider as it describes itself. @throws CliError */
export function discover({ issuer, clientId }: SignInSettings): Promise<oidc.Configuration> {
  const local = issuer.protocol === "http:" && isLoopbackAddress(issuer.href);
  return asSignIn(() =>
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; only for literal loopback addresses
    oidc.discovery(issuer, clientId, undefined, oidc.None(), local ? { execute: [oidc.allowInsecureRequests] } : {}),
  );
}

/** What is kept of an answer of the token endpoint; a refresh may leave out what stays as it was. */
export function tokensOf(answer: TokenAnswer, before?: CachedTokens): CachedTokens {
  const userName = answer.claims()?.["preferred_username"];
  const refreshToken = answer.refresh_token ?? before?.refreshToken;
  return {
    accessToken: answer.access_token,
    expiresAt: new Date(Date.now() + (answer.expires_in ?? 0) * 1_000).toISOString(),
    userName: typeof userName === "string" ? userName : (before?.userName ?? "somebody"),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
}

/** Runs a step of a sign-in. @throws CliError: what the provider refused, or that it cannot be reached */
export async function asSignIn<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw signInProblem(error);
  }
}

function signInProblem(error: unknown): CliError {
  if (error instanceof oidc.ResponseBodyError || error instanceof oidc.AuthorizationResponseError) {
    if (error instanceof oidc.ResponseBodyError && error.status >= 500)
      return unavailable(`the identity provider answered ${error.status}`, error);
    return notSignedIn(`the sign-in failed: ${firstLine(error.error_description) ?? error.error}`, error);
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "OAUTH_ABORT") return notSignedIn("the sign-in was not finished in time", error);
  const unreachable = error instanceof TypeError || code === "OAUTH_TIMEOUT" || /RESPONSE_IS_NOT/.test(code);
  if (unreachable) return unavailable("the identity provider does not answer as it should", error);
  return notSignedIn(`the sign-in failed: ${firstLine((error as Error).message) ?? "unknown"}`, error);
}

/** Entra adds trace ids on further lines. */
const firstLine = (text: string | undefined): string | undefined => text?.split(/\r?\n/, 1)[0];
