import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import { TableClient } from "@azure/data-tables";
import { describe, expect, it } from "vitest";
import {
  adminId,
  APPS,
  dailyId,
  GROUPS,
  LEGACY_SYNC,
  PIPELINE,
  RESOURCE_GROUP,
  ROLES,
  SUBSCRIPTION_ID,
} from "../../local/seed.ts";
import { BrowserlessSignIn } from "../../local/testing/browserless-sign-in.ts";
import { edited, SAMPLE } from "../support/policy-text.ts";
import { emptyFolder, runZs, spawnZs } from "../support/run-zs.ts";
import { RETRY_OPTIONS } from "../support/service-bus.ts";
import { useStack } from "../support/stack.ts";
import { jsonOf, overwriteRow, storedRows } from "../support/stored-rows.ts";

const DEV = 4; // in the identity team
const EVA = 5; // owns the resource group
const GRACE = 7;
const HUGO = 8;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Answer {
  readonly results: readonly {
    readonly where: string;
    readonly check: string;
    readonly result: string;
    readonly text: string;
    readonly next: string;
  }[];
  readonly administrators: readonly { readonly name: string; readonly because: string | null }[];
}

/** `zs doctor` against the stack of a suite. */
function doctorOf(stack: ReturnType<typeof useStack>) {
  async function zs(words: readonly string[] = [], person = DEV, azurePerson = EVA) {
    const oid = dailyId(person);
    const { app, azure } = stack().addresses;
    return runZs(["doctor", ...words], {
      directory: emptyFolder(),
      env: {
        ZS_API_URL: app,
        ZS_ACCESS_TOKEN: (await stack().call("login", "mint", { oid })) as string,
        ZS_AZURE_URL: azure,
        ZS_AZURE_SUBSCRIPTION: SUBSCRIPTION_ID,
        ZS_AZURE_RESOURCE_GROUP: RESOURCE_GROUP,
        AZURE_ACCESS_TOKEN: (await stack().call("login", "mint", {
          oid: dailyId(azurePerson),
          audience: azure,
        })) as string,
      },
    });
  }

  /** What is wrong, in words; the exit code says so too, and each has a next step. */
  async function found(result: unknown = "fault", azurePerson = EVA): Promise<readonly string[]> {
    const { exitCode, stdout, stderr } = await zs(["--json"], DEV, azurePerson);
    expect(stderr).toBe("");
    const { results } = JSON.parse(stdout) as Answer;
    const faults = results.filter((one) => one.result === "fault");
    expect(exitCode).toBe(faults.length === 0 ? 0 : 1);
    for (const { next } of faults) expect(next).not.toBe("");
    return results.filter((one) => one.result === result).map(({ check, text }) => `${check}: ${text}`);
  }
  return { zs, found };
}

