import { z } from "zod";
import { fault, fine, type CheckResult } from "../../../shared/domain/doctor.ts";
import { judgeExpiry } from "../../../shared/domain/doctor-keys.ts";
import { instant, type Instant } from "../../../shared/domain/time.ts";
import type { PermissionsFile } from "../permissions-file.ts";
import { listsCredential } from "../credentials.ts";
import type { Around } from "./app-settings.ts";
import type { ResourceManager } from "./arm.ts";
import { listFederated } from "./federated.ts";
import type { Resource } from "./inventory.ts";
import { guarded, is, judge, properties, readProperties, type Rule } from "./property-rules.ts";
import { checkSites } from "./site-checks.ts";

const named = z.object({ id: z.string(), name: z.string() });
const vaultItem = z.object({
  name: z.string(),
  properties: z.object({
    attributes: z
      .object({ enabled: z.boolean().nullish(), exp: z.number().nullish(), created: z.number().nullish() })
      .nullish(),
  }),
});

interface Look {
  readonly arm: ResourceManager;
  readonly resource: Resource;
  readonly now: Instant;
  /** Private access was asked for. */
  readonly isPrivate: boolean;
  readonly file: PermissionsFile;
}

/** How the resources of an installation must be set. What cannot be read is a fault too, never well. */
export async function checkResources(
  arm: ResourceManager,
  {
    resources,
    now,
    around,
  }: {
    readonly resources: readonly Resource[];
    readonly now: Instant;
    readonly around: Pick<Around, "tenantId" | "file">;
  },
): Promise<readonly CheckResult[]> {
  const isPrivate = resources.some(({ type }) => type === "microsoft.network/privateendpoints");
  const checked = await Promise.all(
    resources.map(async (resource) => {
      const check = CHECKS[resource.type];
      return check ? guarded(resource.name, () => check({ arm, resource, now, isPrivate, file: around.file })) : [];
    }),
  );
  const named = (type: string): ReadonlySet<string> =>
    new Set(resources.filter((one) => one.type === type).map(({ name }) => name.toLowerCase()));
  const sites = await checkSites(arm, resources, {
    around: {
      ...around,
      vaults: named("microsoft.keyvault/vaults"),
      accounts: named("microsoft.storage/storageaccounts"),
      buses: named("microsoft.servicebus/namespaces"),
      schedulers: named("microsoft.durabletask/schedulers"),
    },
    isPrivate,
  });
  return [...sites, ...checked.flat(), ...(await checkAuditCopy(arm, resources))];
}

const CHECKS: Readonly<Record<string, (look: Look) => Promise<readonly CheckResult[]>>> = {
  "microsoft.storage/storageaccounts": checkStorage,
  "microsoft.keyvault/vaults": checkVault,
  "microsoft.servicebus/namespaces": checkBus,
  "microsoft.managedidentity/userassignedidentities": checkIdentity,
};

/** Reached through its private endpoint only, where there is one. */
const shut = (id: string, isPrivate: boolean): readonly Rule[] =>
  isPrivate
    ? [
        {
          name: "publicNetworkAccess",
          isWell: is("Disabled"),
          text: "can be reached from any network, although the installation has private endpoints",
          next: `az resource update --ids "${id}" --set properties.publicNetworkAccess=Disabled`,
        },
      ]
    : [];

async function checkStorage({ arm, resource: { id, name }, isPrivate }: Look): Promise<readonly CheckResult[]> {
  const found = await readProperties(arm, id, "2023-05-01");
  const set = (property: string, value: string): string =>
    `az resource update --ids "${id}" --set properties.${property}=${value}`;
  const faults = judge("resources", `The storage account ${name}`, found, [
    {
      name: "allowSharedKeyAccess",
      isWell: is(false),
      text: "opens to whoever has its key",
      next: set("allowSharedKeyAccess", "false"),
    },
    {
      name: "allowBlobPublicAccess",
      isWell: is(false),
      text: "lets containers be public",
      next: set("allowBlobPublicAccess", "false"),
    },
    {
      name: "minimumTlsVersion",
      isWell: (value) => value === "TLS1_2" || value === "TLS1_3",
      text: "takes TLS older than 1.2",
      next: set("minimumTlsVersion", "TLS1_2"),
    },
    {
      name: "supportsHttpsTrafficOnly",
      isWell: is(true),
      text: "also takes http",
      next: set("supportsHttpsTrafficOnly", "true"),
    },
    {
      name: "isLocalUserEnabled",
      isWell: (value) => value !== true,
      text: "lets local users in, by a password of their own",
      next: set("isLocalUserEnabled", "false"),
    },
    {
      name: "allowCrossTenantReplication",
      isWell: (value) => value !== true,
      text: "may be copied to another tenant",
      next: set("allowCrossTenantReplication", "false"),
    },
    ...shut(id, isPrivate),
  ]);
  return faults.length > 0
    ? faults
    : [fine("resources", `The storage account ${name} takes identities over TLS only.`)];
}

