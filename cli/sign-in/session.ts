import { readApiUrl, signInSettings, type SignInSettings } from "../config/settings.ts";
import { CliError, ExitCode, notSignedIn } from "../exit-code.ts";
import { refresh } from "./sign-in.ts";
import { cacheKey, openTokenCache, type CachedTokens, type TokenCache } from "./token-cache.ts";

/** Access to the service for the person who signed in. */
export interface Session {
  readonly apiUrl: string;
  /** What the person does when the service accepts no token of this session. */
  readonly signInAgain: string;
  /** @throws CliError with exit code 3 when nobody is signed in */
  accessToken(): Promise<string>;
  /** A token for another service, by the same sign-in; `undefined` if there is none to be had. */
  tokenFor(scope: string): Promise<string | undefined>;
  /** Another token after the service refused the one before; `undefined` if there is none to be had. */
  renewedToken(): Promise<string | undefined>;
}

const SPARE_MS = 60_000;

/** The session that the settings name: the token of `ZS_ACCESS_TOKEN`, else the kept ones of `zs login`. */
export function openSession(env: Readonly<Record<string, string | undefined>>, directory: string): Session {
  const given = env["ZS_ACCESS_TOKEN"];
  if (given) {
    const token = given.trim();
    if (!/^[\x21-\x7E]+$/.test(token)) throw notSignedIn("ZS_ACCESS_TOKEN is not a token");
    return { apiUrl: readApiUrl(env, directory), accessToken: async () => token, ...OF_A_SCRIPT };
  }
  const settings = signInSettings(env, directory);
  const cache = openTokenCache(env);
  const key = cacheKey(settings);
  return {
    apiUrl: settings.apiUrl,
    signInAgain: "sign in again with zs login",
    accessToken: async () => {
      const kept = cache.read(key);
      if (!kept) throw notSignedIn("nobody is signed in: sign in with zs login");
      if (Date.parse(kept.expiresAt) - SPARE_MS > Date.now()) return kept.accessToken;
      return (await refreshed(settings, cache, kept)).accessToken;
    },
    tokenFor: async (scope) => {
      const kept = cache.read(key);
      if (kept?.refreshToken === undefined) return undefined;
      try {
        return (await refresh({ ...settings, scope }, kept)).accessToken;
      } catch (error) {
        // The tenant has not let this command ask for it, or the sign-in is over.
        if (error instanceof CliError && error.exitCode === ExitCode.NotSignedIn) return undefined;
        throw error;
      }
    },
    renewedToken: async () => {
      const kept = cache.read(key);
      return kept?.refreshToken === undefined ? undefined : (await refreshed(settings, cache, kept)).accessToken;
    },
  };
}

const OF_A_SCRIPT = {
  signInAgain: "ZS_ACCESS_TOKEN has expired, or is for another service",
  renewedToken: async () => undefined,
  tokenFor: async () => undefined,
};

async function refreshed(settings: SignInSettings, cache: TokenCache, kept: CachedTokens): Promise<CachedTokens> {
  try {
    const tokens = await refresh(settings, kept);
    cache.write(cacheKey(settings), tokens);
    return tokens;
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== ExitCode.NotSignedIn) throw error;
    throw notSignedIn("the sign-in is over: sign in again with zs login", error);
  }
}
