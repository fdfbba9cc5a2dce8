import { describe, expect, it } from "vitest";
import { wholeCampaign, type CampaignEnd } from "../support/killed-campaign.ts";
import { reviewedPolicy } from "../support/reviewed-policy.ts";
import { useStack } from "../support/stack.ts";

describe("kill -9 of the host in every step of a campaign", () => {
  const stack = useStack({ split: false, settings: { POLICY_DIRECTORY: reviewedPolicy() } });
  let undisturbed: CampaignEnd | undefined;

  it.each([
    { step: "population", nth: 1 },
    { step: "mail", nth: 1 },
    { step: "mail", nth: 2 },
    { step: "mail", nth: 4 },
    { step: "removal", nth: 1 },
    { step: "removal", nth: 4 },
    { step: "removal", nth: 12 },
  ] as const)("killed at the $step ($nth): the same end", async (kill) => {
    undisturbed ??= await wholeCampaign(stack());
    await stack().reset();
    expect(await wholeCampaign(stack(), kill)).toEqual(undisturbed);
  });
});
