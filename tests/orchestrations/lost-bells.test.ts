import { beforeEach, describe, expect, it } from "vitest";
import { plus, SECOND_MS } from "../../shared/domain/time.ts";
import { ChangeWorld, WAVE_1 } from "../support/change-world.ts";
import { EVA } from "../support/memory-world.ts";

let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
});

describe("a sign-in for a change whose bell was lost", () => {
  it("is kept and rung for again, also while nothing else of the change is due", async () => {
    const id = await world.askFor(EVA, WAVE_1, []);
    await world.sweep(); // looks after the change, and again a minute later
    const rung = world.resumed.length;
    world.now = plus(world.now, 29 * SECOND_MS);
    await world.signsFor(id, EVA, { kind: "confirm" }, { slot: 0, digest: "d" });
    await world.sweep();
    expect(world.resumed.slice(rung)).toEqual([id]);
    expect((await world.tables.store.waiting(id)).map(({ body }) => body.kind)).toContain("proof");
  });
});
