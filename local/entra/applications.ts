import type { ClientMetadata } from "oidc-provider";
import { z } from "zod";
import { APPS } from "../seed.ts";
import type { StackSettings } from "../service.ts";
import type { Application } from "./token-claims.ts";

const LOOPBACK_PATHS = ["", "/", "/callback"];
const LOOPBACK_REDIRECTS = ["http://localhost", "http://127.0.0.1"].flatMap((host) =>
  LOOPBACK_PATHS.map((path) => host + path),
);

const publicClient = (clientId: string): ClientMetadata => ({
  client_id: clientId,
  application_type: "native", // any port on loopback
  token_endpoint_auth_method: "none",
  redirect_uris: LOOPBACK_REDIRECTS,
  response_types: ["code"],
  grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
});

/** The app registrations that sign in or get tokens at the token endpoint. The daemon shares the secret of the sign-in. */
export const registrations = ({ addresses, secrets }: StackSettings): ClientMetadata[] => [
  publicClient(APPS.cli.clientId),
  publicClient(APPS.stranger.clientId),
  {
    client_id: APPS.signIn.clientId,
    client_secret: secrets.signInClientSecret,
    token_endpoint_auth_method: "client_secret_post",
    redirect_uris: [`${addresses.app}/api/sign-in/callback`],
    response_types: ["code"],
    grant_types: ["authorization_code"],
  },
  {
    client_id: APPS.daemon.clientId,
    client_secret: secrets.signInClientSecret,
    token_endpoint_auth_method: "client_secret_post",
    redirect_uris: [],
    response_types: [],
    grant_types: ["client_credentials"],
  },
];

const Change = z.strictObject({ clientId: z.string(), permissions: z.array(z.string()) });

/** Application permissions of every identity: the seed's until `setPermissions` changes them for new tokens. */
export class Permissions {
  readonly #granted = new Map<string, readonly string[]>(
    Object.values(APPS).map((application) => [application.clientId, application.permissions]),
  );
  readonly #audiences: readonly string[];

  constructor({ addresses }: StackSettings) {
    this.#audiences = [addresses.graph, APPS.api.clientId];
  }

  /** Roles that a token for this audience carries: those of the seed are Graph's; the API knows them for the daemon. */
  of(application: Application, audience: string): readonly string[] {
    return this.#audiences.includes(audience.replace(/\/$/, "")) ? (this.#granted.get(application.clientId) ?? []) : [];
  }

  /** Control operation `setPermissions`. */
  change(parameters: unknown): void {
    const { clientId, permissions } = Change.parse(parameters);
    if (!this.#granted.has(clientId)) throw new Error(`there is no application ${clientId}`);
    this.#granted.set(clientId, permissions);
  }
}

/** @throws when the id belongs to none of the tenant's applications. */
export function applicationWith(id: string): Application {
  const application = Object.values(APPS).find(({ clientId, objectId }) => clientId === id || objectId === id);
  if (!application) throw new Error(`there is no application ${id}`);
  return application;
}

const NAMES: Readonly<Record<string, string>> = {
  [APPS.cli.clientId]: "zs (Zero Standing command line)",
  [APPS.signIn.clientId]: "Zero Standing",
  [APPS.stranger.clientId]: "An unrelated application",
};

export const applicationName = (clientId: string): string => NAMES[clientId] ?? clientId;
