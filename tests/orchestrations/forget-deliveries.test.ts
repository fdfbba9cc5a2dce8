import { InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { tendCampaign } from "../../functions/triggers/tend-campaign.timer.ts";
import { DAY_MS, HOUR_MS, plus } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { ChangeWorld } from "../support/change-world.ts";

let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
});

/** An hour passes, and the hourly timer runs. */
async function hour(): Promise<void> {
  world.now = plus(world.now, HOUR_MS);
  await tendCampaign(world.changeWorker, () => ({}) as never)(undefined, new InvocationContext());
}

const add = (source: string, id: string): Promise<boolean> =>
  world.changeWorker.deliveries.first(source, id, world.now);

describe("what anybody can write without having proved anything", () => {
  it("is forgotten after a day, so that what is kept is bounded by a day of it", async () => {
    let most = 0;
    for (let hours = 0; hours < 24 * 7; hours += 1) {
      for (let n = 0; n < 10; n += 1) await add("state", `answered ${hours} ${n}`);
      await add("noise", `calls ${hours}`);
      most = Math.max(most, world.tables.deliveryRows.size);
      await hour();
    }
    expect(most).toBe(25 * 11);
  });

  it("is known as long as a sign-in can be answered", async () => {
    await add("state", "answered");
    for (let hours = 0; hours < 23; hours += 1) await hour();
    expect(await add("state", "answered")).toBe(false);
  });

  it("takes nothing along of what signed senders and we ourselves wrote", async () => {
    const kinds = ["servicenow", "jira", "finding", "eligibility-reminder", "campaign-without-reviewers"];
    for (const kind of kinds) await add(kind, "one");
    world.now = plus(world.now, 400 * DAY_MS);
    await hour();
    expect(world.tables.deliveryRows.size).toBe(kinds.length);
  });

  it("stays while the table cannot be read, and no campaign waits for it", async () => {
    const { governance } = world.policy;
    if (!governance) throw new Error("no governance");
    let looked = false;
    Object.assign(world.changeWorker, {
      deliveries: {
        ...world.changeWorker.deliveries,
        forget: () => Promise.reject(new DependencyError("Unavailable", "x")),
      },
      policies: {
        people: world.worker.policies.people,
        get policy() {
          looked = true;
          return world.policy;
        },
      },
    });
    await add("state", "answered");
    world.now = plus(world.now, 2 * DAY_MS);
    await hour();
    expect(looked).toBe(true);
    expect(world.tables.deliveryRows.size).toBe(1);
  });
});
