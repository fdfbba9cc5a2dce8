import { z } from "zod";
import { fault, type CheckResult } from "../../../shared/domain/doctor.ts";
import { isOurStorage, type Around } from "./app-settings.ts";
import type { Properties } from "./property-rules.ts";

const deployment = z.object({
  deployment: z.object({
    storage: z.object({
      value: z.string(),
      authentication: z.object({ type: z.string().nullish() }).nullish(),
    }),
  }),
});

/** Where the platform takes the app's code from (Flex Consumption). Pure. */
export function judgeDeployment(what: string, site: Properties, around: Around): readonly CheckResult[] {
  const found = deployment.safeParse(site["functionAppConfig"]);
  if (!found.success) return [];
  const { value, authentication } = found.data.deployment.storage;
  const next = "Find out who changed it (the activity log of the app), then deploy infra and the package anew.";
  return [
    ...(isOurStorage(value, around)
      ? []
      : [fault("resources", `${what} takes its code from storage that is not in this resource group.`, next)]),
    ...(authentication?.type === "StorageAccountConnectionString"
      ? [fault("resources", `${what} takes its code from storage by a shared key.`, next)]
      : []),
  ];
}

const restrictions = z.array(z.object({ action: z.string().nullish() })).nullish();

/** Nobody outside may call the worker or the sweeper; where access is private, not even through Azure's own address. Pure. */
export function judgeInbound(
  what: string,
  {
    id,
    part,
    site,
    config,
    isPrivate,
  }: {
    readonly id: string;
    readonly part: string | undefined;
    readonly site: Properties;
    readonly config: Properties;
    readonly isPrivate: boolean;
  },
): readonly CheckResult[] {
  if (part !== "worker" && part !== "sweeper") return [];
  if (String(site["publicNetworkAccess"]).toLowerCase() === "disabled") return [];
  if (isPrivate)
    return [
      fault(
        "resources",
        `${what}, the ${part}, can be reached from any network, although the installation has private endpoints.`,
        `az resource update --ids "${id}" --set properties.publicNetworkAccess=Disabled`,
      ),
    ];
  const rules = restrictions.safeParse(config["ipSecurityRestrictions"]);
  const isShut =
    config["ipSecurityRestrictionsDefaultAction"] === "Deny" &&
    rules.success &&
    !(rules.data ?? []).some(({ action }) => action?.toLowerCase() !== "deny");
  if (isShut) return [];
  return [
    fault(
      "resources",
      `${what}, the ${part}, can be called from outside: it answers nobody but the platform.`,
      `az resource update --ids "${id}/config/web" --set properties.ipSecurityRestrictionsDefaultAction=Deny properties.ipSecurityRestrictions=[]`,
    ),
  ];
}
