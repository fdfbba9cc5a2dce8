import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackAddresses } from "../service.ts";
import type { SecretStore } from "./secrets.ts";

/** Where the values of placeholders come from. */
export interface SettingSources {
  readonly addresses: StackAddresses;
  readonly dataDirectory: string;
  readonly secrets: SecretStore;
}

const PLACEHOLDER = /\{(\w+)(?::(\w+))?\}/g;

/**
 * Fills the placeholders of one setting: `{app}` and the other addresses, `{data}`, `{secret:NAME}`,
 * `{privateKeyPem:NAME}`, `{publicKeyPem:NAME}`. @throws Error naming a placeholder that does not exist
 */
export function fillSetting(template: string, sources: SettingSources): string {
  return template.replace(PLACEHOLDER, (placeholder, kind: string, name: string | undefined) => {
    const value = name === undefined ? plainValue(kind, sources) : namedValue(kind, name, sources.secrets);
    if (value === undefined) throw new Error(`the app settings have an unknown placeholder ${placeholder}`);
    return value;
  });
}

const plainValue = (kind: string, { addresses, dataDirectory }: SettingSources): string | undefined =>
  kind === "data" ? dataDirectory : new Map<string, string>(Object.entries(addresses)).get(kind);

function namedValue(kind: string, name: string, secrets: SecretStore): string | undefined {
  switch (kind) {
    case "secret":
      return secrets.secret(name);
    case "privateKeyPem":
      return secrets.privateKeyPem(name);
    case "publicKeyPem":
      return secrets.publicKeyPem(name);
    default:
      return undefined;
  }
}

/**
 * The environment of the app: what the platform sets for every app, and the filled `template` if there is one. An app
 * without a template brings its own `local.settings.json`, which the host reads.
 */
export function appEnvironment(template: string | undefined, sources: SettingSources): Record<string, string> {
  const { addresses, secrets } = sources;
  const settings =
    template !== undefined && existsSync(template)
      ? (JSON.parse(readFileSync(template, "utf8")) as Record<string, string>)
      : {};
  return {
    AzureWebJobsStorage: addresses.storage,
    WEBSITE_HOSTNAME: new URL(addresses.app).host,
    IDENTITY_ENDPOINT: `${addresses.login}/msi/token`,
    IDENTITY_HEADER: secrets.stackSecrets().identityHeader,
    AZURE_FUNCTIONS_ENVIRONMENT: "Development",
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, fillSetting(value, sources)])),
  };
}

/** This project's template, for the project and for an unpacked package of it; another app has none. */
export const settingsTemplate = (projectDirectory: string, appDirectory: string): string | undefined =>
  nameOf(appDirectory) === nameOf(projectDirectory) ? join(projectDirectory, "local", "app.settings.json") : undefined;

function nameOf(directory: string): unknown {
  const file = join(directory, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { readonly name?: unknown }).name : undefined;
}
