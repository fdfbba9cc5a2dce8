import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createControls } from "../../shared/adapters/tables/controls.ts";
import { createDeliveries } from "../../shared/adapters/tables/deliveries.ts";
import { createHolders } from "../../shared/adapters/tables/holders.ts";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import type { Controls, Freeze } from "../../shared/ports/controls.ts";
import { aClaim, at, newActivationId, newPrincipalId, personKey } from "../support/activation-rows.ts";
import { startTables, type LocalTables } from "../support/azurite.ts";

let service: LocalTables;
let tables: Tables;

beforeAll(async () => {
  service = await startTables();
  tables = createTables({ connectionString: service.connectionString });
  await tables.ensureTables();
});
afterAll(() => service.stop());

describe("Controls", () => {
  let controls: Controls;
  beforeEach(async () => {
    const rows = await tables.controls.partition("freeze");
    await tables.controls.remove(
      "freeze",
      rows.map(({ rowKey }) => rowKey),
    );
    controls = createControls(tables, ({ body, mac }, id) => {
      const [of, hour = "09:30"] = body.split(" ");
      return mac === "good" && of === id ? { at: at(hour) } : undefined;
    });
  });

  const aFreeze = (id: string, hour: string): Freeze => ({
    id,
    at: at(hour),
    by: personKey("ada"),
    account: newPrincipalId(),
    because: "drill",
  });

  it("is frozen from the first freeze on, and another one changes nothing", async () => {
    expect(await controls.freeze()).toBeUndefined();
    const first = aFreeze("f1", "09:00");
    expect(await controls.startFreeze(first)).toEqual(first);
    expect(await controls.startFreeze(aFreeze("f2", "10:00"))).toEqual(first);
    expect(await controls.freeze()).toEqual(first);
  });

  it("goes on when a valid seal lifts the freeze, and can be frozen again", async () => {
    await controls.startFreeze(aFreeze("f1", "09:00"));
    await controls.liftFreeze("f1", { body: "f1", mac: "good" });
    expect(await controls.freeze()).toBeUndefined();
    const again = aFreeze("f2", "10:00");
    expect(await controls.startFreeze(again)).toEqual(again);
  });

  it("takes a lift without a valid seal, or with the seal of another freeze, as absent", async () => {
    const freeze = await controls.startFreeze(aFreeze("f1", "09:00"));
    await controls.liftFreeze("f1", { body: "f1", mac: "forged" });
    expect(await controls.freeze()).toEqual(freeze);
    await controls.liftFreeze("f1", { body: "f0", mac: "good" });
    expect(await controls.freeze()).toEqual(freeze);
    await controls.liftFreeze("f1", { body: "f1", mac: "good" });
    expect(await controls.freeze()).toBeUndefined();
  });

  it("knows when the grants were last resumed, by valid seals only", async () => {
    expect(await controls.standing()).toEqual({ freeze: undefined, resumedAt: undefined });
    await controls.startFreeze(aFreeze("f1", "09:00"));
    await controls.liftFreeze("f1", { body: "f1 09:10", mac: "good" });
    expect(await controls.standing()).toEqual({ freeze: undefined, resumedAt: at("09:10") });
    const second = await controls.startFreeze(aFreeze("f2", "10:00"));
    await controls.liftFreeze("f2", { body: "f2 10:10", mac: "forged" });
    expect(await controls.standing()).toEqual({ freeze: second, resumedAt: at("09:10") });
    await controls.liftFreeze("f2", { body: "f2 10:20", mac: "good" });
    await controls.liftFreeze("f3", { body: "f3 11:00", mac: "good" }); // of a freeze that never was
    expect(await controls.standing()).toEqual({ freeze: undefined, resumedAt: at("10:20") });
  });

  it("is frozen by a row that nobody can read, too", async () => {
    await tables.controls.put([{ partitionKey: "freeze", rowKey: "freeze-f1", json: "{" }]);
    await tables.controls.put([{ partitionKey: "freeze", rowKey: "lift-f1", json: "{" }]);
    expect(await controls.freeze()).toMatchObject({ id: "f1", because: "a freeze that cannot be read" });
  });

  it("shows what stands, and a lift that cannot be checked here as what it is", async () => {
    await controls.startFreeze(aFreeze("f1", at("09:00")));
    expect(await controls.shown()).toMatchObject({ freeze: { id: "f1" }, saidToBeLifted: false });
    const lift = { body: JSON.stringify({ at: at("09:05"), freezeId: "f1" }), mac: "forged" };
    await controls.liftFreeze("f1", lift);
    expect(await controls.shown()).toMatchObject({ freeze: { id: "f1" }, saidToBeLifted: false });

    const front = createControls(tables);
    expect(await front.freeze()).toBeUndefined();
    expect(await front.shown()).toMatchObject({ freeze: { id: "f1" }, saidToBeLifted: true });
    expect(await front.startFreeze(aFreeze("f2", at("09:10")))).toMatchObject({ id: "f2" });
    expect(await front.shown()).toMatchObject({ freeze: { id: "f2" }, saidToBeLifted: false });

    for (const body of ["{", JSON.stringify({ at: at("09:15"), freezeId: "f1" }), "null"]) {
      await front.liftFreeze("f2", { body, mac: "" });
      expect(await front.freeze()).toMatchObject({ id: "f2" });
    }
  });

  it("knows a freeze by its place, so that none passes for one that was lifted", async () => {
    await controls.startFreeze(aFreeze("f1", "09:00"));
    await controls.liftFreeze("f1", { body: "f1", mac: "good" });
    await tables.controls.put([{ partitionKey: "freeze", rowKey: "freeze-f2", json: JSON.stringify({ id: "f1" }) }]);
    expect(await controls.freeze()).toMatchObject({ id: "f2" });
  });

  it("keeps who agreed to lift a freeze, each sign-in once", async () => {
    const [id, other] = [newActivationId(), newActivationId()];
    await controls.keepResumeVerdict(id, "resume-a", { body: "forged", mac: "none" });
    await controls.keepResumeVerdict(id, "resume-a", { body: "a", mac: "good" });
    await controls.keepResumeVerdict(id, "resume-b", { body: "b", mac: "good" });
    expect(await controls.resumeVerdicts(id)).toEqual([
      { body: "a", mac: "good" },
      { body: "b", mac: "good" },
    ]);
    expect(await controls.resumeVerdicts(other)).toEqual([]);
  });

  it("stays frozen until every freeze of a race is lifted", async () => {
    await Promise.all([controls.startFreeze(aFreeze("f1", "09:00")), controls.startFreeze(aFreeze("f2", "09:00"))]);
    for (let freeze = await controls.freeze(); freeze; freeze = await controls.freeze())
      await controls.liftFreeze(freeze.id, { body: freeze.id, mac: "good" });
    expect(await controls.freeze()).toBeUndefined();
  });

  it("counts grants since an instant, each attempt once", async () => {
    const [one, two] = [newActivationId(), newActivationId()];
    await controls.recordGrant(one, 1, at("09:00"));
    await controls.recordGrant(one, 1, at("09:00"));
    await controls.recordGrant(one, 1, at("09:01"));
    await controls.recordGrant(one, 2, at("09:10"));
    await controls.recordGrant(two, 1, at("09:10"));
    expect(await controls.grantsSince(at("08:00"))).toBe(3);
    expect(await controls.grantsSince(at("09:10"))).toBe(2);
    expect(await controls.grantsSince(at("09:11"))).toBe(0);
  });

  it("blocks a person until an instant", async () => {
    const person = personKey("grace.h");
    expect(await controls.isBlocked(person, at("09:00"))).toBe(false);
    await controls.block(person, at("10:00"), "request reported");
    expect(await controls.isBlocked(person, at("09:59"))).toBe(true);
    expect(await controls.isBlocked(person, at("10:00"))).toBe(false);
    expect(await controls.isBlocked(personKey("grace-h"), at("09:59"))).toBe(false);
    await controls.block(person, at("12:00"), "request reported");
    expect(await controls.isBlocked(person, at("11:00"))).toBe(true);
  });
});

