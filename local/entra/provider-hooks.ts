import { randomUUID } from "node:crypto";
import {
  interactionPolicy,
  type AccessToken,
  type Account,
  type ClientCredentials,
  type Grant,
  type JWTStructured,
  type KoaContextWithOIDC,
  type Provider,
} from "oidc-provider";
import { TENANT_ID } from "../seed.ts";
import { applicationWith, type Permissions } from "./applications.ts";
import { clientCapabilities, contextsOf, demandedContexts } from "./authentication-context.ts";
import type { People } from "./people.ts";
import { shortScopes } from "./resources.ts";
import { applicationClaims, delegationClaims, personClaims, type SignInFacts } from "./token-claims.ts";
import { epochSeconds, type Claims, type TokenAuthority } from "./tokens.ts";

const { Check, Prompt } = interactionPolicy;

/** A code, device code or refresh token: what remembers the sign-in until tokens are made of it. */
interface Remembered {
  readonly acr?: string | undefined;
  readonly authTime?: number | undefined;
  readonly claims?: unknown;
}

/** The person as a source of id token claims; nobody when the account is disabled, which ends refresh tokens too. */
export function accountOf(people: People, subject: string, source: object | undefined): Account | undefined {
  const person = people.withSubject(subject);
  if (!person || person.disabled) return undefined;
  const { acr, authTime = 0 }: Remembered = source ?? {};
  const facts = { authTime, contexts: contextsOf(acr) };
  return {
    accountId: subject,
    claims: () => ({
      ...personClaims(person.account, "", facts),
      sub: subject,
      tid: TENANT_ID,
      ver: "2.0",
      nbf: epochSeconds(),
      uti: randomUUID(),
    }),
  };
}

/** Replaces the claims of `oidc-provider`'s own access token format by those of an Entra v2.0 token. */
export function shapeAccessToken(
  parts: { readonly tokens: TokenAuthority; readonly people: People; readonly permissions: Permissions },
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  jwt: JWTStructured,
): void {
  const { aud, iat, exp } = jwt.payload;
  const audience = String(aud);
  const application = applicationWith(token.clientId ?? "");
  const person = token.kind === "AccessToken" ? parts.people.withSubject(token.accountId) : undefined;
  const holder = person
    ? { ...personClaims(person.account, audience, signInOf(ctx)), ...delegation(ctx, token) }
    : applicationClaims(application, parts.permissions.of(application, audience));
  jwt.header = { typ: "JWT" };
  jwt.payload = { ...parts.tokens.envelope(0), aud, iat, nbf: iat, exp, ...holder };
}

const rememberedIn = (ctx: KoaContextWithOIDC): Remembered =>
  ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.DeviceCode ?? ctx.oidc.entities.RefreshToken ?? {};

function signInOf(ctx: KoaContextWithOIDC): SignInFacts {
  const { acr, authTime = 0 } = rememberedIn(ctx);
  return { authTime, contexts: contextsOf(acr) };
}

const delegation = (ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials): Claims =>
  delegationClaims({
    clientId: token.clientId ?? "",
    scopes: shortScopes(token.scope),
    capabilities: clientCapabilities(rememberedIn(ctx).claims),
  });

/** When a person has to be asked: a demanded authentication context is new, or the account was disabled meanwhile. */
export function signInPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  policy.get("login")?.checks.add(
    new Check(
      "authentication_context",
      "a demanded authentication context is missing",
      "interaction_required",
      (ctx) => {
        const satisfied = contextsOf(ctx.oidc.session?.acr);
        const missing = demandedContexts(ctx.oidc.claims).some((context) => !satisfied.includes(context));
        // A second demand after a sign-in that did not satisfy the context would ask for ever.
        return missing && ctx.oidc.result?.login === undefined;
      },
    ),
  );
  policy.get("login")?.checks.add(
    new Check("disabled", "the account is disabled", "login_required", (ctx) => {
      return ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined;
    }),
  );
  // An administrator has consented for the whole tenant: nobody is asked, native clients neither.
  policy.get("consent")?.checks.remove("native_client_prompt");
  policy.add(new Prompt({ name: "select_account", requestable: true }), 0);
  return policy;
}

/** Consent given by an administrator: everything that was asked is granted. */
export async function grantEverythingAsked(provider: Provider, ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { account, client, resourceServers, requestParamClaims } = ctx.oidc;
  if (!account || !client) return undefined;
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  grant.addOIDCScope("openid profile email offline_access");
  grant.addOIDCClaims([...requestParamClaims]);
  for (const [resource, { scope }] of Object.entries(resourceServers ?? {})) grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}

/** Takes away what `oidc-provider` says and Entra does not, and adds what Entra says. */
export function answerLikeEntra(provider: Provider): void {
  provider.on("authorization.success", (_ctx, response: Record<string, unknown> | undefined) => {
    if (!response) return; // a device code has none
    delete response["iss"];
    response["session_state"] = randomUUID();
  });
  provider.on("device_authorization.success", (_ctx, response: Record<string, unknown>) => {
    delete response["verification_uri_complete"];
    response["interval"] = 1;
    response["message"] =
      `To sign in, open the page ${String(response["verification_uri"])} and enter the code ${String(response["user_code"])}.`;
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path.endsWith("/openid-configuration"))
      delete (ctx.body as Record<string, unknown>)["authorization_response_iss_parameter_supported"];
    keepCookiesUntilTheBrowserCloses(ctx);
  });
}

/** A browser has the real time, this process the stack's: an expiry would delete the cookie after the clock was moved. */
function keepCookiesUntilTheBrowserCloses(ctx: Pick<KoaContextWithOIDC, "response">): void {
  const cookies = [ctx.response.get("set-cookie")].flat().filter(Boolean);
  const lasting = cookies.map((cookie) => (/^[^=]+=;/.test(cookie) ? cookie : cookie.replace(/; expires=[^;]*/gi, "")));
  if (lasting.length > 0) ctx.response.set("set-cookie", lasting);
}
