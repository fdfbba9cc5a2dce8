/**
 * Entra takes three things that `oidc-provider` does not: a `claims` parameter for the access token alone, one without
 * the `openid` scope, and `offline_access` without a prompt for consent. Says the same in its words.
 */
export function asOidcParameters(parameters: URLSearchParams): URLSearchParams {
  const scopes = parameters.get("scope")?.split(" ") ?? [];
  const claims = parameters.get("claims");
  if (claims !== null) {
    parameters.set("claims", withIdTokenMember(claims));
    if (!scopes.includes("openid")) parameters.set("scope", ["openid", ...scopes].join(" "));
  }
  const prompts = parameters.get("prompt")?.split(" ") ?? [];
  if (parameters.has("response_type") && scopes.includes("offline_access") && !prompts.includes("none"))
    parameters.set("prompt", [...new Set([...prompts, "consent"])].join(" "));
  return parameters;
}

function withIdTokenMember(claims: string): string {
  try {
    return JSON.stringify({ id_token: {}, ...(JSON.parse(claims) as object) });
  } catch {
    return claims; // refused by oidc-provider
  }
}
