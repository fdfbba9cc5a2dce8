import { describe, expect, it } from "vitest";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HUGO_EXCHANGE, MINUTE_MS, RunningApp, type Wish } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";

const DEV_PRIVILEGED: Wish = {
  person: "dev.patel",
  role: "Privileged Role Administrator",
  duration: "PT1H",
  approvers: ["cora.lindt", "hugo.brandt"],
};

describe("a deploy while activations are under way", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const statuses = (tickets: readonly string[]): Promise<readonly string[]> =>
    Promise.all(tickets.map((ticket) => app().status(ticket)));

  it("leaves each of them where it was, and each goes on to its end", async () => {
    const active = await app().hold(HUGO_EXCHANGE);
    const waiting = await app().askFor(ADA_GLOBAL);
    const unproven = await app().openChange(DEV_PRIVILEGED);
    await stack().settle();
    const all = [active, waiting, unproven];
    expect(await statuses(all)).toEqual(["Active", "AwaitingApproval", "AwaitingStepUp"]);

    await stack().stopProcess("host");
    await stack().clock.advance(3 * MINUTE_MS);
    await stack().start("host");
    await stack().settle();
    expect(await statuses(all)).toEqual(["Active", "AwaitingApproval", "AwaitingStepUp"]);

    await app().decide("cora.lindt", waiting);
    await app().confirm(DEV_PRIVILEGED, unproven);
    await stack().settle();
    for (const approver of DEV_PRIVILEGED.approvers) await app().decide(approver, unproven);
    await stack().settle();
    expect(await statuses(all)).toEqual(["Active", "Active", "Active"]);

    await stack().clock.advance(58 * MINUTE_MS);
    expect(await app().status(active)).toBe("Ended");
    await stack().clock.advance(65 * MINUTE_MS);
    expect(await statuses(all)).toEqual(["Ended", "Ended", "Ended"]);
    for (const ticket of all) expect(await app().grants(ticket)).toHaveLength(1);
  });

  it("ends on time what ran out while nothing of ours was running", async () => {
    const ticket = await app().hold(HUGO_EXCHANGE);
    await stack().stopProcess("host");
    await stack().clock.advance(90 * MINUTE_MS);
    const [grant] = await app().grants(ticket);
    expect(grant?.ended).toBe("expired");
    await stack().start("host");
    await stack().settle();
    expect(await app().status(ticket)).toBe("Ended");
  });

  itKeptItsPromises(app);
});
