import { afterEach, describe, expect, it } from "vitest";
import { TestHub } from "../support/durable-hub.ts";

let test: TestHub | undefined;
const hubWith = (source: string, durableTask: object = {}): TestHub =>
  (test = new TestHub(source, undefined, durableTask));
afterEach(() => test?.close());

const SOURCE = `
df.app.activity("Slow", { handler: ({ run }) => "of run " + run });
df.app.orchestration("Waits", function* (context) { return yield context.df.waitForExternalEvent("Go"); });
df.app.orchestration("Ends", function* (context) { return context.df.getInput(); });
df.app.orchestration("Fails", function* () { throw new Error("no"); });
df.app.orchestration("Acts", function* (context) {
  const said = yield context.df.callActivity("Slow", context.df.getInput());
  yield context.df.waitForExternalEvent("Go");
  return said;
});`;

async function oneOfEach(hub: TestHub): Promise<void> {
  await hub.does("orchestrators/Waits/running");
  await hub.does("orchestrators/Waits/suspended");
  await hub.does("instances/suspended/suspend?reason=x");
  await hub.does("orchestrators/Waits/terminated");
  await hub.does("instances/terminated/terminate?reason=x");
  await hub.does("orchestrators/Ends/completed");
  await hub.does("orchestrators/Fails/failed");
}

describe("starting an id again", () => {
  it.each([
    ["running", 409],
    ["suspended", 409],
    ["terminated", 202],
    ["completed", 202],
    ["failed", 202],
  ])("%s answers %i", async (id, status) => {
    const hub = hubWith(SOURCE);
    await oneOfEach(hub);
    expect(await hub.post(`orchestrators/Ends/${id}`, '"again"')).toBe(status);
    await hub.hub.idle();
    expect((await hub.status(id)).output === "again").toBe(status === 202);
  });

  it.each(["running", "suspended", "terminated", "completed", "failed"])(
    "with AnyState is accepted in every state: %s",
    async (id) => {
      const hub = hubWith(SOURCE, { overridableExistingInstanceStates: "AnyState" });
      await oneOfEach(hub);
      expect(await hub.post(`orchestrators/Ends/${id}`, '"again"')).toBe(202);
      await hub.hub.idle();
      expect(await hub.status(id)).toMatchObject({ name: "Ends", runtimeStatus: "Completed", output: "again" });
    },
  );

  it("keeps what an activity of the execution before still answers away from the new one", async () => {
    const hub = hubWith(SOURCE);
    hub.hub.control["holdActivity"]?.({ name: "Slow" });
    await hub.does("orchestrators/Acts/o", '{"run":1}');
    await hub.does("instances/o/terminate?reason=x");
    await hub.does("orchestrators/Acts/o", '{"run":2}');
    hub.hub.control["releaseActivity"]?.({ name: "Slow" });
    await hub.hub.idle();
    expect(hub.activities).toEqual(["Slow", "Slow"]);
    await hub.does("instances/o/raiseEvent/Go", "1");
    expect(hub.lastTypes().filter((type) => type.startsWith("5"))).toHaveLength(1);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Completed", output: "of run 2" });
  });

  it.each(["a@b", "a%23b", "a%3Fb", "a%5Cb", "a%0Ab", "x".repeat(257), "@x@y"])(
    "ids are not checked: %s is accepted",
    async (id) => {
      const hub = hubWith(SOURCE);
      expect(await hub.post(`orchestrators/Ends/${id}`)).toBe(202);
    },
  );

  it.each([
    ["a%2Fb", "{}", 404],
    ["bad", "{bad", 400],
    ["empty", "", 202],
  ])("%s with the body '%s' answers %i", async (id, body, status) => {
    const hub = hubWith(SOURCE);
    expect(await hub.post(`orchestrators/Ends/${id}`, body)).toBe(status);
    await hub.hub.idle();
    if (status === 202) expect(await hub.status(id)).toMatchObject({ input: null });
  });
});

describe("restart", () => {
  it.each([
    ["completed", "false", 202],
    ["failed", "false", 202],
    ["running", "false", 409],
    ["running", "true", 202],
    ["nope", "true", 400],
  ])("of %s with restartWithNewInstanceId=%s answers %i", async (id, withNewId, status) => {
    const hub = hubWith(SOURCE);
    await oneOfEach(hub);
    const before = (await hub.list()).length;
    const answer = await hub.answer("POST", `instances/${id}/restart?restartWithNewInstanceId=${withNewId}`);
    expect(answer.status).toBe(status);
    await hub.hub.idle();
    expect(await hub.list()).toHaveLength(before + (status === 202 && withNewId === "true" ? 1 : 0));
  });

  it("takes a new id of its own unless told otherwise, with the same input", async () => {
    const hub = hubWith(SOURCE);
    await hub.does("orchestrators/Ends/o", '{"n":1}');
    const { status, body } = await hub.answer("POST", "instances/o/restart");
    const { id } = JSON.parse(body) as { readonly id: string };
    await hub.hub.idle();
    expect(status).toBe(202);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await hub.status(id)).toMatchObject({ runtimeStatus: "Completed", output: { n: 1 } });
  });
});

