import { z } from "zod";
import { fault, fine, warning, type CheckResult } from "../../../shared/domain/doctor.ts";
import { judgeAppSettings, partOf, type AppToJudge, type Around } from "./app-settings.ts";
import { AzureProblem, type ResourceManager } from "./arm.ts";
import type { Resource } from "./inventory.ts";
import { guarded, is, judge, properties, readProperties, type Properties } from "./property-rules.ts";
import { judgeDeployment, judgeInbound } from "./site-properties.ts";

const VERSION = "2024-04-01";

interface Looked {
  readonly results: readonly CheckResult[];
  /** `undefined`: its settings could not be read. */
  readonly app: AppToJudge | undefined;
}

/** How the apps must be set, each by itself and together. */
export async function checkSites(
  arm: ResourceManager,
  resources: readonly Resource[],
  { around, isPrivate }: { readonly around: Around; readonly isPrivate: boolean },
): Promise<readonly CheckResult[]> {
  const looked = await Promise.all(
    resources
      .filter(({ type }) => type === "microsoft.web/sites")
      .map(async (site): Promise<Looked> => {
        let app: AppToJudge | undefined;
        const results = await guarded(`The app ${site.name}`, async () => {
          const settings = await readSettings(arm, site);
          app = settings.app;
          return [...settings.results, ...(await checkSite({ arm, site, resources, around, app, isPrivate }))];
        });
        return { results, app };
      }),
  );
  const slots = resources
    .filter(({ type }) => type === "microsoft.web/sites/slots")
    .map(({ id, name }) =>
      fault(
        "resources",
        `The app has a deployment slot, ${name}: what runs there is not looked at.`,
        `az resource delete --ids "${id}"`,
      ),
    );
  return [
    ...looked.flatMap(({ results }) => results),
    ...slots,
    ...judgeTogether(looked.flatMap(({ app }) => app ?? [])),
  ];
}

/** Each part once, or one app that is all of them. */
function judgeTogether(apps: readonly AppToJudge[]): readonly CheckResult[] {
  const byPart = Map.groupBy(apps, (app) => partOf(app));
  const names = (some: readonly AppToJudge[]): string => some.map(({ name }) => name).join(" and ");
  const twice = [...byPart].filter(([part, some]) => part !== undefined && some.length > 1);
  const faults = twice.map(([part, some]) =>
    fault("settings", `The apps ${names(some)} are both ${part} (APP_PART).`, ONE_EACH),
  );
  const all = byPart.get("all") ?? [];
  if (all.length > 0 && all.length < apps.length)
    faults.push(fault("settings", `The app ${names(all)} is all parts beside others (APP_PART).`, ONE_EACH));
  return faults;
}

const ONE_EACH = "Delete what was not deployed by infra, then deploy infra anew.";

const texts = z.object({ properties: z.record(z.string(), z.string()).nullish() });

async function readSettings(arm: ResourceManager, { id, name, tags, identity }: Resource): Promise<Looked> {
  const config = `${id}/config`;
  try {
    const [settings, connections, mounts] = await Promise.all([
      arm.ask(`${config}/appsettings/list`, VERSION, texts),
      ifThere(arm.ask(`${config}/connectionstrings/list`, VERSION, properties)),
      ifThere(arm.ask(`${config}/azurestorageaccounts/list`, VERSION, properties)),
    ]);
    const clientIds = Object.values(identity?.userAssignedIdentities ?? {}).flatMap((one) => one?.clientId ?? []);
    const app: AppToJudge = {
      id,
      name,
      deployedAs: tags?.["part"],
      clientIds: clientIds.map((one) => one.toLowerCase()),
      settings: settings.properties ?? {},
    };
    return {
      app,
      results: [
        ...Object.keys(connections.properties ?? {}).map((one) =>
          fault(
            "settings",
            `The app ${name} has the connection string ${one}, which the host takes for a setting.`,
            "Remove it in the portal (Environment variables, Connection strings).",
          ),
        ),
        ...Object.keys(mounts.properties ?? {}).map((one) =>
          fault(
            "settings",
            `The app ${name} has the mounted storage ${one}: code can come from there.`,
            "Remove it in the portal (Configuration, Path mappings).",
          ),
        ),
      ],
    };
  } catch (error) {
    if (!(error instanceof AzureProblem && error.status === 403)) throw error;
    return {
      app: undefined,
      results: [warning("settings", `The settings of the app ${name} ${NOT_LOOKED}`, MAY_LIST)],
    };
  }
}

