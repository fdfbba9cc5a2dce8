import type { FrontSettings, Settings } from "../../shared/config/settings.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { CallerVerifier, IdTokenVerifier, SignInFlow } from "../../shared/ports/sign-in.ts";
import { lazy, once } from "../lazy.ts";

const issuerOf = (settings: Settings) =>
  once(async () => (await import("../../shared/adapters/entra/issuer.ts")).createIssuer(settings));

/** Who calls, and who signs in: for the front. */
export function callerPorts(
  settings: Settings,
  { api, signIn }: FrontSettings,
  clock: Clock,
): { readonly callers: CallerVerifier; readonly signIn: SignInFlow } {
  const issuer = issuerOf(settings);
  return {
    callers: lazy<CallerVerifier>(async () =>
      (await import("../../shared/adapters/entra/caller-verifier.ts")).createCallerVerifier({
        issuer: await issuer(),
        clock,
        ...api,
      }),
    ),
    signIn: lazy<SignInFlow>(async () =>
      (await import("../../shared/adapters/entra/sign-in-flow.ts")).createSignInFlow({
        issuer: await issuer(),
        clientId: signIn.clientId,
        clientSecret: signIn.clientSecret.reveal(),
        redirectUrl: signInCallback(settings),
      }),
    ),
  };
}

/** Verifies id tokens made for the sign-in's registration. */
export function idTokenPort(settings: Settings, signInClientId: string, clock: Clock): IdTokenVerifier {
  const issuer = issuerOf(settings);
  return lazy<IdTokenVerifier>(async () =>
    (await import("../../shared/adapters/entra/id-token-verifier.ts")).createIdTokenVerifier({
      issuer: await issuer(),
      clock,
      signInClientId,
    }),
  );
}

/** Where the login answers to, and nowhere else. */
export const signInCallback = ({ publicUrl }: Pick<Settings, "publicUrl">): string =>
  `${publicUrl}/api/sign-in/callback`;