describe("purge", () => {
  it.each([
    ["running", 412],
    ["suspended", 412],
    ["terminated", 200],
    ["completed", 200],
    ["failed", 200],
    ["nope", 404],
  ])("of %s by id answers %i", async (id, status) => {
    const hub = hubWith(SOURCE);
    await oneOfEach(hub);
    const answer = await hub.answer("DELETE", `instances/${id}`);
    expect(answer.status).toBe(status);
    if (status === 200) {
      expect(JSON.parse(answer.body)).toEqual({ instancesDeleted: 1 });
      expect((await hub.answer("GET", `instances/${id}`)).status).toBe(404);
    }
  });

  it.each([
    ["of one state takes these", "&runtimeStatus=Running", ["completed", "failed", "suspended", "terminated"]],
    ["of several states", "&runtimeStatus=Completed,Failed", ["running", "suspended", "terminated"]],
    ["without a state takes all, also what runs", "", []],
    ["with a state that nobody knows takes all", "&runtimeStatus=Lost", []],
  ])("by filter %s", async (_, filter, left) => {
    const hub = hubWith(SOURCE);
    await oneOfEach(hub);
    const answer = await hub.answer("DELETE", `instances/?createdTimeFrom=2020-01-01T00:00:00Z${filter}`);
    expect(JSON.parse(answer.body)).toEqual({ instancesDeleted: 5 - left.length });
    expect((await hub.list()).map(({ instanceId }) => instanceId)).toEqual(left);
    for (const id of left) if (id === "running") await hub.does(`instances/${id}/raiseEvent/Go`, "1");
  });

  it.each([
    ["404 where nothing matches", "?createdTimeFrom=2100-01-01T00:00:00Z", 404],
    ["400 without a beginning", "", 400],
    ["400 with a beginning that is no date", "?createdTimeFrom=yesterday", 400],
  ])("by filter answers %s", async (_, query, status) => {
    const hub = hubWith(SOURCE);
    await oneOfEach(hub);
    expect((await hub.answer("DELETE", `instances/${query}`)).status).toBe(status);
  });

  it("of a running instance by filter: what was under way for it comes to nothing", async () => {
    const hub = hubWith(SOURCE);
    hub.hub.control["holdActivity"]?.({ name: "Slow" });
    await hub.does("orchestrators/Acts/o", '{"run":1}');
    await hub.answer("DELETE", "instances/?createdTimeFrom=2020-01-01T00:00:00Z");
    hub.hub.control["releaseActivity"]?.({ name: "Slow" });
    await hub.hub.idle();
    expect((await hub.answer("GET", "instances/o")).status).toBe(404);
    expect(hub.hub.nextDueAt()).toBeUndefined();
  });
});

describe("termination", () => {
  it("calls JavaScript once more with the event, and answers 410 from then on", async () => {
    const hub = hubWith(SOURCE);
    await hub.does("orchestrators/Waits/o");
    await hub.does("instances/o/terminate?reason=over");
    expect(hub.lastTypes()).toEqual(["12", "0p", "13", "12", "3"]);
    expect(await hub.post("instances/o/terminate?reason=again")).toBe(410);
    expect(await hub.post("instances/o/suspend?reason=again")).toBe(410);
    expect(await hub.status("o")).toMatchObject({ runtimeStatus: "Terminated", output: "over" });
  });

  it("without a reason of the SDK makes the status, and every list with it, what is no JSON", async () => {
    const hub = hubWith(SOURCE);
    await hub.does("orchestrators/Waits/o");
    await hub.does("instances/o/terminate?reason=undefined");
    for (const path of ["instances/o", "instances/"]) {
      expect((await hub.answer("GET", path)).body).toContain('"output":undefined');
    }
  });
});

describe("lists", () => {
  it("come in pages of a hundred, with a token until the last one", async () => {
    const hub = hubWith(SOURCE);
    for (let n = 0; n < 101; n += 1) await hub.post(`orchestrators/Ends/i${n}`);
    const first = await hub.answer("GET", "instances/");
    const token = first.headers["x-ms-continuation-token"] ?? "";
    const second = await hub.answer("GET", "instances/", "", { "x-ms-continuation-token": token });
    expect([first, second].map(({ body }) => (JSON.parse(body) as unknown[]).length)).toEqual([100, 1]);
    expect(second.headers["x-ms-continuation-token"]).toBe("");
  });
});