async function checkVault({ arm, resource: { id, name }, now, isPrivate }: Look): Promise<readonly CheckResult[]> {
  const version = "2023-07-01";
  const [vault, secrets, keys] = await Promise.all([
    readProperties(arm, id, version),
    arm.list(`${id}/secrets`, version, vaultItem),
    arm.list(`${id}/keys`, version, vaultItem),
  ]);
  const items = [...secrets, ...keys].filter((item) => item.properties.attributes?.enabled !== false);
  const ages = items.map((item) => {
    const { exp, created } = item.properties.attributes ?? {};
    const next = `Put a new version of ${item.name} into the vault ${name}, as docs/operations.md says (Rotate keys).`;
    return judgeExpiry(`${item.name} in the vault ${name}`, secondsText(exp), {
      now,
      next,
      madeAt: secondsText(created),
    });
  });
  const unwell = ages.filter(({ result }) => result !== "fine");
  const faults = judge("resources", `The vault ${name}`, vault, [
    {
      name: "enableRbacAuthorization",
      isWell: is(true),
      text: "goes by access policies, which are not looked at here",
      next: `az keyvault update --name "${name}" --enable-rbac-authorization true`,
    },
    {
      name: "enablePurgeProtection",
      isWell: is(true),
      text: "lets what was deleted be gone at once",
      next: `az keyvault update --name "${name}" --enable-purge-protection true`,
    },
    {
      name: "enabledForTemplateDeployment",
      isWell: (value) => value !== true,
      text: "hands secrets to templates, for whoever may deploy them with it",
      next: `az keyvault update --name "${name}" --enabled-for-template-deployment false`,
    },
    ...shut(id, isPrivate),
  ]);
  return [
    ...(faults.length > 0
      ? faults
      : [fine("resources", `The vault ${name} goes by roles and keeps what was deleted.`)]),
    ...(unwell.length > 0
      ? unwell
      : [fine("keys", `None of ${ages.length} keys and secrets in the vault ${name} ends soon.`)]),
  ];
}

const secondsText = (seconds: number | null | undefined): Instant | undefined =>
  seconds ? instant(seconds * 1_000) : undefined;

async function checkBus({ arm, resource: { id, name }, isPrivate }: Look): Promise<readonly CheckResult[]> {
  const faults = judge("resources", `The bus ${name}`, await readProperties(arm, id, "2022-10-01-preview"), [
    {
      name: "disableLocalAuth",
      isWell: is(true),
      text: "opens to whoever has one of its keys",
      next: `az resource update --ids "${id}" --set properties.disableLocalAuth=true`,
    },
    ...shut(id, isPrivate),
  ]);
  return faults.length > 0 ? faults : [fine("resources", `The bus ${name} takes identities only.`)];
}

/** Nobody outside of Azure may get tokens of an identity of the installation, but whom the file lists. */
async function checkIdentity({ arm, resource: { id, name }, file }: Look): Promise<readonly CheckResult[]> {
  const [{ principalId }, trusted] = await Promise.all([readProperties(arm, id, "2023-01-31"), listFederated(arm, id)]);
  const strange = trusted.filter((one) => !listsCredential(file, String(principalId), one));
  if (strange.length === 0) return [fine("resources", `The identity ${name} trusts no issuer that is not listed.`)];
  return strange.map((one) =>
    fault(
      "resources",
      `The identity ${name} is given to whoever ${one.issuer ?? "an issuer"} calls ${one.subject ?? "something"}.`,
      `az identity federated-credential delete --identity-name "${name}" --name "${one.name}" (with --resource-group); or list it under signsInBy of ${String(principalId)} in infra/permissions.yaml.`,
    ),
  );
}

/** The copy of the audit trail: a container under a retention that nobody can shorten any more. */
async function checkAuditCopy(arm: ResourceManager, resources: readonly Resource[]): Promise<readonly CheckResult[]> {
  const version = "2023-05-01";
  const accounts = resources.filter(({ type }) => type === "microsoft.storage/storageaccounts");
  return guarded("The copy of the audit trail", async () => {
    const found = await Promise.all(
      accounts.map(async ({ id, name }) => {
        const containers = await arm.list(`${id}/blobServices/default/containers`, version, named);
        return containers
          .filter((one) => one.name.startsWith("audit"))
          .map((one) => ({ id: one.id, text: `${name}/${one.name}` }));
      }),
    );
    const copies = found.flat();
    if (copies.length === 0)
      return [
        fault(
          "immutability",
          "No container for the copy of the audit trail was found (a name that begins with audit).",
          "Create it with a locked retention (infra), so that nobody can change what was written.",
        ),
      ];
    return (await Promise.all(copies.map((copy) => checkRetention(arm, copy, version)))).flat();
  });
}

async function checkRetention(
  arm: ResourceManager,
  { id, text }: { readonly id: string; readonly text: string },
  version: string,
): Promise<readonly CheckResult[]> {
  const policy = await arm.find(`${id}/immutabilityPolicies/default`, version, properties);
  const { state, immutabilityPeriodSinceCreationInDays: days, ...found } = policy?.properties ?? {};
  const isLocked = state === "Locked" && typeof days === "number" && days > 0;
  const isOpen = found["allowProtectedAppendWrites"] === true || found["allowProtectedAppendWritesAll"] === true;
  const copy = `The copy of the audit trail, ${text},`;
  if (isLocked && isOpen) return [fine("immutability", `${copy} is kept unchanged for ${days} days; that is locked.`)];
  return [
    ...(state === undefined || isOpen
      ? []
      : [
          fault(
            "immutability",
            `${copy} is under a retention that lets no line be added (allowProtectedAppendWrites is off): the trail is not copied there.`,
            state === "Locked"
              ? "A locked retention stays as it is: make another container, with protected append writes, and name it in AUDIT_COPY_URL."
              : "Before it is locked: az storage container immutability-policy create with --allow-protected-append-writes true.",
          ),
        ]),
    ...(isLocked
      ? []
      : [
          fault(
            "immutability",
            `${copy} ${state === undefined ? "is under no retention" : `is under a retention that is not locked (${typeof state === "string" ? state : "unknown"})`}: it can be changed.`,
            "Lock it: az storage container immutability-policy lock (needs its account, container and ETag); a locked one can only be made longer.",
          ),
        ]),
  ];
}
