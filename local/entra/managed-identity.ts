import { APPS } from "../seed.ts";
import type { LocalApp } from "../http/server.ts";
import type { StackSettings } from "../service.ts";
import type { Permissions } from "./applications.ts";
import { applicationClaims } from "./token-claims.ts";
import { epochSeconds, type TokenAuthority } from "./tokens.ts";

const LIFETIME_SECONDS = 86_400;
const API_VERSION = "2019-08-01";

/**
 * The identity endpoint of App Service (`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`): each process of the app has
 * a header, and behind it its system-assigned identity. The sweeper's serves as a user-assigned one too.
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function mountManagedIdentity(
  app: LocalApp,
  parts: { readonly settings: StackSettings; readonly tokens: TokenAuthority; readonly permissions: Permissions },
): void {
  app.get("/msi/token", (c) => {
    const refused = (statusCode: 400 | 401, message: string) => c.json({ statusCode, message }, statusCode);
    const own = ofProcess(parts.settings.secrets, c.req.header("x-identity-header"));
    if (!own) return refused(401, "The X-IDENTITY-HEADER header is missing or wrong.");
    if (c.req.query("api-version") !== API_VERSION) return refused(400, `The api-version must be ${API_VERSION}.`);
    const resource = c.req.query("resource");
    if (!resource) return refused(400, "The resource parameter is missing.");

    const clientId = c.req.query("client_id");
    const identity = clientId === undefined ? own : clientId === APPS.sweeper.clientId ? APPS.sweeper : undefined;
    if (!identity)
      return refused(400, `No User Assigned or Delegated Managed Identity found for client id ${clientId}`);

    const claims = applicationClaims(identity, parts.permissions.of(identity, resource));
    return c.json({
      access_token: parts.tokens.sign({ ...parts.tokens.envelope(LIFETIME_SECONDS), aud: resource, ...claims }),
      client_id: identity.clientId,
      expires_on: String(epochSeconds() + LIFETIME_SECONDS),
      resource,
      token_type: "Bearer",
    });
  });
}

function ofProcess(secrets: StackSettings["secrets"], header: string | undefined) {
  switch (header) {
    case secrets.identityHeader:
      return APPS.worker;
    case secrets.frontIdentityHeader:
      return APPS.front;
    case secrets.sweeperIdentityHeader:
      return APPS.sweeper;
    default:
      return undefined;
  }
}
