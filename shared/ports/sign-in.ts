import type { PrincipalId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";

/** A person or program as its verified access token says. */
export interface Caller {
  readonly account: PrincipalId;
  readonly tenantId: string;
  readonly clientId: string;
}

/** Checks access tokens for our API: issuer, audience, expiry, tenant, algorithm, scope, client. */
export interface CallerVerifier {
  /** The caller, or why the token is no good (for the log; the answer to the caller is always the same 401). */
  verify(authorization: string | null): Promise<{ readonly caller: Caller } | { readonly problem: string }>;
}

/** An id token that was checked: signature, issuer, audience, tenant, expiry. */
export interface VerifiedSignIn {
  readonly account: PrincipalId;
  readonly nonce: string;
  readonly authenticatedAt: Instant;
  readonly authenticationContexts: readonly string[];
}

/** The worker's check of an id token. @throws DependencyError when the issuer's keys cannot be had */
export interface IdTokenVerifier {
  verify(idToken: string): Promise<{ readonly signIn: VerifiedSignIn } | { readonly problem: string }>;
}

/** The front's half of a browser sign-in (code flow, PKCE, form_post). */
export interface SignInFlow {
  authorizeUrl(request: {
    readonly state: string;
    readonly nonce: string;
    readonly codeVerifier: string;
    /** `undefined`: an ordinary sign-in that only shows who it is. */
    readonly authenticationContext: string | undefined;
    readonly loginHint?: string;
  }): Promise<string>;
  /** The id token for the code. @throws DependencyError; a refused code is `undefined` */
  redeem(code: string, codeVerifier: string): Promise<string | undefined>;
}
