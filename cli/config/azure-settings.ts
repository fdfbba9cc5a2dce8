import { parsePrincipalId } from "../../shared/domain/ids.ts";
import { usageError } from "../exit-code.ts";
import { readAddress } from "./address.ts";
import { settingTexts } from "./sources.ts";

/** Where in Azure the installation is. */
export interface AzureSettings {
  readonly address: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  /** Of a token that may read there. */
  readonly scope: string;
}

const PUBLIC_CLOUD = "https://management.azure.com";

/**
 * What is given on the command line wins over the settings. `undefined`: neither names an installation.
 * @throws CliError that names what is missing or wrong
 */
export function azureSettings(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
  given: { readonly subscription: string | undefined; readonly resourceGroup: string | undefined },
): AzureSettings | undefined {
  const texts = settingTexts(env, directory);
  const subscription = given.subscription ?? texts.ZS_AZURE_SUBSCRIPTION;
  const resourceGroup = given.resourceGroup ?? texts.ZS_AZURE_RESOURCE_GROUP;
  if (subscription === undefined && resourceGroup === undefined) return undefined;
  if (subscription === undefined || resourceGroup === undefined)
    throw usageError("a subscription and a resource group go together: one of them is missing");
  const id = parsePrincipalId(subscription);
  if (id === undefined) throw usageError(`the subscription must be a GUID: ${subscription}`);
  if (!/^[\p{L}\p{N}_().-]{1,90}$/u.test(resourceGroup))
    throw usageError(`this is not the name of a resource group: ${resourceGroup}`);
  const address = readAddress("ZS_AZURE_URL", texts.ZS_AZURE_URL ?? PUBLIC_CLOUD);
  return {
    address,
    subscription: id,
    resourceGroup: encodeURIComponent(resourceGroup),
    scope: `${address}/.default`,
  };
}