/** A plan without such a thing has no list of it. */
async function ifThere(list: Promise<z.output<typeof properties>>): Promise<z.output<typeof properties>> {
  try {
    return await list;
  } catch (error) {
    if (error instanceof AzureProblem && error.status === 404) return {};
    throw error;
  }
}

const NOT_LOOKED = "were not looked at: who asks may not list them.";
const MAY_LIST =
  "Ask again with AZURE_ACCESS_TOKEN of somebody who has the action Microsoft.Web/sites/config/list/action at the app, such as an Owner; that lets its holder read the settings, so it counts as taking over.";

async function checkSite({
  arm,
  site: { id, name, identity },
  resources,
  around,
  app,
  isPrivate,
}: {
  readonly arm: ResourceManager;
  readonly site: Resource;
  readonly resources: readonly Resource[];
  readonly around: Around;
  readonly app: AppToJudge | undefined;
  readonly isPrivate: boolean;
}): Promise<readonly CheckResult[]> {
  const policies = `${id}/basicPublishingCredentialsPolicies`;
  const [site, config, scm, ftp] = await Promise.all([
    readProperties(arm, id, VERSION),
    readProperties(arm, `${id}/config/web`, VERSION),
    readProperties(arm, `${policies}/scm`, VERSION),
    readProperties(arm, `${policies}/ftp`, VERSION),
  ]);
  const what = `The app ${name}`;
  const identities = [identity?.principalId, ...Object.keys(identity?.userAssignedIdentities ?? {})].filter(Boolean);
  const faults = [
    ...judgeSite(id, what, site, config),
    ...[
      { door: "scm", found: scm },
      { door: "ftp", found: ftp },
    ].flatMap(({ door, found }) =>
      judge("resources", what, found, [
        {
          name: "allow",
          isWell: is(false),
          text: `takes deployments with a publishing password (basic authentication of ${door.toUpperCase()} is on)`,
          next: `az resource update --ids "${policies}/${door}" --set properties.allow=false`,
        },
      ]),
    ),
    ...(identities.length > 1
      ? [
          fault(
            "resources",
            `${what} has ${identities.length} identities: its code chooses as which it acts.`,
            `Leave it the one of its part: az functionapp identity remove --ids "${id}" --identities ID`,
          ),
        ]
      : []),
    ...foreignIdentities(identity, resources).map((one) =>
      fault(
        "resources",
        `${what} runs as the identity ${one.slice(one.lastIndexOf("/") + 1)} of another resource group: who can act as that is not looked at.`,
        "Give the app an identity of its own resource group, or its system-assigned one.",
      ),
    ),
    ...judgeDeployment(what, site, around),
    ...judgeInbound(what, { id, part: app && partOf(app), site, config, isPrivate }),
  ];
  const settings = app ? judgeAppSettings(app, around) : [];
  return [
    ...(faults.length > 0 ? faults : [fine("resources", `${what} takes https only, and no publishing password.`)]),
    ...settings,
    ...(app && settings.length === 0
      ? [fine("settings", `${what} has ${Object.keys(app.settings).length} settings, none that it should not have.`)]
      : []),
  ];
}

/** Rights at an identity elsewhere are not among those that were read. */
function foreignIdentities(identity: Resource["identity"], resources: readonly Resource[]): readonly string[] {
  const ours = new Set(resources.map(({ id }) => id.toLowerCase()));
  return Object.keys(identity?.userAssignedIdentities ?? {}).filter((id) => !ours.has(id.toLowerCase()));
}

function judgeSite(id: string, what: string, site: Properties, config: Properties): readonly CheckResult[] {
  const set = (property: string, value: string): string =>
    `az resource update --ids "${id}/config/web" --set properties.${property}=${value}`;
  return [
    ...judge("resources", what, site, [
      {
        name: "httpsOnly",
        isWell: is(true),
        text: "also takes http",
        next: `az resource update --ids "${id}" --set properties.httpsOnly=true`,
      },
    ]),
    ...judge("resources", what, config, [
      {
        name: "ftpsState",
        isWell: is("Disabled"),
        text: "takes deployments by FTP",
        next: set("ftpsState", "Disabled"),
      },
      {
        name: "minTlsVersion",
        isWell: (value) => value === "1.2" || value === "1.3",
        text: "takes TLS older than 1.2",
        next: set("minTlsVersion", "1.2"),
      },
      {
        name: "remoteDebuggingEnabled",
        isWell: (value) => value !== true,
        text: "lets debuggers in from outside",
        next: set("remoteDebuggingEnabled", "false"),
      },
      {
        name: "appCommandLine",
        isWell: (value) => value === undefined || value === null || value === "",
        text: "has a start-up command, which runs other code",
        next: set("appCommandLine", '""'),
      },
    ]),
  ];
}
