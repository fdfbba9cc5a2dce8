import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import { createWritePace } from "../../shared/adapters/tables/write-pace.ts";
import { plus } from "../../shared/domain/time.ts";
import { at } from "../support/activation-rows.ts";
import { startTables, type LocalTables } from "../support/azurite.ts";

describe("the pace of bulk writes, kept in a table", () => {
  let service: LocalTables;
  let tables: Tables;
  beforeAll(async () => {
    service = await startTables();
    tables = createTables({ connectionString: service.connectionString });
    await tables.ensureTables();
  });
  afterAll(() => service.stop());

  it("is one for all instances, also where they ask at the same time", async () => {
    const instances = Array.from({ length: 6 }, () => createWritePace(tables));
    const taken = await Promise.all(instances.map((pace) => pace.take(60, at("09:00"))));
    expect(taken.map(({ granted }) => granted).toSorted((a, b) => a - b)).toEqual([0, 60, 60, 60, 60, 60]);
    expect((await createWritePace(tables).take(1, at("09:00"))).granted).toBe(0);
    expect((await createWritePace(tables).take(1, at("09:01"))).granted).toBe(1);
  });

  const spoil = (usedUntil: unknown): Promise<void> =>
    tables.controls.put([{ partitionKey: "pace", rowKey: "writes", usedUntil }]);
  const kept = async (): Promise<unknown> => (await tables.controls.get("pace", "writes"))?.["usedUntil"];

  it.each([
    ["nonsense", "never"],
    ["a number", 17],
    ["a time years ahead", "2999-01-01T00:00:00.000Z"],
    ["the last time there is, in a zone behind it", "9999-12-31T23:59:59-12:00"],
    ["a time that is a little too far ahead", "2026-11-24T10:02:38.000Z"],
  ])("goes on at once where somebody wrote %s into its row, puts it right, and says so", async (_what, usedUntil) => {
    await spoil(usedUntil);
    const pace = createWritePace(tables);
    expect(await pace.take(20, at("10:00"))).toMatchObject({ granted: 20, spoiled: true });
    expect(await kept()).toBe(plus(at("10:00"), 20 * 125));
    expect((await pace.take(20, at("10:00"))).spoiled).toBeUndefined();
  });

  it("is kept by each instance for itself where somebody goes on spoiling it", async () => {
    const pace = createWritePace(tables);
    let granted = 0;
    for (let seconds = 0; seconds < 150; seconds += 5) {
      await spoil("2999-01-01T00:00:00.000Z");
      granted += (await pace.take(100, plus(at("11:00"), seconds * 1_000))).granted;
    }
    expect(granted).toBeGreaterThan(1_400);
    expect(granted).toBeLessThanOrEqual(1_500);
  });

  it("leaves nobody without anything for more than ten minutes, whatever somebody goes on writing", async () => {
    const pace = createWritePace(tables);
    const takeAt = async (minutes: number) => {
      const now = plus(at("12:00"), minutes * 60_000);
      await spoil(plus(now, 60_000));
      return pace.take(20, now);
    };
    for (let minutes = 0; minutes <= 10; minutes += 1) expect(await takeAt(minutes)).toMatchObject({ granted: 0 });
    expect(await takeAt(11)).toMatchObject({ granted: 20, spoiled: true });
  });

  it("takes nothing back from an instance whose clock is a minute ahead", async () => {
    const pace = createWritePace(tables);
    expect((await pace.take(300, at("13:01"))).granted).toBe(300);
    expect((await pace.take(20, at("13:00"))).granted).toBe(0);
    expect((await pace.take(20, at("13:01"))).granted).toBe(0);
  });
});
