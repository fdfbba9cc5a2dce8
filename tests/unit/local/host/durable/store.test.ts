import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Database } from "../../../../../local/host/durable/database.ts";
import { TestHub } from "../../../../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(async () => {
  vi.restoreAllMocks();
  await test?.close();
});

const SOURCE = `
df.app.activity("A", { handler: () => 1 });
df.app.entity("Counter", (context) => context.df.setState((context.df.getState(() => 0)) + 1));
df.app.orchestration("O", function* (context) {
  yield context.df.callActivity("A", {});
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5000));
  return yield context.df.waitForExternalEvent("Go");
});`;

describe("the file of a task hub", () => {
  it("is refused to a second hub", () => {
    const hub = hubWith(SOURCE);
    expect(() => hub.open()).toThrow(`another process uses the task hub in ${hub.file}`);
  });

  it("of two starts at the same time takes one and answers 409 to the other", async () => {
    const hub = hubWith(SOURCE);
    const answers = await Promise.all([hub.post("orchestrators/O/a", "1"), hub.post("orchestrators/O/a", "2")]);
    expect(answers).toEqual([202, 409]);
    await hub.hub.idle();
    expect(await hub.status("a")).toMatchObject({ input: 1 });
  });

  it("is never searched row by row, so that ten thousand waiting instances cost what ten cost", async () => {
    const asked = new Set<string>();
    const prepare = Reflect.get<DatabaseSync, "prepare">(DatabaseSync.prototype, "prepare");
    vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (this: DatabaseSync, sql: string) {
      asked.add(sql);
      return prepare.call(this, sql);
    });
    const hub = hubWith(SOURCE);
    await hub.does("orchestrators/O/a");
    await hub.advance(10_000);
    await hub.does("instances/a/raiseEvent/Go", "1");
    await hub.does("entities/Counter/k?op=add", "1");
    vi.restoreAllMocks();

    const memory = new DatabaseSync(":memory:");
    const schema = new Database(":memory:");
    for (const { sql } of schema.all<{ sql: string | null }>(
      "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
    )) {
      if (sql !== null) memory.exec(sql);
    }
    const plans = [...asked]
      .filter((sql) => /^\s*(SELECT|UPDATE|DELETE|INSERT)/.test(sql))
      .map((sql) => ({ sql, plan: planOf(memory, sql) }));
    expect(plans.length).toBeGreaterThan(10);
    expect(plans.filter(({ plan }) => /\bSCAN (?!CONSTANT)/.test(plan))).toEqual([]);
  });
});

const planOf = (db: DatabaseSync, sql: string): string =>
  db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(
      ...sql
        .split("?")
        .slice(1)
        .map(() => null),
    )
    .map((row) => String(row["detail"]))
    .join("; ");