describe("zs doctor", () => {
  // Nobody receives from ticket-events here: the app would take the message that is to become a dead letter.
  const stack = useStack({ split: false, settings: { HANDOVER: "direct" } });
  const { zs, found } = doctorOf(stack);
  const control = (part: string, operation: string, parameters = {}): Promise<unknown> =>
    stack().call(part, operation, parameters);

  /** What the directory gives to the app's identity; `inToken`: what it has at its next start too. */
  const grant = async (change: (held: readonly string[]) => readonly string[], inToken = false): Promise<void> => {
    const permissions = change(APPS.worker.permissions);
    await control("graph", "setApp", { id: APPS.worker.objectId, permissions });
    if (!inToken) return;
    await control("login", "setPermissions", { clientId: APPS.worker.clientId, permissions });
    await stack().stopProcess("host");
    await stack().start("host");
  };
  const granted = (): Promise<void> => grant((held) => held);

  it("finds a fresh stack well, and says who can take it over", async () => {
    expect(await found()).toEqual([]);
    expect(await found("warning")).toEqual([]);
    const { exitCode, stdout } = await zs();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^0 faults, 0 warnings; \d+ checks are fine\.\n/);
    expect(stdout).toContain("Liam Dorsey");
    expect(stdout).toContain("holds Global Administrator");
  });

  it("is for the identity team only", async () => {
    expect(await zs([], HUGO)).toMatchObject({ exitCode: 1, stderr: "zs: You may not do this.\n" });
  });

  /** What is found while something is wrong; it is put right again whatever comes of it. */
  async function during<T>(
    seed: () => Promise<unknown>,
    undo: () => Promise<unknown>,
    look: () => Promise<T>,
  ): Promise<T> {
    await seed();
    try {
      return await look();
    } finally {
      await undo();
    }
  }

  it("names a permission of Graph that the identity lacks, with the command that grants it", async () => {
    await during(
      () => grant((held) => held.filter((name) => name !== "AuditLog.Read.All")),
      granted,
      async () => {
        expect(await found()).toEqual([
          `permissions: The app's identity (${APPS.worker.objectId}) lacks AuditLog.Read.All: what was done with a role, for its reviewers.`,
        ]);
        expect(await found("warning")).toEqual([expect.stringContaining("AuditLog.Read.All was taken away since")]);
        const { stdout } = await zs(["--fix-permissions"]);
        const commands = stdout.split("\n").filter((line) => line.startsWith("api="));
        expect(commands).toHaveLength(1);
        expect(commands[0]).toContain("appRoles[?value=='AuditLog.Read.All' &&");
        expect(commands[0]).toContain(`{\\"principalId\\":\\"${APPS.worker.objectId}\\",\\"resourceId\\":\\"$api\\"`);
      },
    );
    expect((await zs(["--fix-permissions"])).stdout).toMatch(/^# Nothing to do/);
  });

  it("names the permission even where its lack keeps the service from knowing who asks", async () => {
    await during(
      () => grant((held) => held.filter((name) => name !== "GroupMember.Read.All"), true),
      () => grant((held) => held, true),
      async () => {
        const faults = await found();
        expect(faults[0]).toMatch(/lacks GroupMember\.Read\.All/);
        expect(faults[1]).toMatch(/Who is in the identity team cannot be read/);
        expect(await found("warning")).toEqual([
          expect.stringMatching(/^resources: Who is behind the object ids/),
          "credentials: Who owns applications that can take over, and how to sign in as them, is not known.",
        ]);
        expect((await zs(["--json"], HUGO)).stdout).not.toContain("Global Administrator");
        expect((await zs(["--json"], 40)).stdout).toBe(""); // no person of the policy
      },
    );
  });

  it("names a tier-0 permission that nobody gave", async () => {
    const faults = await during(() => grant((held) => [...held, "AppRoleAssignment.ReadWrite.All"]), granted, found);
    expect(faults).toEqual([
      `permissions: The app's identity (${APPS.worker.objectId}) has AppRoleAssignment.ReadWrite.All (tier 0), which infra/permissions.yaml does not give it.`,
    ]);
  });

  it("names who holds a role over applications, and is not listed", async () => {
    expect(await holding(adminId(GRACE), "Assignment")).toEqual([
      `administrators: Grace Oduya (${adminId(GRACE)}) is not listed and holds Application Administrator.`,
    ]);
  });

  /** What is found while somebody holds, or may activate, a role over applications. */
  const holding = (principalId: string, how: "Assignment" | "Eligibility"): Promise<readonly string[]> => {
    const role = { principalId, roleDefinitionId: ROLES.applicationAdministrator[0] };
    return during(
      () => control("graph", `add${how}`, role),
      () => control("graph", `remove${how}`, role),
      found,
    );
  };

  it("names who may activate such a role, and is not listed", async () => {
    expect(await holding(adminId(GRACE), "Eligibility")).toEqual([
      `administrators: Grace Oduya (${adminId(GRACE)}) is not listed and is eligible for Application Administrator.`,
    ]);
    expect(await holding(GROUPS.directoryOwners, "Eligibility")).toEqual(
      [4, HUGO].map((n): unknown =>
        expect.stringContaining(
          `(${dailyId(n)}) is not listed and is eligible for Application Administrator as a member of Directory owners.`,
        ),
      ),
    );
  });

  it("names who is listed for what has to be activated, and holds a role without that", async () => {
    expect(await holding(adminId(HUGO), "Eligibility")).toEqual([]);
    expect(await holding(adminId(HUGO), "Assignment")).toEqual([
      `administrators: Hugo Brandt (${adminId(HUGO)}) is listed for what has to be activated only (only: eligible), and holds Application Administrator.`,
    ]);
  });

  it("names who can make themselves a member of a group that holds such a role, or cannot tell", async () => {
    const id = GROUPS.emptyApprovers;
    const eligible = [
      { principalId: dailyId(GRACE), accessId: "member" },
      { principalId: dailyId(HUGO), accessId: "owner" },
    ];
    await control("graph", "setGroup", { id, eligible });
    expect(await holding(id, "Assignment")).toEqual([
      `administrators: Grace Oduya (${dailyId(GRACE)}) is not listed and can become a member of Approvers of nothing, which holds Application Administrator.`,
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can become an owner of Approvers of nothing, which holds Application Administrator.`,
    ]);
    const permission = "PrivilegedEligibilitySchedule.Read.AzureADGroup";
    const unread = await during(
      () => grant((held) => held.filter((name) => name !== permission), true),
      () => grant((held) => held, true),
      () => holding(id, "Assignment"),
    );
    await control("graph", "setGroup", { id, eligible: [] });
    expect(unread).toEqual([
      expect.stringContaining(`lacks ${permission}: who can activate membership of a group`),
      `administrators: Who can activate membership of Approvers of nothing could not be read: the identity lacks ${permission}.`,
    ]);
  });

  interface Registration {
    readonly passwordCredentials: readonly object[];
  }
  async function registrationOf(id: string): Promise<Registration> {
    const { apps } = (await control("graph", "state")) as { apps: { id: string; registration: Registration }[] };
    const registration = apps.find((app) => app.id === id)?.registration;
    if (!registration) throw new Error("there is no such app registration");
    return registration;
  }
  async function withRegistration<T>(id: string, changes: object, look: () => Promise<T>): Promise<T> {
    const registration = await registrationOf(id);
    return during(
      () => control("graph", "setApp", { id, registration: { ...registration, ...changes } }),
      () => control("graph", "setApp", { id, registration }),
      look,
    );
  }

  it("names who owns our app registrations, and is not listed", async () => {
    expect(await withRegistration(APPS.api.objectId, { ownerIds: [dailyId(12)] }, found)).toEqual([
      `administrators: Liam Dorsey (${dailyId(12)}) is not listed and owns the app registration zero-standing-api.`,
    ]);
  });

  it("names a client secret that expired, is about to, or is not the registration's", async () => {
    const { objectId } = APPS.signIn;
    const [secret] = (await registrationOf(objectId)).passwordCredentials;
    const ending = (ms: number) => ({
      passwordCredentials: [{ ...secret, endDateTime: new Date(stack().clock.now() + ms).toISOString() }],
    });
    expect(await withRegistration(objectId, ending(-DAY_MS), found)).toEqual([
      expect.stringMatching(/^keys: The sign-in's client secret expired on 20/),
    ]);
    expect(await withRegistration(objectId, ending(10 * DAY_MS), () => found("warning"))).toEqual([
      expect.stringMatching(/^keys: The sign-in's client secret expires on 20/),
    ]);
    expect(await withRegistration(objectId, { passwordCredentials: [{ ...secret, hint: "???" }] }, found)).toEqual([
      "keys: The sign-in's client secret is not a secret of its app registration.",
    ]);
  });

  it("names who else gets answers to sign-ins, or can act as our registrations", async () => {
    const { objectId } = APPS.signIn;
    const [secret] = (await registrationOf(objectId)).passwordCredentials;
    const own = `${stack().addresses.app}/api/sign-in/callback`;
    const redirectUris = [own, "https://elsewhere.example/callback"];
    expect(await withRegistration(objectId, { redirectUris }, found)).toEqual([
      "registrations: Sign-ins of zero-standing-signIn are also answered to https://elsewhere.example/callback: whoever is there gets proofs of who signed in.",
    ]);
    const two = { passwordCredentials: [secret, { ...secret, hint: "abc" }] };
    expect(await withRegistration(objectId, two, () => found("warning"))).toEqual([
      "registrations: zero-standing-signIn has 2 client secrets: whoever knows one acts as it.",
    ]);
    const federatedIdentityCredentials = [{ id: "1", name: "x", issuer: "https://issuer.example", subject: "me" }];
    expect(await withRegistration(APPS.api.objectId, { federatedIdentityCredentials }, found)).toEqual([
      "registrations: zero-standing-api is signed in as by whoever https://issuer.example calls me (x).",
    ]);
    const keyCredentials = [{ displayName: "cert", endDateTime: null, usage: "Verify" }];
    expect(await withRegistration(objectId, { keyCredentials }, found)).toEqual([
      "registrations: zero-standing-signIn is signed in as by whoever knows its certificate cert.",
    ]);
  });

  it("names who owns the registration of an application that can take over, and who owns an owner that is one", async () => {
    const { objectId } = LEGACY_SYNC;
    expect(await withRegistration(objectId, { ownerIds: [dailyId(HUGO)] }, found)).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and owns Legacy sync tool.`,
    ]);
    const owned = (ownerIds: readonly string[]): Promise<unknown> =>
      control("graph", "setApp", { id: APPS.daemon.objectId, ownerIds });
    const faults = await during(
      () => owned([dailyId(GRACE)]),
      () => owned([]),
      () => withRegistration(objectId, { ownerIds: [APPS.daemon.objectId] }, found),
    );
    expect(faults).toEqual([
      `administrators: zero-standing-daemon (${APPS.daemon.objectId}) is not listed and owns Legacy sync tool.`,
      `administrators: Grace Oduya (${dailyId(GRACE)}) is not listed and owns zero-standing-daemon.`,
    ]);
  });

  it("names every way to sign in as an application that can take over, but those that are listed", async () => {
    const another = { ...PIPELINE.trusts, name: "branch", subject: "repo:contoso/zero-standing:ref:refs/heads/x" };
    const federatedIdentityCredentials = [PIPELINE.trusts, another];
    expect(await withRegistration(PIPELINE.objectId, { federatedIdentityCredentials }, found)).toEqual([
      `credentials: zero-standing-pipeline (${PIPELINE.objectId}) is signed in as by whoever https://token.actions.githubusercontent.com calls repo:contoso/zero-standing:ref:refs/heads/x (branch), which infra/permissions.yaml does not list.`,
    ]);
    const key = { keyId: "1", displayName: "old", startDateTime: "", endDateTime: "2031-05-01T00:00:00Z", hint: "abc" };
    expect(await withRegistration(PIPELINE.objectId, { passwordCredentials: [key] }, found)).toEqual([
      expect.stringContaining("is signed in as by whoever knows its secret old (until 2031-05-01), which"),
    ]);
    const faults = await during(
      () => control("graph", "setApp", { id: LEGACY_SYNC.objectId, passwordCredentials: [key] }),
      () => control("graph", "setApp", { id: LEGACY_SYNC.objectId, passwordCredentials: [] }),
      found,
    );
    expect(faults).toEqual([expect.stringMatching(/^credentials: Legacy sync tool .* whoever knows its secret old/)]);
  });

  it("names whose tokens a managed identity is given for that can take over", async () => {
    const other = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/deploy/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deployer`;
    const app = { id: PIPELINE.objectId, servicePrincipalType: "ManagedIdentity", alternativeNames: [other] };
    const properties = { issuer: "https://issuer.example", subject: "me" };
    const trusted = `${other}/federatedIdentityCredentials/x`;
    const back = { ...app, servicePrincipalType: "Application", alternativeNames: [] };
    await control("graph", "setApp", app);
    const [faults, unread] = await during(
      () => control("azure", "change", { id: trusted, properties }),
      async () => {
        await control("azure", "remove", { id: trusted });
        await control("graph", "setApp", back);
      },
      async () => {
        const named = await found();
        await control("azure", "faults", { path: "/deployer/", fault: { kind: "status", status: 403 } });
        return [named, await found("warning")];
      },
    );
    expect(faults).toEqual([
      `credentials: zero-standing-pipeline (${PIPELINE.objectId}) is signed in as by whoever https://issuer.example calls me (x), which infra/permissions.yaml does not list.`,
    ]);
    expect(unread).toEqual([
      expect.stringMatching(/^credentials: How to sign in as zero-standing-pipeline .* was not/),
    ]);
  });

  it("names a clock that is five minutes off, and warns of a minute", async () => {
    const skewed = <T>(dateSkewMs: number, look: () => Promise<T>): Promise<T> =>
      during(
        () => control("graph", "settings", { dateSkewMs }),
        () => control("graph", "settings", { dateSkewMs: 0 }),
        look,
      );
    expect(await skewed(5 * MINUTE_MS + 1_000, found)).toEqual(["clock: The clock is 5 min behind the directory's."]);
    expect(await skewed(-90_000, found)).toEqual([]);
    expect(await skewed(-90_000, () => found("warning"))).toEqual([
      expect.stringMatching(/^clock: The clock is 2 min ahead/),
    ]);
  });

  it("names a ticket system that does not know us any more", async () => {
    const file = join(stack().dataDirectory, "secrets.json");
    const { secrets } = JSON.parse(readFileSync(file, "utf8")) as { secrets: Readonly<Record<string, string>> };
    const faults = await during(
      async () => {
        await control("jira", "setSecret", { apiToken: "another" });
        await control("servicenow", "setSecret", { client: "another" });
        await control("servicenow", "habits", { revokeTokens: true });
      },
      async () => {
        await control("jira", "setSecret", { apiToken: secrets["jiraApiToken"] });
        await control("servicenow", "setSecret", { client: secrets["servicenowClientSecret"] });
      },
      found,
    );
    expect(faults).toEqual([
      "tickets: servicenow cannot be used: [Misconfigured] ServiceNow refuses our credentials.",
      "tickets: jira cannot be used: [Misconfigured] Jira refuses our credentials.",
    ]);
  });

  it("names dead letters that wait", async () => {
    const faults = await during(
      async () => {
        const client = new ServiceBusClient(stack().addresses.serviceBus, { retryOptions: RETRY_OPTIONS });
        await client.createSender("ticket-events").sendMessages({ messageId: "ticket-1", body: Buffer.from("{}") });
        const receiver = client.createReceiver("ticket-events");
        const [message] = await receiver.receiveMessages(1);
        if (message) await receiver.deadLetterMessage(message);
        await client.close();
      },
      () => control("broker", "purge", { entity: "ticket-events/$DeadLetterQueue" }),
      found,
    );
    expect(faults).toEqual([
      "queues: 1 dead letter waits in ticket-events: messages that crashed their handler ten times.",
    ]);
  });

  it("names a timer that did not run", async () => {
    await stack().clock.advance(6 * MINUTE_MS);
    await stack().settle();
    expect(await found()).toEqual([]);
    const at = new Date(stack().clock.now() - 9 * MINUTE_MS).toISOString();
    const faults = await during(
      () => overwriteRow(stack(), "findings", { partitionKey: "timer", rowKey: "sweep", timer: "sweep", at }),
      async () => {
        await stack().clock.advance(5 * MINUTE_MS);
        await stack().settle();
      },
      found,
    );
    expect(faults).toEqual(["timers: The timer sweep last ran 9 min ago; it should within 8 min."]);
    expect(await found()).toEqual([]);
  });

  it("names a table that is gone", async () => {
    const insecure = { allowInsecureConnection: true };
    const table = TableClient.fromConnectionString(stack().addresses.storage, "deliveries", insecure);
    const faults = await during(
      () => table.deleteTable(),
      () => table.createTable(),
      found,
    );
    expect(faults).toEqual([expect.stringMatching(/^storage: The table deliveries cannot be read: .*404\.$/)]);
    expect(await found()).toEqual([]);
  });
});

