import { describe, expect, it } from "vitest";
import { adminId, APPS, dailyId, GROUPS, LEGACY_SYNC, PIPELINE, ROLES, SUBSCRIPTION_ID } from "../../local/seed.ts";
import { doctorOf, during, grantOf, HUGO } from "../support/doctor.ts";
import { useStack } from "../support/stack.ts";

const GRACE = 7;
const DAY_MS = 86_400_000;

describe("zs doctor, of who can take over by the directory", () => {
  const stack = useStack({ split: false });
  const { found } = doctorOf(stack);
  const grant = grantOf(stack);
  const control = (part: string, operation: string, parameters = {}): Promise<unknown> =>
    stack().call(part, operation, parameters);

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
});
