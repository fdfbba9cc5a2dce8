import { fault, warning, type CheckResult } from "../../../shared/domain/doctor.ts";
import type { PermissionsFile } from "../permissions-file.ts";
import { effectOf, KEYS, KNOWN } from "./known-settings.ts";

/** What the settings of an app are compared with. Names are in lower case. */
export interface Around {
  readonly vaults: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
  readonly buses: ReadonlySet<string>;
  readonly schedulers: ReadonlySet<string>;
  readonly tenantId: string;
  readonly file: PermissionsFile;
}

export interface AppToJudge {
  readonly id: string;
  readonly name: string;
  /** The part that it was deployed as; `undefined`: it does not say. */
  readonly deployedAs: string | undefined;
  /** Client ids of its user-assigned identities. */
  readonly clientIds: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

const PARTS = ["front", "worker", "sweeper"] as const;
type Part = (typeof PARTS)[number] | "all";

/** `undefined`: no part is called that. */
export function partOf({ settings }: Pick<AppToJudge, "settings">): Part | undefined {
  const text = settings["APP_PART"]?.trim();
  return ([...PARTS, "all"] as const).find((part) => part === (text === undefined || text === "" ? "all" : text));
}

/**
 * What of an app's settings runs other code, talks to others or gives a secret away. No text holds a value. Pure.
 * @see docs/configuration.md
 */
export function judgeAppSettings(app: AppToJudge, around: Around): readonly CheckResult[] {
  const { id, name, settings } = app;
  const found: Finding[] = [
    ...judgePart(app),
    ...judgeMissing(app),
    ...Object.entries(settings).flatMap(([setting, value]) => judgeSetting(app, setting, value, around)),
  ];
  return found.map(({ text, setting, next, isWarning }) =>
    (isWarning ? warning : fault)(
      "settings",
      `The app ${name} ${text}.`,
      next ?? (setting === undefined ? DEPLOY : `${removal(id, setting)}; ${LIST}.`),
    ),
  );
}

interface Finding {
  readonly text: string;
  /** That is to be taken away. */
  readonly setting?: string;
  readonly next?: string;
  readonly isWarning?: boolean;
}

const DEPLOY = "Find out who changed it (the activity log of the app), then deploy infra anew.";
const LIST = "or list it under settings in infra/permissions.yaml, with the reason";

/** A name that a shell would obey is not put into a command. */
const removal = (id: string, setting: string): string =>
  /^[\w.:-]+$/.test(setting)
    ? `az functionapp config appsettings delete --ids "${id}" --setting-names ${setting}`
    : "Remove it in the portal";

function judgePart(app: AppToJudge): readonly Finding[] {
  const part = partOf(app);
  if (part === undefined) return [{ text: "has an APP_PART that no part is called" }];
  const { deployedAs } = app;
  return deployedAs === undefined || deployedAs === part
    ? []
    : [{ text: `was deployed as ${deployedAs} and runs as ${part} (APP_PART)` }];
}

/** What is not there to be judged, and has to be. */
function judgeMissing(app: AppToJudge): readonly Finding[] {
  const part = partOf(app);
  const has = (...names: readonly string[]): boolean => names.some((name) => (app.settings[name] ?? "").trim() !== "");
  if (part !== "sweeper" && part !== "all") return [];
  return [
    ...(has("AUDIT_COPY_URL", "AUDIT_COPY_CONNECTION")
      ? []
      : [{ text: "copies the audit trail nowhere (AUDIT_COPY_URL)" }]),
    ...(has("CHECKPOINT_KEY_ID", "CHECKPOINT_KEY") ? [] : [{ text: "signs no checkpoints (CHECKPOINT_KEY_ID)" }]),
  ];
}

function judgeSetting(app: AppToJudge, setting: string, value: string, around: Around): readonly Finding[] {
  if (value.trim() === "") return [];
  const secretOf = PARTS.filter((part) => around.file.parts[part].secrets.includes(setting));
  if (secretOf.length > 0 || KEYS.has(setting)) return judgeSecret(app, setting, value, { secretOf, around });
  if (!KNOWN.has(setting)) {
    if (around.file.settings[setting] !== undefined) return [];
    return [{ text: `has the setting ${setting}, which ${effectOf(setting)}`, setting }];
  }
  if (/(AccountKey|SharedAccessKey|SharedAccessSignature)=|[?&]sig=/i.test(value))
    return [{ text: `has a key in the setting ${setting}`, next: `${IDENTITY_INSTEAD}.` }];
  const problem = CHECKS[setting]?.(value, around, app);
  if (problem === undefined) return [];
  return [typeof problem === "string" ? { text: `has a ${setting} ${problem}` } : problem];
}

const IDENTITY_INSTEAD =
  "Use the app's identity instead (docs/configuration.md), then take the key away from the account";

function judgeSecret(
  app: AppToJudge,
  setting: string,
  value: string,
  { secretOf, around }: { readonly secretOf: readonly string[]; readonly around: Around },
): readonly Finding[] {
  const part = partOf(app);
  const found: Finding[] = [];
  if (secretOf.length > 0 && part !== undefined && part !== "all" && !secretOf.includes(part))
    found.push({ text: `is the ${part} and has ${setting}, a secret of the ${secretOf.join(" and the ")}` });
  const reference = referenceOf(value);
  if (!reference)
    found.push({
      text: `holds ${setting} in plain: whoever may list its settings reads it`,
      next: "Put it into the part's vault under a new value and name it there: @Microsoft.KeyVault(SecretUri=…).",
    });
  else if (!around.vaults.has(reference.vault))
    found.push({ text: `takes ${setting} from a vault that is not in this resource group` });
  else if (reference.secret !== setting.toLowerCase().replaceAll("_", "-"))
    found.push({ text: `takes ${setting} from a secret of another name` });
  return found;
}

const VAULT = /^([a-z0-9-]+)\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net)$/i;