/** Changes in Azure, each found and named. */
describe("zs doctor, of an installation in Azure", () => {
  const stack = useStack({ split: false });
  const { zs, found } = doctorOf(stack);
  const control = (operation: string, parameters = {}): Promise<unknown> =>
    stack().call("azure", operation, parameters);
  const SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION_ID}`;
  const GROUP = `${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}`;
  const SITE = `${GROUP}/providers/Microsoft.Web/sites/zero-standing`;
  const AUDIT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/zerostandingaudit`;
  const SWEEPER = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/zero-standing-sweeper`;

  /** What is found while somebody has a role in Azure. */
  async function withRole(
    role: string,
    scope: string,
    principalId: string,
    more: object = {},
    look: () => Promise<readonly string[]> = found,
  ): Promise<readonly string[]> {
    const { id } = (await control("assign", { role, scope, principalId, ...more })) as { readonly id: string };
    try {
      return await look();
    } finally {
      await control("unassign", { id });
    }
  }

  /** What is found while properties are others. */
  async function withProperties(
    id: string,
    properties: object,
    { look = found, identity }: { readonly look?: () => Promise<readonly string[]>; readonly identity?: object } = {},
  ): Promise<readonly string[]> {
    const before = (await control("change", { id, properties, ...(identity && { identity }) })) as {
      readonly properties: object;
      readonly identity?: object;
    } | null;
    try {
      return await look();
    } finally {
      const as = before?.identity && { identity: before.identity };
      if (before) await control("change", { id, properties: before.properties, ...as, whole: true });
      else await control("remove", { id });
    }
  }

  it("names everybody who can, by the rights at the resources and above them", async () => {
    const { exitCode, stdout } = await zs();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${PIPELINE.name} (${PIPELINE.objectId}), listed: deploys from main, after two reviews`);
    expect(stdout).toMatch(/can deploy to or configure the apps, act as the identities, .* \(Contributor at /);
    expect(stdout).toMatch(/can give anybody rights, .* \(Owner at /);
    expect(stdout).not.toContain("Jonas Weil"); // reads only
    expect(stdout).not.toContain(APPS.worker.objectId.concat("), NOT LISTED"));
  });

  it("reads lists of rights to the end", async () => {
    const whole = (await zs()).stdout;
    await control("settings", { pageSize: 2 });
    expect((await zs()).stdout).toBe(whole);
    await control("settings", { pageSize: 100 });
  });

  it("names who can deploy to the app, and is not listed", async () => {
    expect(await withRole("Website Contributor", SITE, dailyId(HUGO))).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can deploy to or configure the apps (Website Contributor at ${SITE}).`,
    ]);
  });

  it("names who can by a right at the subscription, and at the root of the tenant", async () => {
    const [fault] = await withRole("Contributor", SUBSCRIPTION, dailyId(HUGO));
    expect(fault).toMatch(
      /Hugo Brandt .* is not listed and can deploy to .* \(Contributor at \/subscriptions\/[^/]+\)\.$/,
    );
    expect(await withRole("User Access Administrator", "/", dailyId(HUGO))).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can give anybody rights (User Access Administrator at /).`,
    ]);
  });

  it("names who can by a right at something inside a resource", async () => {
    const [fault] = await withRole("Owner", `${AUDIT}/blobServices/default/containers/audit`, dailyId(HUGO));
    expect(fault).toMatch(
      /Hugo Brandt .* is not listed and can give anybody rights, take over the storage \(Owner at /,
    );
  });

  it("names who can only activate a role that can", async () => {
    const [fault] = await withRole("Owner", GROUP, dailyId(HUGO), { eligible: true });
    expect(fault).toMatch(/Hugo Brandt .* is not listed and can activate what lets it give anybody rights, /);
  });

  it("names who can only activate a right above the resources, or membership of a group that has one", async () => {
    const [above] = await withRole("Owner", SUBSCRIPTION, dailyId(HUGO), { eligible: true });
    expect(above).toMatch(
      /Hugo Brandt .* is not listed and can activate what lets it give anybody rights, .*Owner at /,
    );
    const id = GROUPS.emptyApprovers;
    const eligible = [{ principalId: dailyId(HUGO), accessId: "member" }];
    await stack().call("graph", "setGroup", { id, eligible });
    const [through, ...others] = await withRole("Owner", GROUP, id, { principalType: "Group" });
    await stack().call("graph", "setGroup", { id, eligible: [] });
    expect(through).toMatch(/Hugo Brandt .* can become a member of Approvers of nothing, which can give anybody/);
    expect(others).toEqual([]);
  });

  it("names the members of a group that can, each", async () => {
    const faults = await withRole("Key Vault Administrator", GROUP, GROUPS.directoryOwners, { principalType: "Group" });
    expect(faults).toEqual(
      ["Dev Patel", "Hugo Brandt"].map((name): unknown =>
        expect.stringMatching(
          new RegExp(
            `^administrators: ${name} .* is a member of Directory owners, which can read or change the secrets`,
          ),
        ),
      ),
    );
  });

  it("names whom of another tenant the subscription or the group is delegated to", async () => {
    const role = "de139f84-1756-47ae-9be6-808fbbe84772"; // Website Contributor
    const principalId = "99000000-0000-4000-8000-000000000001";
    const managed = { principalId, principalIdDisplayName: "Operations", roleDefinitionId: role };
    const properties = (eligible: boolean): object => ({
      registrationDefinition: {
        properties: {
          managedByTenantName: "Fabrikam",
          ...(eligible ? { eligibleAuthorizations: [managed] } : { authorizations: [managed] }),
        },
      },
    });
    for (const scope of [SUBSCRIPTION, GROUP]) {
      const id = `${scope}/providers/Microsoft.ManagedServices/registrationAssignments/1`;
      expect(await withProperties(id, properties(false))).toEqual([
        `administrators: Operations of the tenant Fabrikam (${principalId}) is not listed and can deploy to or configure the apps (Website Contributor at ${scope}).`,
      ]);
      expect(await withProperties(id, properties(true))).toEqual([
        expect.stringContaining("is not listed and can activate what lets it deploy to or configure the apps"),
      ]);
    }
    await control("faults", { path: "/registrationAssignments", fault: { kind: "status", status: 403 } });
    expect(await found("warning")).toEqual([
      expect.stringMatching(/^resources: What .* delegates to other tenants \(Lighthouse\) was not looked at\.$/),
    ]);
  });

  it("names a group that many can join, besides who is in it", async () => {
    const faults = await withRole("Website Contributor", SITE, GROUPS.onCall, { principalType: "Group" });
    expect(faults).toContainEqual(
      expect.stringMatching(
        /^administrators: On call .* is not listed and can deploy .*; is not role-assignable, so that whoever may change/,
      ),
    );
    expect(faults).toHaveLength(5); // and Ben, Liam, and two of the group inside
  });

  it("names what the policy calls an identity of ours, and no app runs as, where it has a permission of tier 0", async () => {
    const { id, permissions } = { id: APPS.sweeper.objectId, permissions: APPS.sweeper.permissions };
    const set = (more: readonly string[]): Promise<unknown> =>
      stack().call("graph", "setApp", { id, permissions: [...permissions, ...more] });
    await set(["RoleManagement.ReadWrite.Directory"]);
    const faults = await found();
    await set([]);
    expect(faults).toEqual([
      `administrators: zero-standing-sweeper (${id}) is not listed and has RoleManagement.ReadWrite.Directory.`,
    ]);
  });

  it("names who owns the pipeline that can, by its app registration", async () => {
    const { apps } = (await stack().call("graph", "state")) as { apps: { id: string; registration: object }[] };
    const { registration = {} } = apps.find(({ id }) => id === PIPELINE.objectId) ?? {};
    const set = (ownerIds: readonly string[]): Promise<unknown> =>
      stack().call("graph", "setApp", { id: PIPELINE.objectId, registration: { ...registration, ownerIds } });
    await set([dailyId(HUGO)]);
    const [fault, ...others] = await found();
    await set([]);
    expect(fault).toMatch(
      /^administrators: Hugo Brandt .* is not listed and owns zero-standing-pipeline, which can deploy/,
    );
    expect(others).toEqual([]);
  });

  it("names who can act as the identities, or read the keys of the storage", async () => {
    const [operator] = await withRole("Managed Identity Operator", SWEEPER, dailyId(HUGO));
    expect(operator).toContain("can act as the identities (Managed Identity Operator at ");
    const [keys] = await withRole("Storage Account Key Operator Service Role", AUDIT, dailyId(HUGO));
    expect(keys).toContain("can take over the storage (Storage Account Key Operator Service Role at ");
  });

  it("lets our own identities work with what is stored, and no more", async () => {
    expect(await withRole("Storage Table Data Contributor", AUDIT, APPS.worker.objectId)).toEqual([]);
    expect(await withRole("Storage Table Data Contributor", AUDIT, APPS.sweeper.objectId)).toHaveLength(1);
    const [fault] = await withRole("Contributor", SITE, APPS.worker.objectId, { principalType: "ServicePrincipal" });
    expect(fault).toMatch(/zero-standing-worker .* is not listed and can deploy to or configure the apps/);
  });

  it.each([
    ["Storage Blob Data Contributor", "Microsoft.Storage/storageAccounts/zerostandinghub", "take over the storage"],
    [
      "Storage Queue Data Message Processor",
      "Microsoft.Storage/storageAccounts/zerostandinghub",
      "take over the storage",
    ],
    ["Azure Service Bus Data Owner", "Microsoft.ServiceBus/namespaces/zero-standing", "send messages as any system"],
    ["Azure Service Bus Data Sender", "Microsoft.ServiceBus/namespaces/zero-standing/queues/ticket-events", "send messages as any system"], // prettier-ignore
    ["Key Vault Secrets Officer", "Microsoft.KeyVault/vaults/zero-standing/secrets/MAC-KEYS", "read or change the secrets"], // prettier-ignore
    ["Key Vault Crypto User", "Microsoft.KeyVault/vaults/zero-standing/keys/checkpoint", "read or change the secrets"],
  ])("names who has the role %s at %s", async (role, resource, can) => {
    const scope = `${GROUP}/providers/${resource}`;
    expect(await withRole(role, scope, dailyId(HUGO))).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can ${can} (${role} at ${scope}).`,
    ]);
  });

  it("lets a system send that is listed for that, and have no other right", async () => {
    const file = join(emptyFolder(), "permissions.yaml");
    const entry = `administrators:\n  - { principal: ${APPS.daemon.objectId}, name: chatbot, because: sends, only: messages }`;
    writeFileSync(file, edited(readFileSync("infra/permissions.yaml", "utf8"), "administrators:", entry));
    const bus = `${GROUP}/providers/Microsoft.ServiceBus/namespaces/zero-standing`;
    const queue = `${bus}/queues/requests-chatbot`;
    const asked: unknown[] = [];
    for (const role of ["Azure Service Bus Data Sender", "Azure Service Bus Data Owner"])
      await withRole(role, queue, APPS.daemon.objectId, { principalType: "ServicePrincipal" }, async () => {
        asked.push((await zs(["--permissions", file])).exitCode);
        return [];
      });
    expect(asked).toEqual([0, 1]);
  });

  it("names who may work with the hub of a Durable Task Scheduler", async () => {
    const scheduler = `${GROUP}/providers/Microsoft.DurableTask/schedulers/dts-zero-standing`;
    const role = "Durable Task Data Contributor";
    const scope = `${scheduler}/taskHubs/ZeroStanding`;
    const look = (): Promise<readonly string[]> => withRole(role, scope, dailyId(HUGO));
    expect(await withProperties(scheduler, {}, { look })).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can start, wake and stop orchestrations (${role} at ${scope}).`,
    ]);
  });

  it("names who can by a custom role, by its patterns", async () => {
    await control("defineRole", { name: "Support", actions: ["*/read", "Microsoft.Web/*/config/*"], notActions: [] });
    const [fault] = await withRole("Support", SUBSCRIPTION, dailyId(HUGO));
    expect(fault).toMatch(/Hugo Brandt .* can deploy to or configure the apps \(Support at /);
    const notActions = ["Microsoft.Web/sites/config/*", "Microsoft.Web/sites/host*"];
    const actions = ["Microsoft.Web/*/config/*"];
    await control("defineRole", { name: "Support", actions, notActions });
    expect(await withRole("Support", SUBSCRIPTION, dailyId(HUGO))).toEqual([]);
  });

  it("names shared keys that open the storage", async () => {
    expect(await withProperties(AUDIT, { allowSharedKeyAccess: true })).toEqual([
      "resources: The storage account zerostandingaudit opens to whoever has its key.",
    ]);
    expect(await withProperties(AUDIT, { isLocalUserEnabled: true, allowCrossTenantReplication: true })).toEqual([
      "resources: The storage account zerostandingaudit lets local users in, by a password of their own.",
      "resources: The storage account zerostandingaudit may be copied to another tenant.",
    ]);
    const vault = `${GROUP}/providers/Microsoft.KeyVault/vaults/zero-standing`;
    expect(await withProperties(vault, { enabledForTemplateDeployment: true })).toEqual([
      "resources: The vault zero-standing hands secrets to templates, for whoever may deploy them with it.",
    ]);
  });

  it("names a retention of the audit copy that is not locked, or not there", async () => {
    const policy = `${AUDIT}/blobServices/default/containers/audit/immutabilityPolicies/default`;
    expect(await withProperties(policy, { state: "Unlocked" })).toEqual([
      "immutability: The copy of the audit trail, zerostandingaudit/audit, is under a retention that is not locked (Unlocked): it can be changed.",
    ]);
  });

  it("names a retention of the audit copy under which no line can be added, before it is locked and after", async () => {
    const policy = `${AUDIT}/blobServices/default/containers/audit/immutabilityPolicies/default`;
    const closed = { allowProtectedAppendWrites: false };
    const fault =
      "immutability: The copy of the audit trail, zerostandingaudit/audit, is under a retention that lets no line be added (allowProtectedAppendWrites is off): the trail is not copied there.";
    expect(await withProperties(policy, closed)).toEqual([fault]);
    expect(await withProperties(policy, { ...closed, state: "Unlocked" })).toEqual([
      fault,
      expect.stringContaining("a retention that is not locked (Unlocked)"),
    ]);
    expect(await withProperties(policy, { ...closed, allowProtectedAppendWritesAll: true })).toEqual([]);
  });

  it("names publishing passwords that are taken, and apps that take http", async () => {
    expect(await withProperties(`${SITE}/basicPublishingCredentialsPolicies/scm`, { allow: true })).toEqual([
      "resources: The app zero-standing takes deployments with a publishing password (basic authentication of SCM is on).",
    ]);
    expect(await withProperties(SITE, { httpsOnly: false })).toEqual([
      "resources: The app zero-standing also takes http.",
    ]);
  });

  const SETTINGS = `${SITE}/config/appsettings`;

  it.each<[string, string, string]>([
    ["NODE_OPTIONS", "--require /tmp/a.js", "has the setting NODE_OPTIONS, which changes what code the app runs"],
    [
      "languageWorkers__node__arguments",
      "--inspect",
      "has the setting languageWorkers__node__arguments, which changes what code the app runs",
    ],
    [
      "WEBSITE_RUN_FROM_PACKAGE",
      "https://elsewhere.example/a.zip",
      "has the setting WEBSITE_RUN_FROM_PACKAGE, which says where the app's code comes from",
    ],
    ["AzureWebJobsStorage", "AccountKey=c2VjcmV0", "has the setting AzureWebJobsStorage, which opens the host's storage with a key"], // prettier-ignore
    ["AZURE_CLIENT_SECRET", "c2VjcmV0", "has the setting AZURE_CLIENT_SECRET, which makes the app act as another identity, or get its tokens elsewhere"], // prettier-ignore
    ["SOMETHING", "c2VjcmV0", "has the setting SOMETHING, which nothing of this system reads"],
    ["MAC_KEYS", "1:c2VjcmV0", "holds MAC_KEYS in plain: whoever may list its settings reads it"],
    ["MAC_KEYS", "@Microsoft.KeyVault(SecretUri=https://another.vault.azure.net/secrets/MAC-KEYS)", "takes MAC_KEYS from a vault that is not in this resource group"], // prettier-ignore
    ["GRAPH_URL", "https://graph.elsewhere.example", "has a GRAPH_URL that is no cloud's of Microsoft"],
    ["STORAGE_TABLE_URL", "https://zerostanding.table.core.windows.net.elsewhere.example", "has a STORAGE_TABLE_URL that is not in this resource group"], // prettier-ignore
    ["APP_PART", "worker", "was deployed as all and runs as worker (APP_PART)"],
  ])("names what the setting %s does, and never its value", async (setting, value, text) => {
    const faults = await withProperties(SETTINGS, { [setting]: value }, { look: () => found() });
    expect(faults).toContain(`settings: The app zero-standing ${text}.`);
    const { stdout } = await withSetting(setting, value, () => zs(["--json"]));
    if (setting !== "APP_PART") expect(stdout).not.toContain(value);
  });

  /** What comes of something while a setting is another one. */
  async function withSetting<T>(setting: string, value: string, look: () => Promise<T>): Promise<T> {
    const outcome: T[] = [];
    await withProperties(
      SETTINGS,
      { [setting]: value },
      {
        look: async () => {
          outcome.push(await look());
          return [];
        },
      },
    );
    return outcome[0] as T;
  }

  it("lets a setting be that the file lists, with the reason", async () => {
    const file = join(emptyFolder(), "permissions.yaml");
    const text = readFileSync("infra/permissions.yaml", "utf8");
    writeFileSync(file, edited(text, "settings: {}", "settings: { WEBSITE_TIME_ZONE: reports are read in Vienna }"));
    const { exitCode } = await withSetting("WEBSITE_TIME_ZONE", "W. Europe", () => zs(["--permissions", file]));
    expect(exitCode).toBe(0);
    expect((await withSetting("WEBSITE_TIME_ZONE", "W. Europe", () => zs())).exitCode).toBe(1);
  });

  it("says that settings were not looked at where the caller may not list them, and what is needed", async () => {
    expect(await found("fault", DEV)).toEqual([]);
    expect(await found("warning", DEV)).toEqual([
      "settings: The settings of the app zero-standing were not looked at: who asks may not list them.",
    ]);
    const { exitCode, stdout } = await zs([], DEV, DEV);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/WARNING {2}azure settings: .*\n {2}next: .* Microsoft\.Web\/sites\/config\/list\/action /);
    expect(stdout).not.toMatch(/azure settings: The app zero-standing has \d+ settings/);
  });

  it("names connection strings and mounted storage", async () => {
    expect(await withProperties(`${SITE}/config/connectionstrings`, { AzureWebJobsStorage: { value: "x" } })).toEqual([
      "settings: The app zero-standing has the connection string AzureWebJobsStorage, which the host takes for a setting.",
    ]);
    expect(await withProperties(`${SITE}/config/azurestorageaccounts`, { wwwroot: { shareName: "x" } })).toEqual([
      "settings: The app zero-standing has the mounted storage wwwroot: code can come from there.",
    ]);
  });

  it("names debugging from outside, a start-up command, a second identity, and code from elsewhere", async () => {
    const config = `${SITE}/config/web`;
    expect(await withProperties(config, { remoteDebuggingEnabled: true })).toEqual([
      "resources: The app zero-standing lets debuggers in from outside.",
    ]);
    expect(await withProperties(config, { appCommandLine: "node /tmp/a.js" })).toEqual([
      "resources: The app zero-standing has a start-up command, which runs other code.",
    ]);
    const userAssignedIdentities = {
      [SWEEPER]: { principalId: APPS.sweeper.objectId, clientId: APPS.sweeper.clientId },
    };
    const identity = {
      type: "SystemAssigned, UserAssigned",
      principalId: APPS.worker.objectId,
      userAssignedIdentities,
    };
    expect(await withProperties(SITE, {}, { identity })).toEqual([
      "resources: The app zero-standing has 2 identities: its code chooses as which it acts.",
    ]);
    const other = SWEEPER.replace(RESOURCE_GROUP, "another");
    const alone = { type: "UserAssigned", userAssignedIdentities: { [other]: { principalId: APPS.worker.objectId } } };
    expect(await withProperties(SITE, {}, { identity: alone })).toEqual([
      "resources: The app zero-standing runs as the identity zero-standing-sweeper of another resource group: who can act as that is not looked at.",
    ]);
    const storage = { value: "https://elsewhere.blob.core.windows.net/package" };
    expect(await withProperties(SITE, { functionAppConfig: { deployment: { storage } } })).toEqual([
      "resources: The app zero-standing takes its code from storage that is not in this resource group.",
    ]);
  });

  it("names what can be reached from any network where access is private", async () => {
    const faults = await withProperties(`${GROUP}/providers/Microsoft.Network/privateEndpoints/pe-tables`, {});
    expect(faults).toHaveLength(5);
    for (const fault of faults)
      expect(fault).toMatch(/can be reached from any network, although the installation has private endpoints\.$/);
  });

  it("names a deployment slot", async () => {
    expect(await withProperties(`${SITE}/slots/staging`, {})).toEqual([
      "resources: The app has a deployment slot, staging: what runs there is not looked at.",
    ]);
  });

  it("names a key that expired", async () => {
    const id = `${GROUP}/providers/Microsoft.KeyVault/vaults/zero-standing/secrets/MAC-KEYS`;
    const exp = Math.floor(stack().clock.now() / 1_000) - 3_600;
    expect(await withProperties(id, { attributes: { enabled: true, exp } })).toEqual([
      expect.stringMatching(/^keys: MAC-KEYS in the vault zero-standing expired on \d{4}-\d\d-\d\d\.$/),
    ]);
  });

  it("names tokens of others that an identity is given for", async () => {
    const id = `${SWEEPER}/federatedIdentityCredentials/github`;
    const properties = {
      issuer: "https://token.actions.githubusercontent.com",
      subject: "repo:contoso/other:ref:main",
    };
    expect(await withProperties(id, properties)).toEqual([
      "resources: The identity zero-standing-sweeper is given to whoever https://token.actions.githubusercontent.com calls repo:contoso/other:ref:main.",
    ]);
  });

  it("finds the running stack by itself, and looks at Azure with the sign-in of zs login", async () => {
    const directory = emptyFolder();
    mkdirSync(join(directory, ".local"));
    copyFileSync(join(stack().dataDirectory, "stack.json"), join(directory, ".local", "stack.json"));
    let browser: Promise<unknown> | undefined;
    const signIn = async (line: string): Promise<void> => {
      const dev = { userName: "dev.patel@contoso.example" };
      const outcome = await new BrowserlessSignIn().signIn(line.replace("Sign in here: ", ""), dev);
      if (outcome.kind === "redirect") await fetch(outcome.url.replace("//localhost:", "//127.0.0.1:"));
    };
    const onStderr = (text: string): void => {
      if (text.includes("\n")) browser ??= signIn(text.slice(0, text.indexOf("\n")));
    };
    expect((await spawnZs(["login", "--no-browser"], { directory, onStderr })).exitCode).toBe(0);
    await browser;
    const { exitCode, stdout, stderr } = await spawnZs(["doctor"], { directory });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/azure resources: \d+ resources and \d+ rights were read\./);
    const elsewhere = await spawnZs(["doctor"], { directory, env: { AZURE_ACCESS_TOKEN: "another" } });
    expect(elsewhere.exitCode).toBe(1);
    expect(elsewhere.stdout).toMatch(/FAULT {2}azure resources: Azure was not looked at: .* answers 401\./);
  });

  it("says that Azure was not looked at, and never that it is well", async () => {
    expect((await zs([], 3)).exitCode).toBe(0); // Cora, who may read
    const faults = await withRole("Reader", GROUP, dailyId(HUGO), {}, async () => {
      await control("faults", { path: "/resources", fault: { kind: "status", status: 403 } });
      return found();
    });
    expect(faults).toEqual([
      expect.stringMatching(/^resources: Azure was not looked at: .*\/resources answers 403\.$/),
    ]);
  });
});

