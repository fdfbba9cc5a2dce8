import { describe, expect, it } from "vitest";
import { adminId, dailyId } from "../../local/seed.ts";
import type { GraphAnswer } from "../support/local-directory.ts";
import { codeOf, HOUR_MS, ids, pass, role, tenantOfItsOwn, values } from "../support/graph-requests.ts";

const DEFINITIONS = "/identityGovernance/accessReviews/definitions";
const DAY_MS = 24 * HOUR_MS;

const review = (displayName: string): Record<string, unknown> => ({
  displayName,
  descriptionForAdmins: "who is eligible",
  descriptionForReviewers: "who is eligible",
  scope: {
    "@odata.type": "#microsoft.graph.accessReviewQueryScope",
    queryType: "MicrosoftGraph",
    query: `/roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal&$filter=(isof(principal,'microsoft.graph.user') and roleDefinitionId eq '${role("globalAdministrator")}')`,
  },
  reviewers: [{ query: `/users/${dailyId(3)}`, queryType: "MicrosoftGraph" }],
  settings: {
    mailNotificationsEnabled: true,
    justificationRequiredOnApproval: true,
    defaultDecisionEnabled: false,
    autoApplyDecisionsEnabled: false,
    instanceDurationInDays: 14,
  },
});

describe("access reviews of the local directory", () => {
  const tenant = tenantOfItsOwn();
  const post = (body: Record<string, unknown>, caller = "all"): Promise<GraphAnswer> =>
    tenant().post(DEFINITIONS, body, caller);

  /** Path of the decisions of the only instance. */
  async function decisionsOf(definition: GraphAnswer): Promise<string> {
    const instances = `${DEFINITIONS}/${String(definition.body["id"])}/instances`;
    const [instance] = ids(await tenant().get(instances, "all"));
    return `${instances}/${String(instance)}/decisions`;
  }

  it("ask for everybody who is eligible for the role, and keep what a reviewer answers until the end", async () => {
    const created = await post(review("first"));
    expect(created.status).toBe(201);
    const path = await decisionsOf(created);
    const asked = values(await tenant().get(path, "all"));
    const eligible = [adminId(1), adminId(4), adminId(8)];
    expect(asked.map(({ principal }) => (principal as { id: string }).id).toSorted()).toEqual(eligible);
    expect(new Set(asked.map(({ decision }) => decision))).toEqual(new Set(["NotReviewed"]));
    const answer = { displayName: "first", principalId: adminId(1), decision: "Deny", byId: dailyId(3) };
    tenant().control("answerReview", { ...answer, justification: "left the team" });
    const answered = values(await tenant().get(path, "all")).filter(({ decision }) => decision !== "NotReviewed");
    expect(answered).toMatchObject([
      {
        decision: "Deny",
        justification: "left the team",
        principal: { id: adminId(1) },
        reviewedBy: { id: dailyId(3) },
      },
    ]);
    pass(14 * DAY_MS);
    expect(() => tenant().control("answerReview", answer)).toThrow("the review is over");
    const [instance] = values(await tenant().get(path.replace(/\/[^/]+\/decisions$/, ""), "all"));
    expect(instance).toMatchObject({ status: "Completed" });
  });

  it("are made twice where they are asked for twice: a name is no key", async () => {
    await post(review("same"));
    await post(review("same"));
    const named = values(await tenant().get(DEFINITIONS, "all")).filter(({ displayName }) => displayName === "same");
    expect(named).toHaveLength(2);
  });

  it("are refused without the permission, and in a tenant without the licence", async () => {
    const notPermitted = await post(review("not permitted"), "sweeper");
    expect([notPermitted.status, codeOf(notPermitted)]).toEqual([403, "Authorization_RequestDenied"]);
    tenant().control("settings", { servicePlans: ["AAD_PREMIUM"] });
    const notLicensed = await post(review("not licensed"));
    expect([notLicensed.status, codeOf(notLicensed)]).toEqual([403, "Forbidden"]);
  });
});
