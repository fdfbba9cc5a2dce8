import { describe, expect, it } from "vitest";
import { recordProblem } from "../../shared/crypto/audit-chain.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import type { Worker } from "../../functions/worker.ts";
import { Crash } from "../support/crash.ts";
import { START } from "../support/memory-directory.ts";
import { ACTIVATION, APPROVE, CORA, MemoryWorld } from "../support/memory-world.ts";

/** The main story under one crash. What people do is not the worker's, so it does not crash. */
async function story(crash: Crash): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  const { store, controls, holders, directory, notifier, audit } = world.worker;
  const guarded: Partial<Worker> = {
    store: crash.guard(store),
    controls: crash.guard(controls),
    holders: crash.guard(holders),
    directory: crash.guard(directory),
    notifier: crash.guard(notifier),
    audit: crash.guard(audit),
  };
  Object.assign(world.worker, guarded);
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
  await world.decide(CORA, APPROVE);
  await world.run();
  await world.runUntil(plus(START, 2 * HOUR_MS + 10 * MINUTE_MS));
  return world;
}

async function flaws(world: MemoryWorld): Promise<readonly string[]> {
  const found: string[] = [];
  const state = await world.state();
  if (state.status !== "Ended") found.push(`ended as ${state.status}`);
  if (world.directory.live().length > 0) found.push("the role is still held");
  if (world.directory.rows.length !== 1) found.push(`${world.directory.rows.length} grants`);
  const chain = world.tables.chains.get(ACTIVATION) ?? [];
  chain.forEach((record, index) => {
    const problem = recordProblem(record, chain[index - 1]);
    if (problem !== undefined) found.push(`record ${record.sequence}: ${problem}`);
  });
  const intents = chain.findIndex(({ type }) => type === "GrantIntended");
  const grants = chain.findIndex(({ type }) => type === "RoleGranted");
  if (intents < 0 || grants < intents) found.push("no intent before the grant");
  for (const type of ["ActivationRequested", "StepUpProven", "DecisionRecorded", "RoleGranted", "RoleEnded"])
    if (chain.filter((record) => record.type === type).length !== 1) found.push(`${type} not exactly once`);
  for (const word of ["requested", "approved", "active from", "ended"])
    if (world.notes.filter((text) => text.includes(word)).length !== 1) found.push(`note "${word}" not exactly once`);
  if (world.tables.holdersRows.size > 0) found.push("the hold was not released");
  return found;
}

describe("an activation whose worker is killed", () => {
  it("ends the same at whichever call it dies, before the effect or after it", async () => {
    const whole = new Crash(0, "before");
    expect(await flaws(await story(whole))).toEqual([]);
    expect(whole.calls).toBeGreaterThan(40);
    for (const when of ["before", "after"] as const)
      for (let at = 1; at <= whole.calls; at += 1)
        expect({ at, when, flaws: await flaws(await story(new Crash(at, when))) }).toEqual({ at, when, flaws: [] });
  });
});