/** Each part by itself, with the rights of the file. */
describe("zs doctor, of an app in three parts", () => {
  const stack = useStack({ split: true });
  const { found } = doctorOf(stack);

  it("names parts that said nothing about themselves yet", async () => {
    expect(await found()).toEqual([
      "report: The worker has never said anything about itself.",
      "report: The sweeper has never said anything about itself.",
    ]);
  });

  it("is well once they have, each with its own identity and permissions", async () => {
    await stack().clock.advance(65 * MINUTE_MS);
    await stack().settle();
    expect(await found()).toEqual([]);
    const well = await found("fine");
    for (const [part, { objectId }] of Object.entries({
      front: APPS.front,
      worker: APPS.worker,
      sweeper: APPS.sweeper,
    }))
      expect(well.filter((text) => text.includes(`The identity of the ${part} (${objectId}) has the`))).toHaveLength(1);
  });

  it("names whom a part that was taken over passes off as its own identity", async () => {
    const place = { partitionKey: "self-report", rowKey: "sweeper" };
    const rows = await storedRows(stack(), "findings", place.partitionKey);
    const row = rows.find(({ rowKey }) => rowKey === place.rowKey) ?? {};
    const report = jsonOf(row) as { readonly identity: object };
    const storage = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Storage/storageAccounts/zerostanding`;
    const right = { role: "Storage Table Data Contributor", scope: storage, principalId: dailyId(HUGO) };
    await stack().call("azure", "assign", right);
    const identity = { ...report.identity, principalId: dailyId(HUGO) };
    await overwriteRow(stack(), "findings", { ...place, json: JSON.stringify({ ...report, identity }) });
    expect(await found()).toContainEqual(
      expect.stringMatching(/^administrators: .* is not listed and can take over the storage \(Storage Table Data/),
    );
    await overwriteRow(stack(), "findings", { ...place, json: JSON.stringify(report) });
  });

  it("names two parts that can both read what one of them keeps to itself", async () => {
    const scope = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.KeyVault/vaults/zero-standing`;
    const right = { role: "Key Vault Secrets User", scope, principalId: APPS.front.objectId };
    const { id } = (await stack().call("azure", "assign", right)) as { readonly id: string };
    const faults = await found();
    await stack().call("azure", "unassign", { id });
    expect(faults).toContain(
      "permissions: The identities of the front and the worker may read the secrets in zero-standing, which belongs to one part.",
    );
  });

  it("names what a part without doors lacks, by what it said", async () => {
    await stack().call("graph", "setApp", { id: APPS.sweeper.objectId, permissions: ["Application.Read.All"] });
    await stack().call("jira", "setSecret", { apiToken: "another" });
    await stack().clock.advance(60 * MINUTE_MS);
    await stack().settle();
    const faults = await found();
    expect(faults).toContainEqual(
      expect.stringMatching(
        /^permissions: The identity of the sweeper .* lacks RoleAssignmentSchedule\.Remove\.Directory: /,
      ),
    );
    expect(faults.filter((text) => text.startsWith("tickets: jira cannot be used"))).toHaveLength(2);
  });

  it("names a part that fell silent", async () => {
    await stack().stopProcess("sweeper");
    await stack().clock.advance(3 * 60 * MINUTE_MS);
    expect(await found()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^report: The sweeper said nothing for \d h about itself\.$/),
        expect.stringMatching(/^timers: The timer sweep last ran \d h ago/),
      ]),
    );
  });
});

