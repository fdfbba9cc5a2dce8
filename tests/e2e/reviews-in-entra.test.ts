import { describe, expect, it } from "vitest";
import { adminId, APPS, dailyId, ROLES } from "../../local/seed.ts";
import { validateExchange, type GraphExchange } from "../support/graph-contract.ts";
import { FIRST_DAY, reviewedPolicy } from "../support/reviewed-policy.ts";
import { RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Dev, of the owners. */
const REVIEWER = 4;
const DEFINITIONS = "/identityGovernance/accessReviews/definitions";

describe("the access review that the policy holds in Entra", () => {
  const policy = reviewedPolicy("group: directoryOwners, group: securityApprovers", ", where: entra");
  const stack = useStack({ settings: { POLICY_DIRECTORY: policy } });
  const exchanges = async (): Promise<readonly GraphExchange[]> =>
    (await stack().call("graph", "exchanges")) as GraphExchange[];

  /** What Entra calls the review of the role. */
  async function nameOf(role: string): Promise<string> {
    const made = (await exchanges()).filter(({ method, path }) => method === "POST" && path.includes(DEFINITIONS));
    const names = made.map(({ requestBody }) => (JSON.parse(requestBody) as { displayName: string }).displayName);
    return names.find((name) => name.endsWith(`: ${role}`)) ?? "";
  }

  const isEligible = async (principalId: string): Promise<boolean> =>
    (await new RunningApp(stack()).eligibleFor(ROLES.globalAdministrator[0])).includes(principalId);

  it("is opened there on its day, and reviewers get no mail of ours", async () => {
    const permissions = [...APPS.worker.permissions, "AccessReview.ReadWrite.All"];
    await stack().call("login", "setPermissions", { clientId: APPS.worker.clientId, permissions });
    await stack().clock.advance(Date.parse(FIRST_DAY) - stack().clock.now() + HOUR_MS);
    await stack().settle();
    await stack().clock.advance(2 * HOUR_MS);
    await stack().settle();
    expect(await nameOf("Global Administrator")).toMatch(/^Zero Standing review [0-9a-f]{32}: Global Administrator$/);
    const mails = await new RunningApp(stack()).mails("dev.patel@contoso.example");
    expect(mails.filter(({ subject }) => subject.includes("Access review"))).toEqual([]);
  });

  it("takes the eligibility of whom a reviewer denied there, and keeps who was approved", async () => {
    const said = {
      displayName: await nameOf("Global Administrator"),
      byId: dailyId(REVIEWER),
      justification: "asked around",
    };
    await stack().call("graph", "answerReview", { ...said, principalId: adminId(1), decision: "Approve" });
    await stack().call("graph", "answerReview", { ...said, principalId: adminId(8), decision: "Deny" });
    await stack().clock.advance(15 * DAY_MS);
    await stack().settle();
    expect([await isEligible(adminId(1)), await isEligible(adminId(8))]).toEqual([true, false]);
  });

  it("asks Graph only for what Graph documents", async () => {
    const all = await exchanges();
    expect(all.filter(({ path }) => path.includes("/decisions")).length).toBeGreaterThan(0);
    expect(all.flatMap(validateExchange)).toEqual([]);
  });
});
