import type { Settings } from "../../shared/config/settings.ts";
import { once } from "../lazy.ts";

/** The managed identity of this app: its own, unless a setting names another one. */
export const credential = (settings: Pick<Settings, "azureClientId">) =>
  once(async () => {
    const { ManagedIdentityCredential } = await import("@azure/identity");
    const { azureClientId } = settings;
    return azureClientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId: azureClientId });
  });
