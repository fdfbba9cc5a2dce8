import { errors, type KoaContextWithOIDC, type ResourceServer } from "oidc-provider";
import { APPS } from "../seed.ts";

/** Entra's access tokens live 60 to 90 minutes. */
export const ACCESS_TOKEN_SECONDS = 75 * 60;

const API = `api://${APPS.api.clientId}`;
const SCOPE = "access_as_user";

/**
 * Entra names the resource inside the scope (`api://<id>/access_as_user`, `<id>/.default`), `oidc-provider` wants it in
 * a parameter of its own: this finds it.
 */
export function resourceOf(ctx: KoaContextWithOIDC): string | undefined {
  const scopes = typeof ctx.oidc.params?.["scope"] === "string" ? ctx.oidc.params["scope"].split(" ") : [];
  const named = scopes.find((scope) => scope.includes("/"));
  return named?.slice(0, named.lastIndexOf("/")).replace(/^(?!\w+:)/, "api://");
}

/** The API is the only resource that people and daemons get tokens for here. */
export function resourceServer(_ctx: unknown, resource: string): ResourceServer {
  if (resource !== API) throw new errors.InvalidTarget(`AADSTS500011: the resource ${resource} was not found`);
  return {
    audience: APPS.api.clientId,
    scope: `${API}/${SCOPE} ${API}/.default ${APPS.api.clientId}/.default`,
    accessTokenFormat: "jwt",
    accessTokenTTL: ACCESS_TOKEN_SECONDS,
    jwt: { sign: { alg: "RS256" } },
  };
}

/** Delegated permissions as `scp` shows them: short names; `.default` stands for all there are. */
export const shortScopes = (scope: string | undefined): readonly string[] =>
  [...new Set(scope?.split(" "))].map((name) => name.slice(name.lastIndexOf("/") + 1).replace(".default", SCOPE));