describe("Holders", () => {
  const anAssignment = () => {
    const { roleDefinitionId, directoryScopeId } = aClaim();
    return { principalId: newPrincipalId(), roleDefinitionId, directoryScopeId };
  };

  it("lets one of many take it and tells the others who has it", async () => {
    const holders = createHolders(tables);
    const assignment = anAssignment();
    expect(await holders.holder(assignment)).toBeUndefined();
    const answers = await Promise.all(Array.from({ length: 50 }, () => holders.take(assignment, newActivationId())));
    expect(new Set(answers).size).toBe(1);
    expect(await holders.holder(assignment)).toBe(answers[0]);
    expect(await holders.take(assignment, newActivationId())).toBe(answers[0]);
  });

  it("answers the holder itself when it takes again", async () => {
    const holders = createHolders(tables);
    const [assignment, id] = [anAssignment(), newActivationId()];
    expect(await holders.take(assignment, id)).toBe(id);
    expect(await holders.take(assignment, id)).toBe(id);
  });

  it("is released by its holder only, any number of times", async () => {
    const holders = createHolders(tables);
    const [assignment, id, other] = [anAssignment(), newActivationId(), newActivationId()];
    await holders.take(assignment, id);
    await holders.release(assignment, other);
    expect(await holders.holder(assignment)).toBe(id);
    await holders.release(assignment, id);
    await holders.release(assignment, id);
    expect(await holders.take(assignment, other)).toBe(other);
  });
});

describe("Deliveries", () => {
  it("knows a repetition, per source, whatever the id looks like", async () => {
    const deliveries = createDeliveries(tables);
    const id = `a/b#c?${"x".repeat(3_000)}`;
    expect(await deliveries.seen("jira", id)).toBe(false);
    expect(await deliveries.first("jira", id, at("09:00"))).toBe(true);
    expect(await deliveries.first("jira", id, at("09:01"))).toBe(false);
    expect(await deliveries.first("jira", `${id}y`, at("09:01"))).toBe(true);
    expect(await deliveries.first("servicenow", id, at("09:01"))).toBe(true);
    expect(await deliveries.seen("jira", id)).toBe(true);
  });

  it("forgets what came before an instant, of one source, over many rows, and no more than it is told at a time", async () => {
    const deliveries = createDeliveries(tables);
    for (let n = 0; n < 250; n += 1) await deliveries.first("state", `old ${n}`, at("09:00"));
    await deliveries.first("state", "young", at("10:00"));
    await deliveries.first("noise", "old", at("09:00"));
    expect(await deliveries.forget("state", at("10:00"), 120)).toBe(120);
    expect(await deliveries.forget("state", at("10:00"), 1_000)).toBe(130);
    expect(await deliveries.forget("state", at("10:00"), 1_000)).toBe(0);
    expect(await deliveries.seen("state", "old 7")).toBe(false);
    expect(await deliveries.seen("state", "young")).toBe(true);
    expect(await deliveries.seen("noise", "old")).toBe(true);
  });

  it("is first for one of many at once", async () => {
    const deliveries = createDeliveries(tables);
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliveries.first("jira", "same", at("09:00"))));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });
});
