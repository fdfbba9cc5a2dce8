import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import { createWritePace } from "../../shared/adapters/tables/write-pace.ts";
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
    expect(taken.reduce((sum, { granted }) => sum + granted, 0)).toBe(300);
    const [first] = taken;
    expect((await createWritePace(tables).take(1, at("09:00"))).granted).toBe(0);
    expect((await createWritePace(tables).take(1, at("09:01"))).granted).toBe(1);
    expect(first?.granted).toBe(60);
  });

  it("goes on where somebody wrote nonsense into its row", async () => {
    await tables.controls.put([{ partitionKey: "pace", rowKey: "writes", usedUntil: "never" }]);
    expect((await createWritePace(tables).take(20, at("10:00"))).granted).toBe(20);
  });

  it("counts as used up where its row lies years ahead, and goes on when that much time has passed", async () => {
    await tables.controls.put([{ partitionKey: "pace", rowKey: "writes", usedUntil: "2999-01-01T00:00:00.000Z" }]);
    const pace = createWritePace(tables);
    expect((await pace.take(20, at("11:00"))).granted).toBe(0);
    expect((await pace.take(20, at("11:01"))).granted).toBe(20);
  });

  it("takes nothing back from an instance whose clock is a minute ahead", async () => {
    const pace = createWritePace(tables);
    expect((await pace.take(300, at("12:01"))).granted).toBe(300);
    expect((await pace.take(20, at("12:00"))).granted).toBe(0);
    expect((await pace.take(20, at("12:01"))).granted).toBe(0);
  });
});