/** Either form that the platform knows. @see https://learn.microsoft.com/azure/app-service/app-service-key-vault-references */
function referenceOf(value: string): { readonly vault: string; readonly secret: string } | undefined {
  const [, inner] = /^@Microsoft\.KeyVault\((.+)\)$/i.exec(value.trim()) ?? [];
  if (inner === undefined) return undefined;
  const given = new Map(
    inner.split(";").map((part) => {
      const [name = "", ...rest] = part.split("=");
      return [name.trim().toLowerCase(), rest.join("=").trim()];
    }),
  );
  const url = URL.parse(given.get("secreturi") ?? "");
  if (!url) return lower(given.get("vaultname"), given.get("secretname"));
  const [, folder, secret] = url.pathname.split("/");
  return folder === "secrets" && url.protocol === "https:" ? lower(VAULT.exec(url.host)?.[1], secret) : undefined;
}

const lower = (vault = "", secret = "") => ({ vault: vault.toLowerCase(), secret: secret.toLowerCase() });

/** What is wrong with a value, after the setting's name. */
type Check = (value: string, around: Around, app: AppToJudge) => string | Finding | undefined;

const STORAGE_DOMAIN = /\.(core\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)|storage\.azure\.net)$/i;
const BUS_DOMAIN = /^[a-z0-9-]+\.servicebus\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)$/i;

/** `https://<scheduler>-<letters>.<region>.durabletask.io` in a connection string. */
const SCHEDULER = /^Endpoint=https:\/\/([a-z0-9-]+)\.(?:[a-z0-9-]+\.)*durabletask\.io\/?;/i;

const isOurs = (host: string | undefined, domain: RegExp, ours: ReadonlySet<string>): boolean =>
  host !== undefined && domain.test(host) && ours.has(host.split(".")[0]?.toLowerCase() ?? "");

const hostOf = (value: string): string | undefined => {
  const url = URL.parse(value);
  return url?.protocol === "https:" ? url.hostname : undefined;
};

/** Containers of these names are. */
const isLookedAt = (address: string): boolean => /^\/audit[^/]*\/?$/.test(URL.parse(address)?.pathname ?? "");

/** Whether an address is one of a storage account of the resource group. */
export const isOurStorage = (address: string, { accounts }: Pick<Around, "accounts">): boolean =>
  isOurs(hostOf(address), STORAGE_DOMAIN, accounts);

const ELSEWHERE = "that is not in this resource group";
const amongst = (addresses: readonly string[]) => (value: string) =>
  addresses.includes(value.trim().replace(/\/$/, "")) ? undefined : "that is no cloud's of Microsoft";

const CHECKS: Readonly<Record<string, Check>> = {
  GRAPH_URL: amongst([
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
  ]),
  LOGIN_URL: amongst([
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
    "https://login.chinacloudapi.cn",
  ]),
  TENANT_ID: (value, { tenantId }) =>
    value.trim().toLowerCase() === tenantId.toLowerCase() ? undefined : "of another tenant than the policy's",
  AZURE_CLIENT_ID: (value, _, { clientIds }) =>
    clientIds.includes(value.trim().toLowerCase()) ? undefined : "of an identity that is not the app's",
  STORAGE_TABLE_URL: (value, around) => (isOurStorage(value, around) ? undefined : ELSEWHERE),
  AzureWebJobsStorage__accountName: (value, { accounts }) =>
    accounts.has(value.trim().toLowerCase()) ? undefined : ELSEWHERE,
  SERVICE_BUS__fullyQualifiedNamespace: (value, { buses }) =>
    isOurs(value.trim(), BUS_DOMAIN, buses) ? undefined : ELSEWHERE,
  DURABLE_TASK_SCHEDULER_CONNECTION_STRING: (value, { schedulers }) => {
    const host = SCHEDULER.exec(value.trim())?.[1]?.toLowerCase() ?? "";
    return [...schedulers].some((name) => host === name || host.startsWith(`${name}-`)) ? undefined : ELSEWHERE;
  },
  CHECKPOINT_KEY_ID: (value, { vaults }) => (isOurs(hostOf(value), VAULT, vaults) ? undefined : ELSEWHERE),
  // A subscription of its own is better, and out of sight here.
  AUDIT_COPY_URL: (value, around) =>
    isOurStorage(value, around)
      ? isLookedAt(value)
        ? undefined
        : "of a container that does not begin with audit, so that its retention is not looked at"
      : {
          text: "copies the audit trail to where this look does not reach (AUDIT_COPY_URL)",
          next: "Look at the retention of that container by hand: it has to be locked.",
          isWarning: true,
        },
};
