import { describe, expect, it } from "vitest";
import { wholeCampaign } from "../support/killed-campaign.ts";
import { reviewedPolicy } from "../support/reviewed-policy.ts";
import { useStack } from "../support/stack.ts";

describe("a campaign whose host is killed while eligibility is taken away", () => {
  const stack = useStack({ split: false, settings: { POLICY_DIRECTORY: reviewedPolicy() } });

  it("takes it from everybody for whom nobody answered, once, and reports it", async () => {
    const end = await wholeCampaign(stack(), { step: "removal", nth: 4 });
    expect(end.status).toMatch(/^Done(,Done)+$/);
    expect(end.opened).toBe(1);
    expect(end.removed).toBeGreaterThan(5);
    expect(end.items.filter((line) => line.endsWith(" remove true"))).toHaveLength(end.removed);
    expect(end.items.filter((line) => !/ (remove|keep) true$/.test(line))).toEqual([]);
  });
});
