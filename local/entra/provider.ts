import { randomBytes } from "node:crypto";
import { Provider, type Configuration } from "oidc-provider";
import { TENANT_ID } from "../seed.ts";
import type { StackSettings } from "../service.ts";
import { registrations, type Permissions } from "./applications.ts";
import { confirmDevice, deviceDone, enterDeviceCode } from "./device-pages.ts";
import { errorPage } from "./pages.ts";
import type { People } from "./people.ts";
import { accountOf, answerLikeEntra, grantEverythingAsked, shapeAccessToken, signInPolicy } from "./provider-hooks.ts";
import { createProviderStore } from "./provider-store.ts";
import { ACCESS_TOKEN_SECONDS, resourceOf, resourceServer } from "./resources.ts";
import type { TokenAuthority } from "./tokens.ts";

const DAY_SECONDS = 86_400;

interface ProviderParts {
  readonly settings: StackSettings;
  readonly tokens: TokenAuthority;
  readonly people: People;
  readonly permissions: Permissions;
}

/** `oidc-provider`, set up to answer as Entra ID does. It is mounted under `/<tenant>`; see README.md. */
export function createProvider(parts: ProviderParts): Provider {
  const provider: Provider = new Provider(parts.tokens.issuer, {
    ...protocol,
    adapter: createProviderStore(),
    clients: registrations(parts.settings),
    jwks: { keys: [parts.tokens.signingKey] },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    features: features(),
    formats: { customizers: { jwt: (ctx, token, jwt) => shapeAccessToken(parts, ctx, token, jwt) } },
    findAccount: (_ctx, subject, token) => accountOf(parts.people, subject, token),
    interactions: { policy: signInPolicy(), url: (_ctx, { uid }) => `/${TENANT_ID}/login/${uid}` },
    loadExistingGrant: (ctx) => grantEverythingAsked(provider, ctx),
    renderError: async (ctx, { error, error_description: description }) => {
      ctx.type = "html";
      ctx.body = await errorPage(error, description ?? "");
    },
  });
  answerLikeEntra(provider);
  return provider;
}

const protocol: Configuration = {
  routes: {
    authorization: "/oauth2/v2.0/authorize",
    token: "/oauth2/v2.0/token",
    device_authorization: "/oauth2/v2.0/devicecode",
    code_verification: "/oauth2/deviceauth",
    jwks: "/discovery/v2.0/keys",
    end_session: "/oauth2/v2.0/logout",
  },
  claims: {
    openid: ["sub", "tid", "ver", "nbf", "uti", "acrs", "auth_time"],
    profile: ["oid", "name", "preferred_username"],
  },
  clientAuthMethods: ["client_secret_post", "client_secret_basic", "none"],
  conformIdTokenClaims: false,
  enableHttpPostMethods: false,
  expiresWithSession: () => false,
  responseTypes: ["code"],
  issueRefreshToken: (_ctx, client, source) =>
    client.grantTypeAllowed("refresh_token") && source.scopes.has("offline_access"),
  ttl: {
    AccessToken: ACCESS_TOKEN_SECONDS,
    AuthorizationCode: 600,
    ClientCredentials: ACCESS_TOKEN_SECONDS,
    DeviceCode: 900,
    Grant: 90 * DAY_SECONDS,
    IdToken: 3_600,
    Interaction: 3_600,
    RefreshToken: 90 * DAY_SECONDS,
    Session: DAY_SECONDS,
  },
};

const features = (): NonNullable<Configuration["features"]> => ({
  claimsParameter: { enabled: true },
  clientCredentials: { enabled: true },
  deviceFlow: {
    enabled: true,
    userCodeInputSource: enterDeviceCode,
    userCodeConfirmSource: confirmDevice,
    successSource: deviceDone,
  },
  devInteractions: { enabled: false },
  dPoP: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  resourceIndicators: {
    enabled: true,
    defaultResource: (ctx, _client, oneOf) => oneOf?.[0] ?? resourceOf(ctx),
    getResourceServerInfo: resourceServer,
    useGrantedResource: () => true,
  },
  rpInitiatedLogout: { enabled: false },
  userinfo: { enabled: false },
});
