import type { Provider } from "oidc-provider";
import type { People } from "./people.ts";
import { ACCESS_TOKEN_SECONDS } from "./resources.ts";
import { delegationClaims, personClaims } from "./token-claims.ts";
import type { TokenAuthority } from "./tokens.ts";

/**
 * Entra's refresh tokens are good for every resource that the client may use; those of `oidc-provider` for the one that
 * was signed in for. Answers a refresh for Azure Resource Manager; `undefined`: the request is no such thing.
 */
export async function refreshForAzure(
  form: URLSearchParams,
  parts: {
    readonly provider: Provider;
    readonly people: People;
    readonly tokens: TokenAuthority;
    readonly azure: string;
  },
): Promise<Response | undefined> {
  const { provider, people, tokens, azure } = parts;
  const wanted = form.get("scope")?.split(" ") ?? [];
  if (form.get("grant_type") !== "refresh_token" || !wanted.includes(`${azure}/.default`)) return undefined;
  const refreshToken = form.get("refresh_token") ?? "";
  const kept = await provider.RefreshToken.find(refreshToken);
  const person = kept && people.withSubject(kept.accountId);
  if (!kept || !person || person.disabled || kept.clientId !== form.get("client_id"))
    return Response.json(
      { error: "invalid_grant", error_description: "AADSTS70008: The refresh token has expired or is not valid here." },
      { status: 400 },
    );
  const signIn = { authTime: kept.authTime ?? 0, contexts: [] };
  return Response.json({
    token_type: "Bearer",
    scope: `${azure}/user_impersonation`,
    expires_in: ACCESS_TOKEN_SECONDS,
    access_token: tokens.sign({
      ...tokens.envelope(ACCESS_TOKEN_SECONDS),
      aud: azure,
      ...personClaims(person.account, azure, signIn),
      ...delegationClaims({ clientId: kept.clientId, scopes: ["user_impersonation"], capabilities: [] }),
    }),
    refresh_token: refreshToken,
  });
}
