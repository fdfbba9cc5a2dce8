import { describe, expect, it } from "vitest";
import { wholeStory } from "../support/killed-flow.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";

describe("lost events and a killed host", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());

  it("the undisturbed story ends like this", async () => {
    expect(await wholeStory(app(), HUGO_EXCHANGE)).toEqual({
      status: "Ended",
      records: ["ActivationRequested", "DecisionRecorded", "GrantIntended", "RoleEnded", "RoleGranted", "StepUpProven"],
      grants: ["expired"],
      notes: [
        expect.stringContaining("Access active from <time> to <time>"),
        expect.stringContaining("Access approved by Dev Patel"),
        expect.stringContaining("Access ended at <time>"),
        expect.stringContaining("Access requested"),
      ] as unknown[],
    });
  });

  it.each([1, 2])("each event of the story, lost in turn %i times, costs minutes and nothing else", async (times) => {
    const ticket = await app().openChange(HUGO_EXCHANGE);
    await stack().settle();
    const steps: readonly [string, string, () => Promise<unknown>][] = [
      ["AwaitingStepUp", "AwaitingApproval", () => app().confirm(HUGO_EXCHANGE, ticket)],
      ["AwaitingApproval", "Active", () => app().decide("dev.patel", ticket)],
      [
        "Active",
        "Ending",
        () => stack().call("servicenow", "updateTicket", { number: ticket, fields: { state: "4" } }),
      ],
    ];
    for (const [from, to, step] of steps) {
      await stack().call("host", "loseNext", { kind: "event", times });
      await step();
      await stack().settle();
      expect(await app().status(ticket)).toBe(from);
      if (times > 1) await stack().clock.advance(MINUTE_MS);
      if (times > 1) expect(await app().status(ticket)).toBe(from);
      await stack().clock.advance(MINUTE_MS + 1_000);
      expect(await app().status(ticket)).toBe(to);
    }
    await stack().clock.advance(6 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("Ended");
  });

  it.each([2, 4, 6])("killed at audit record %i, the story ends the same", async (at) => {
    const undisturbed = await wholeStory(app(), HUGO_EXCHANGE);
    expect(await wholeStory(app(), HUGO_EXCHANGE, { at, delayMs: 0 })).toEqual(undisturbed);
  });

  itKeptItsPromises(app);
});
