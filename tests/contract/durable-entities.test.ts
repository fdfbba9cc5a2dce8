import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { TestHub, VISIBILITY_MS } from "../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string): TestHub => (test = new TestHub(source));
afterEach(() => test?.close());

/** An account that tells what was done to it, and by whom. */
const ACCOUNT = `
df.app.entity("Account", (context) => {
  const done = context.df.getState(() => []);
  if (context.df.operationName === "fail") throw new Error("no");
  if (context.df.operationName !== "read") context.df.setState([...done, context.df.operationName]);
  context.df.return(context.df.getState(() => []));
});
const a = new df.EntityId("Account", "a");
const b = new df.EntityId("Account", "b");
`;
const TWO_TRANSFERS = `${ACCOUNT}
df.app.orchestration("Transfer", function* (context) {
  const name = context.df.instanceId;
  const lock = yield context.df.lock(b, a, b);
  yield context.df.callEntity(a, name + "-takes");
  yield context.df.waitForExternalEvent("Go");
  yield context.df.callEntity(b, name + "-gives");
  yield context.df.callEntity(a, name + "-closes");
  lock.release();
  return context.df.isLocked().isLocked;
});
df.app.orchestration("Reader", function* (context) { return yield context.df.callEntity(a, "read"); });`;

describe("entity locks", () => {
  it("keep everybody else out until they are released, whoever asks and in whatever order", async () => {
    const hub = hubWith(TWO_TRANSFERS);
    await hub.does("orchestrators/Transfer/first");
    await hub.does("orchestrators/Transfer/second");
    await hub.does("orchestrators/Reader/reader");
    expect(await hub.status("reader")).toMatchObject({ runtimeStatus: "Running" });
    await hub.does("entities/Account/a?op=signalled", "1");
    await hub.does("instances/second/raiseEvent/Go", "1");
    expect(await hub.entity("Account/a")).toEqual(["first-takes"]);

    await hub.does("instances/first/raiseEvent/Go", "1");
    expect(await hub.status("first")).toMatchObject({ runtimeStatus: "Completed", output: false });
    expect(await hub.status("second")).toMatchObject({ runtimeStatus: "Completed" });
    expect(await hub.status("reader")).toMatchObject({ runtimeStatus: "Completed" });
    expect(await hub.entity("Account/a")).toEqual([
      "first-takes",
      "first-closes",
      "second-takes",
      "second-closes",
      "signalled",
    ]);
    expect(await hub.entity("Account/b")).toEqual(["first-gives", "second-gives"]);
  });

  it("are asked for with one message, and freed with one for each entity, an id each", async () => {
    const hub = hubWith(`${ACCOUNT}
    df.app.activity("A", { handler: () => 1 });
    df.app.orchestration("O", function* (context) {
      const lock = yield context.df.lock(b, a);
      yield context.df.callEntity(a, "x");
      lock.release();
      return yield context.df.callActivity("A", {});
    });`);
    await hub.does("orchestrators/O/o");
    const decided = (hub.sent.at(-1) ?? []).flatMap((event) => {
      if (event.EventType === 4) return [`${event.EventId} activity`];
      return event.EventType === 14 ? [`${event.EventId} ${event.Name} ${event.InstanceId}`] : [];
    });
    expect(decided).toEqual([
      "0 op @account@a",
      "1 op @account@a",
      "2 release @account@b",
      "3 release @account@a",
      "4 activity",
    ]);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: 1 });
  });

  it("end with an orchestrator that has returned without a release", async () => {
    const hub = hubWith(`${ACCOUNT}
    df.app.orchestration("Holds", function* (context) { yield context.df.lock(a); return "returned"; });
    df.app.orchestration("Wants", function* (context) { yield context.df.lock(a); return "got it"; });`);
    await hub.does("orchestrators/Holds/one");
    await hub.does("orchestrators/Wants/two");
    expect(await hub.status("one")).toMatchObject({ output: "returned" });
    expect(await hub.status("two")).toMatchObject({ output: "got it" });
  });

  it("show who holds them, also of an entity that does not exist yet", async () => {
    const hub = hubWith(`${ACCOUNT}
    df.app.orchestration("Holds", function* (context) {
      yield context.df.lock(a);
      yield context.df.waitForExternalEvent("Go");
    });`);
    await hub.does("orchestrators/Holds/one");
    expect(await hub.status("@account@a")).toMatchObject({
      runtimeStatus: "Running",
      customStatus: { entityExists: false, lockedBy: "one" },
    });
    await hub.does("instances/one/raiseEvent/Go", "1");
    expect(await hub.answer("GET", "instances/@account@a")).toMatchObject({ status: 404 });
  });

  it("survive a restart of the hub", async () => {
    const hub = hubWith(TWO_TRANSFERS);
    await hub.does("orchestrators/Transfer/first");
    await hub.does("orchestrators/Transfer/second");
    await hub.hub.stop();
    hub.hub = hub.open();
    for (const id of ["second", "first"]) await hub.does(`instances/${id}/raiseEvent/Go`, "1");
    expect(await hub.status("second")).toMatchObject({ runtimeStatus: "Completed" });
    expect(await hub.entity("Account/b")).toEqual(["first-gives", "second-gives"]);
  });
});