/** The same stack, wrong in twelve ways at once. */
describe("zs doctor, where twelve things are wrong", () => {
  const stack = useStack({ split: false });
  const { zs } = doctorOf(stack);
  const GROUP = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${RESOURCE_GROUP}/providers`;
  const AUDIT = `${GROUP}/Microsoft.Storage/storageAccounts/zerostandingaudit`;
  const SITE = `${GROUP}/Microsoft.Web/sites/zero-standing`;
  const SECRET = `${GROUP}/Microsoft.KeyVault/vaults/zero-standing/secrets/LINK-KEYS`;
  const held = APPS.worker.permissions.filter((name) => name !== "AuditLog.Read.All");
  const hugo = { principalId: adminId(HUGO), roleDefinitionId: ROLES.applicationAdministrator[0] };
  const contributor = { role: "Contributor", scope: `/subscriptions/${SUBSCRIPTION_ID}`, principalId: dailyId(12) };
  const deployer = { role: "Website Contributor", scope: SITE, principalId: dailyId(7) };

  it("names each, with what to do next", async () => {
    const seeds: readonly (readonly [string, string, object, string | RegExp])[] = [
      [
        "graph",
        "setApp",
        { id: APPS.worker.objectId, permissions: [...held, "Directory.ReadWrite.All"] },
        /lacks AuditLog/,
      ],
      ["graph", "settings", { dateSkewMs: -6 * MINUTE_MS }, "The clock is 6 min ahead"],
      ["graph", "addAssignment", hugo, /Hugo Brandt .* holds Application Administrator/],
      ["jira", "setSecret", { apiToken: "another" }, "jira cannot be used"],
      ["azure", "assign", contributor, /Liam Dorsey .* not listed and can deploy .*\(Contributor/],
      ["azure", "assign", deployer, /Grace Oduya .* not listed and can deploy .*\(Website Contributor/],
      ["azure", "change", { id: AUDIT, properties: { allowSharedKeyAccess: true } }, "opens to whoever has its key"],
      [
        "azure",
        "change",
        { id: `${SITE}/basicPublishingCredentialsPolicies/scm`, properties: { allow: true } },
        "SCM is on",
      ],
      ["azure", "change", { id: SITE, properties: { httpsOnly: false } }, "also takes http"],
      ["azure", "change", { id: SECRET, properties: { attributes: { exp: 1_700_000_000 } } }, "LINK-KEYS in the vault"],
      [
        "azure",
        "remove",
        { id: `${AUDIT}/blobServices/default/containers/audit/immutabilityPolicies/default` },
        "is under no retention",
      ],
    ];
    for (const [part, operation, parameters] of seeds) await stack().call(part, operation, { ...parameters });
    const { exitCode, stdout } = await zs();
    const faults = stdout.split("\n").filter((line) => line.startsWith("FAULT"));
    expect(exitCode).toBe(1);
    expect(faults).toHaveLength(12);
    for (const [, , , words] of seeds) expect(faults.filter((line) => new RegExp(words).test(line))).toHaveLength(1);
    expect(faults.filter((line) => line.includes("has Directory.ReadWrite.All (tier 0)"))).toHaveLength(1);
    expect(stdout.split("\n").filter((line) => /^ {2}next: \S/.test(line)).length).toBeGreaterThanOrEqual(12);
  });
});

describe("zs doctor on a policy that was written for another tenant and another bus", () => {
  const folder = emptyFolder();
  const policy = join(folder, "policy");
  mkdirSync(policy);
  writeFileSync(
    join(policy, "roles.yaml"),
    edited(
      edited(
        SAMPLE.roles,
        "tenant: 10000000-0000-4000-8000-000000000001",
        "tenant: 20000000-0000-4000-8000-000000000002",
      ),
      "  oncall: {",
      "  vendor: { people: [all], roles: [Exchange Administrator], open: 1 }\n  oncall: {",
    ),
  );
  writeFileSync(join(policy, "people.yaml"), SAMPLE.people);
  const stack = useStack({ split: false, settings: { POLICY_DIRECTORY: policy } });
  const { found } = doctorOf(stack);

  it("names both tenants, and a queue of the policy that is not there", async () => {
    expect(await found()).toEqual([
      "queues: The queue or topic requests-vendor cannot be used: [Misconfigured] service bus requests-vendor: MessagingEntityNotFound.",
      "policy: The policy is for tenant 20000000-0000-4000-8000-000000000002, the setting TENANT_ID is tenant 10000000-0000-4000-8000-000000000001.",
      "policy: The policy is for tenant 20000000-0000-4000-8000-000000000002, the identity of the app is tenant 10000000-0000-4000-8000-000000000001.",
      "settings: The app zero-standing has a TENANT_ID of another tenant than the policy's.",
    ]);
  });
});
