import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { usageError } from "../exit-code.ts";
import { isLoopbackAddress } from "./address.ts";

const NAMES = [
  "ZS_API_URL",
  "ZS_LOGIN_URL",
  "ZS_TENANT_ID",
  "ZS_CLIENT_ID",
  "ZS_API_CLIENT_ID",
  "ZS_AZURE_URL",
  "ZS_AZURE_SUBSCRIPTION",
  "ZS_AZURE_RESOURCE_GROUP",
] as const;

/** The settings that may come from the environment, a file or the local stack, as texts. */
export type SettingTexts = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

type Environment = Readonly<Record<string, string | undefined>>;

const SettingsFile = z.strictObject(Object.fromEntries(NAMES.map((name) => [name, z.string().min(1).optional()])));

/** What a running local stack writes down about itself. */
const StackFile = z.object({
  app: z.string(),
  login: z.string(),
  tenant_id: z.string().optional(),
  cli_client_id: z.string().optional(),
  api_client_id: z.string().optional(),
  azure: z.string().optional(),
  azure_subscription: z.string().optional(),
  azure_resource_group: z.string().optional(),
});

/** The folder of this command below the person's own configuration. */
export const configFolder = (env: Environment): string =>
  join(env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "zero-standing");

/**
 * Settings by precedence: the environment, then the settings file, both name by name. Only when neither has any, the
 * local stack of the working folder. A settings file in the working folder is never read: a foreign folder could send
 * the person's tokens elsewhere, which is why the stack's addresses must be loopback.
 */
export function settingTexts(env: Environment, directory: string): SettingTexts {
  const fromEnvironment = Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const texts = { ...fromFile(env), ...fromEnvironment };
  return Object.keys(texts).length > 0 ? texts : fromLocalStack(directory);
}

function fromFile(env: Environment): SettingTexts {
  const named = env["ZS_CONFIG"];
  const path = named ?? join(configFolder(env), "zs.json");
  const value = readJsonFile(path);
  if (value === undefined && named !== undefined) throw usageError(`there is no file ${path} (ZS_CONFIG)`);
  if (value === undefined) return {};
  const parsed = SettingsFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usageError(`${path}: ${[issue?.path.join("."), issue?.message].filter(Boolean).join(": ")}`);
}

function fromLocalStack(directory: string): SettingTexts {
  const path = join(directory, ".local", "stack.json");
  const parsed = StackFile.safeParse(readJsonFile(path));
  if (!parsed.success) return {};
  const { app, login, tenant_id, cli_client_id, api_client_id } = parsed.data;
  const { azure, azure_subscription, azure_resource_group } = parsed.data;
  if (![app, login, azure ?? app].every(isLoopbackAddress))
    throw usageError(`${path} names an address outside this machine: set ZS_API_URL instead`);
  return {
    ZS_API_URL: app,
    ZS_LOGIN_URL: login,
    ...(tenant_id === undefined ? {} : { ZS_TENANT_ID: tenant_id }),
    ...(cli_client_id === undefined ? {} : { ZS_CLIENT_ID: cli_client_id }),
    ...(api_client_id === undefined ? {} : { ZS_API_CLIENT_ID: api_client_id }),
    ...(azure === undefined ? {} : { ZS_AZURE_URL: azure }),
    ...(azure_subscription === undefined ? {} : { ZS_AZURE_SUBSCRIPTION: azure_subscription }),
    ...(azure_resource_group === undefined ? {} : { ZS_AZURE_RESOURCE_GROUP: azure_resource_group }),
  };
}

/** The value, or `undefined` where there is no such file. */
function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`${path} is not JSON`);
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw usageError(`${path} cannot be read`);
  }
}