describe("a process killed while locks are asked for, held and released", () => {
  it("loses none and gives none twice, wherever it was", async () => {
    const folder = mkdtempSync(join(tmpdir(), "locks-"));
    const hub = hubWith(TWO_TRANSFERS);
    const copies: string[] = [];
    const run = hub.app.run.bind(hub.app);
    hub.app.run = async (...call) => {
      const file = join(folder, `${copies.length}.sqlite`);
      for (const part of ["", "-wal"]) copyFileSync(hub.file + part, file + part);
      copies.push(file);
      return run(...call);
    };
    await hub.does("orchestrators/Transfer/first");
    await hub.does("orchestrators/Transfer/second");
    for (const id of ["first", "second"]) await hub.does(`instances/${id}/raiseEvent/Go`, "1");
    await hub.close();
    for (const file of copies) {
      test = new TestHub(TWO_TRANSFERS, file);
      await test.advance(3 * VISIBILITY_MS);
      for (const id of ["first", "second"]) {
        if ((await test.post(`orchestrators/Transfer/${id}`)) === 202) await test.advance(3 * VISIBILITY_MS);
        await test.does(`instances/${id}/raiseEvent/Go`, "1");
      }
      await test.advance(3 * VISIBILITY_MS);
      const done = (await test.entity("Account/a")) as string[];
      expect(done.filter((_, index) => index % 2 === 0).map((text) => text.replace("takes", "closes"))).toEqual(
        done.filter((_, index) => index % 2 === 1),
      );
      await test.close();
    }
    test = undefined;
    rmSync(folder, { recursive: true });
  });
});

describe("entities", () => {
  it("an unknown one is never called: nothing is sent and the instance hangs", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      return yield context.df.callEntity(new df.EntityId("Nobody", "k"), "x");
    });`);
    await hub.does("orchestrators/O/o");
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Running" });
  });

  it("an unknown one that is signalled fails the orchestration", async () => {
    const hub = hubWith(`df.app.orchestration("O", function* (context) {
      context.df.signalEntity(new df.EntityId("Nobody", "k"), "x");
      yield context.df.waitForExternalEvent("Go");
    });`);
    await hub.does("orchestrators/O/o");
    expect(await hub.status("o")).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("The function 'nobody' doesn't exist") as string,
    });
  });

  it("an error arrives as [object Object], and what was written before it in the batch stays", async () => {
    const hub = hubWith(`${ACCOUNT}
    df.app.orchestration("O", function* (context) {
      context.df.signalEntity(a, "kept");
      try { yield context.df.callEntity(a, "fail"); } catch (error) { return error.message; }
    });`);
    await hub.does("orchestrators/O/o");
    expect(await hub.status("o")).toMatchObject({ output: "[object Object]" });
    expect(await hub.entity("Account/a")).toEqual(["kept"]);
  });

  it("are listed in pages, by name and by the time of their last operation", async () => {
    const hub = hubWith(`${ACCOUNT} df.app.entity("Other", (context) => context.df.setState(1));`);
    for (const path of ["Account/a", "Account/b", "Account/c", "Other/d"]) {
      await hub.does(`entities/${path}?op=x`, "1");
      await hub.advance(60_000);
    }
    const keys = async (path: string, token = ""): Promise<[string, string]> => {
      const { body, headers } = await hub.answer("GET", path, "", { "x-ms-continuation-token": token });
      const list = JSON.parse(body) as { readonly entityId: { readonly key: string }; readonly state?: unknown }[];
      return [list.map(({ entityId }) => entityId.key).join(""), headers["x-ms-continuation-token"] ?? "absent"];
    };
    expect(await keys("entities/")).toEqual(["abcd", ""]);
    const [first, token] = await keys("entities/account?top=2");
    expect([first, ...(await keys("entities/account?top=2", token))]).toEqual(["ab", "c", ""]);
    expect(
      await keys("entities/?lastOperationTimeFrom=2026-03-01T08:00:30Z&lastOperationTimeTo=2026-03-01T08:02:30Z"),
    ).toEqual(["bc", ""]);
  });

  it("take a text, JSON or nothing as the input of a signal, and the empty key as $", async () => {
    const hub = hubWith(`df.app.entity("Keeps", (context) => {
      if (context.df.operationName === "delete") return context.df.destructOnExit();
      context.df.setState([context.df.operationName, context.df.getInput() ?? null]);
    });`);
    await hub.answer("POST", "entities/Keeps/$?op=set", "plain", { "content-type": "text/plain" });
    await hub.hub.idle();
    expect(await hub.entity("Keeps/$")).toEqual(["set", "plain"]);
    expect((await hub.answer("POST", "entities/Keeps/k?op=set", "{bad")).status).toBe(400);
    await hub.does("entities/Keeps/k", "");
    expect(await hub.entity("Keeps/k")).toEqual(["", null]);
    expect((await hub.answer("DELETE", "entities/Keeps/k")).status).toBe(202);
    await hub.hub.idle();
    expect((await hub.answer("GET", "entities/Keeps/k")).status).toBe(404);
  });
});
