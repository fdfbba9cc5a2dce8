import { parsePrincipalId } from "../../shared/domain/ids.ts";
import { usageError } from "../exit-code.ts";
import { readAddress } from "./address.ts";
import { settingTexts, type SettingTexts } from "./sources.ts";

/** How to sign in, and for which service. */
export interface SignInSettings {
  readonly apiUrl: string;
  readonly issuer: URL;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scope: string;
}

const PUBLIC_CLOUD = "https://login.microsoftonline.com";

/** The address of the service. @throws CliError that names the setting that is missing or wrong */
export function readApiUrl(env: Readonly<Record<string, string | undefined>>, directory: string): string {
  return readAddress("ZS_API_URL", given("ZS_API_URL", settingTexts(env, directory)));
}

/** @throws CliError that names the setting that is missing or wrong */
export function signInSettings(env: Readonly<Record<string, string | undefined>>, directory: string): SignInSettings {
  const texts = settingTexts(env, directory);
  const apiUrl = readAddress("ZS_API_URL", given("ZS_API_URL", texts));
  const tenantId = id("ZS_TENANT_ID", texts);
  const login = readAddress("ZS_LOGIN_URL", texts.ZS_LOGIN_URL ?? PUBLIC_CLOUD);
  return {
    apiUrl,
    issuer: new URL(`${login}/${tenantId}/v2.0`),
    tenantId,
    clientId: id("ZS_CLIENT_ID", texts),
    scope: `openid profile offline_access api://${id("ZS_API_CLIENT_ID", texts)}/access_as_user`,
  };
}

function given(name: keyof SettingTexts, texts: SettingTexts): string {
  const text = texts[name];
  if (text === undefined) throw usageError(`${name} is not set; zs --help lists the settings`);
  return text;
}

function id(name: keyof SettingTexts, texts: SettingTexts): string {
  const parsed = parsePrincipalId(given(name, texts));
  if (parsed === undefined) throw usageError(`${name} must be a GUID: ${given(name, texts)}`);
  return parsed;
}
