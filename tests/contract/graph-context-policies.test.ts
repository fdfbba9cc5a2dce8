import { describe, expect, it } from "vitest";
import { ACCOUNTS } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createPostureDirectory } from "../../shared/adapters/graph/posture-directory.ts";
import type { ContextPolicies } from "../../shared/domain/context-policy.ts";
import { answering } from "../support/answering-server.ts";
import { tenantOfItsOwn } from "../support/graph-requests.ts";

const excludingOutsiders = (guestOrExternalUserTypes: string | null): object => ({
  users: { includeUsers: ["All"], excludeGuestsOrExternalUsers: { guestOrExternalUserTypes, externalTenants: null } },
});

describe("Conditional Access policies, over Graph", () => {
  const tenant = tenantOfItsOwn();
  const read = (token = "worker", url = tenant().url): Promise<ContextPolicies> =>
    createPostureDirectory(
      createGraph(url, { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }),
    ).contextPolicies();

  it("are read as the tenant has them", async () => {
    expect(await read()).toEqual({
      kind: "read",
      policies: [
        {
          name: "Privileged access: fresh, phishing-resistant sign-in",
          state: "enabled",
          contexts: ["c1"],
          includes: { users: ["All"], groups: [] },
          excludes: { users: [ACCOUNTS.breakGlass1, ACCOUNTS.breakGlass2], groups: [] },
          narrowedBy: [],
          combinations: ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
          hasAlternative: false,
          everyTime: true,
        },
      ],
    });
    expect(tenant().contractProblems()).toEqual([]);
  });

  it("are not known to who may not read them", async () => {
    expect(await read("sweeper")).toEqual({ kind: "notAllowed" });
  });

  const shown = async (policy: object): Promise<unknown> => {
    const server = await answering(() => ({
      json: { value: [{ id: "p", state: "enabled", conditions: {}, ...policy }] },
    }));
    const found = await read("worker", server.url);
    return found.kind === "read" ? found.policies[0] : found;
  };

  it.each<[string, object, readonly string[]]>([
    ["every location but one", { locations: { includeLocations: ["All"], excludeLocations: ["x"] } }, ["locations"]],
    ["all locations", { locations: { includeLocations: ["All"], excludeLocations: [] } }, []],
    ["one platform", { platforms: { includePlatforms: ["windows"], excludePlatforms: null } }, ["platforms"]],
    ["risky sign-ins", { signInRiskLevels: ["high"], userRiskLevels: [] }, ["signInRiskLevels"]],
    ["old clients only", { clientAppTypes: ["exchangeActiveSync", "other"] }, ["clientAppTypes"]],
    ["browsers", { clientAppTypes: ["browser"] }, []],
    ["some devices", { devices: { deviceFilter: { mode: "include", rule: "x" } } }, ["devices"]],
    ["a condition nobody here knows", { moonPhase: { includePhases: ["full"] } }, ["moonPhase"]],
    ["those who hold no role", { users: { includeUsers: ["All"], excludeRoles: ["r"] } }, ["excluded roles"]],
    ["all but outsiders who are members", excludingOutsiders("b2bCollaborationMember"), ["excluded outsiders"]],
    [
      "all but many outsiders",
      excludingOutsiders("b2bCollaborationGuest,b2bCollaborationMember"),
      ["excluded outsiders"],
    ],
    ["all but outsiders of a new kind", excludingOutsiders("unknownFutureValue"), ["excluded outsiders"]],
    ["all but guests, who may ask for nothing", excludingOutsiders("internalGuest, b2bCollaborationGuest"), []],
    ["all but guests, nobody said which", excludingOutsiders(null), ["excluded outsiders"]],
    [
      "all but outsiders, as it was said before",
      { users: { includeUsers: ["All"], excludeUsers: ["GuestsOrExternalUsers"] } },
      ["excluded outsiders"],
    ],
    ["all but a kind of users nobody here knows", { users: { excludeMoonlings: ["x"] } }, ["excludeMoonlings"]],
    ["all, with nothing left out", { users: { includeUsers: ["All"], excludeMoonlings: [], excludeUsers: [] } }, []],
    ["those who hold a role", { users: { includeRoles: ["r"], includeGuestsOrExternalUsers: { x: 1 } } }, []],
  ])("that are for %s are seen to leave out others, or not", async (_what, conditions, narrowedBy) => {
    expect(await shown({ conditions })).toMatchObject({ narrowedBy });
  });

  it.each<[string, object, boolean]>([
    ["OR with another control", { operator: "OR", builtInControls: ["mfa"] }, true],
    ["AND with another control", { operator: "AND", builtInControls: ["compliantDevice"] }, false],
    ["OR with nothing else", { operator: "OR", builtInControls: [] }, false],
    ["OR with terms of use", { operator: "OR", termsOfUse: ["t"] }, true],
    ["OR with a control nobody here knows", { operator: "OR", moonControls: ["full"] }, true],
    ["OR with the strength alone", { operator: "OR", authenticationStrength: { id: "s" }, moonControls: [] }, false],
  ])("say whether something else than the strength will do: %s", async (_what, grantControls, hasAlternative) => {
    expect(await shown({ grantControls })).toMatchObject({ hasAlternative });
  });

  it.each<[string, object, boolean]>([
    ["every time", { isEnabled: true, frequencyInterval: "everyTime" }, true],
    ["hours", { isEnabled: true, frequencyInterval: "timeBased", type: "hours", value: 1 }, false],
    [
      "every time, with the second factor alone",
      { isEnabled: true, frequencyInterval: "everyTime", authenticationType: "secondaryAuthentication" },
      false,
    ],
    [
      "every time, with both",
      { isEnabled: true, frequencyInterval: "everyTime", authenticationType: "primaryAndSecondaryAuthentication" },
      true,
    ],
    ["switched off", { isEnabled: false, frequencyInterval: "everyTime" }, false],
  ])("say how often to sign in: %s", async (_what, signInFrequency, everyTime) => {
    expect(await shown({ sessionControls: { signInFrequency } })).toMatchObject({ everyTime });
  });
});
