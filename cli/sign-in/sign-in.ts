import * as oidc from "openid-client";
import { isSafeAddress } from "../config/address.ts";
import type { SignInSettings } from "../config/settings.ts";
import { notSignedIn } from "../exit-code.ts";
import { asSignIn, discover, tokensOf } from "./identity-provider.ts";
import { openLoopbackReceiver } from "./loopback.ts";
import type { CachedTokens } from "./token-cache.ts";

const LONGEST_SIGN_IN_MS = 5 * 60_000;

/** Signs in with a browser on this machine: authorization code with PKCE, back to a port of this process. @throws CliError */
export async function signInWithBrowser(
  settings: SignInSettings,
  show: (signInUrl: string) => void,
): Promise<CachedTokens> {
  const provider = await discover(settings);
  const receiver = await openLoopbackReceiver();
  try {
    const checks = {
      expectedState: oidc.randomState(),
      expectedNonce: oidc.randomNonce(),
      pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    };
    const signInUrl = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: receiver.redirectUri,
      scope: settings.scope,
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: "S256",
      prompt: "select_account",
    });
    const callback = receiver.received(checks.expectedState, AbortSignal.timeout(LONGEST_SIGN_IN_MS));
    show(safeUrl(signInUrl.href));
    return await asSignIn(async () => tokensOf(await oidc.authorizationCodeGrant(provider, await callback, checks)));
  } finally {
    receiver.close();
  }
}

/** Signs in with a browser anywhere, by a code that the person types there. @throws CliError */
export async function signInWithDeviceCode(
  settings: SignInSettings,
  show: (page: string, code: string) => void,
): Promise<CachedTokens> {
  const provider = await discover(settings);
  return asSignIn(async () => {
    const device = await oidc.initiateDeviceAuthorization(provider, { scope: settings.scope });
    show(safeUrl(device.verification_uri), device.user_code);
    return tokensOf(await oidc.pollDeviceAuthorizationGrant(provider, device));
  });
}

/** @throws CliError with exit code 3 when the person has to sign in again */
export async function refresh(settings: SignInSettings, tokens: CachedTokens): Promise<CachedTokens> {
  const { refreshToken } = tokens;
  if (refreshToken === undefined) throw notSignedIn("the sign-in is over: sign in again with zs login");
  const provider = await discover(settings);
  return asSignIn(async () =>
    tokensOf(await oidc.refreshTokenGrant(provider, refreshToken, { scope: settings.scope }), tokens),
  );
}

function safeUrl(url: string): string {
  if (!isSafeAddress(url)) throw notSignedIn(`the identity provider names an unsafe page: ${url}`);
  return url;
}
