import { describe, expect, it } from "vitest";
import { fixtureApp } from "../support/functions-app.ts";
import { useStack } from "../support/stack.ts";

describe("the Durable client of an app on the embedded host", () => {
  const stack = useStack({ only: ["host"], appDirectory: fixtureApp("durable-client") });
  const post = (path: string, body?: unknown): Promise<Response> =>
    fetch(`${stack().addresses.app}/api/${path}`, { method: "POST", body: JSON.stringify(body ?? {}) });
  const client = async (method: string, ...args: unknown[]): Promise<unknown> =>
    (await post(`client/${method}`, args)).json();
  const started = async (name: string, id: string, input: unknown = {}): Promise<void> => {
    await post(`check/${name}/${id}`, input);
    await stack().settle();
  };

  it("answers a start with the addresses that manage the instance, which answer", async () => {
    const answer = await post("check/echo/c1", { n: 1 });
    await stack().settle();
    expect(answer.status).toBe(202);
    expect(answer.headers.get("retry-after")).toBe("10");
    const urls = (await answer.json()) as Record<string, string>;
    expect(urls["id"]).toBe("c1");
    expect(answer.headers.get("location")).toBe(urls["statusQueryGetUri"]);
    const status = await fetch(urls["statusQueryGetUri"] ?? "");
    expect(await status.json()).toMatchObject({ runtimeStatus: "Completed", output: { n: 1 } });
    const purged = await fetch(urls["purgeHistoryDeleteUri"] ?? "", { method: "DELETE" });
    expect([purged.status, (await fetch(urls["statusQueryGetUri"] ?? "")).status]).toEqual([200, 404]);
  });

  it("waits for an end that comes in time, and hands out the addresses where it does not", async () => {
    const ended = await post("wait/echo/w1");
    expect([ended.status, await ended.json()]).toEqual([200, "waited for"]);
    const late = await post("wait/waits/w2");
    expect([late.status, late.headers.has("location")]).toEqual([202, true]);
  });

  it("rewinds what has failed", async () => {
    await started("flakyFlow", "f1");
    expect(await client("getStatus", "f1")).toMatchObject({ resolved: { runtimeStatus: "Failed" } });
    await post("mend");
    await client("rewind", "f1", "mended");
    await stack().settle();
    expect(await client("getStatus", "f1")).toMatchObject({
      resolved: { runtimeStatus: "Completed", output: "mended" },
    });
  });

  it.each<[string, (key: string) => [string, Record<string, string>]]>([
    ["escaped in the address", (key) => [`?code=${encodeURIComponent(key)}`, {}]],
    ["as it is in the address", (key) => [`?code=${key}`, {}]],
    ["in a header", (key) => ["", { "x-functions-key": key }]],
  ])("opens the webhooks with the system key %s", async (_, withKey) => {
    const [query, headers] = withKey(stack().taskHubKey);
    const url = `${stack().taskHubAddress}/runtime/webhooks/durabletask/instances/${query}`;
    expect((await fetch(url, { headers })).status).toBe(200);
  });

  it("restarts by the webhook", async () => {
    await started("echo", "r1", { n: 7 });
    const key = encodeURIComponent(stack().taskHubKey);
    const url = `${stack().taskHubAddress}/runtime/webhooks/durabletask/instances/r1/restart?code=${key}`;
    const { id } = (await (await fetch(url, { method: "POST" })).json()) as { readonly id: string };
    await stack().settle();
    expect(await client("getStatus", id)).toMatchObject({ resolved: { output: { n: 7 } } });
  });

  it("suspends, resumes, raises and terminates", async () => {
    await started("waits", "s1");
    await client("suspend", "s1", "hold");
    await stack().settle();
    expect(await client("getStatus", "s1")).toMatchObject({ resolved: { runtimeStatus: "Suspended" } });
    await client("resume", "s1", "go");
    await client("raiseEvent", "s1", "Go", { by: "client" });
    await stack().settle();
    expect(await client("getStatus", "s1")).toMatchObject({ resolved: { output: { by: "client" } } });
    await started("waits", "s2");
    await client("terminate", "s2", "over");
    await stack().settle();
    expect(await client("getStatus", "s2")).toMatchObject({
      resolved: { runtimeStatus: "Terminated", output: "over" },
    });
  });

  it("runs a child by the id that its parent's execution gives", async () => {
    await started("parent", "p1");
    expect(await client("getStatus", "p1")).toMatchObject({ resolved: { output: { from: "p1" } } });
  });

  it("lists and purges by filter", async () => {
    await started("echo", "l1");
    const { resolved } = (await client("getStatusBy", { runtimeStatus: ["Completed"] })) as {
      readonly resolved: readonly { readonly instanceId: string; readonly runtimeStatus: string }[];
    };
    expect(resolved.map(({ instanceId }) => instanceId)).toContain("l1");
    expect(new Set(resolved.map(({ runtimeStatus }) => runtimeStatus))).toEqual(new Set(["Completed"]));
    const purged = await client("purgeInstanceHistoryBy", {
      from: "2020-01-01T00:00:00Z",
      runtimeStatus: ["Completed"],
    });
    expect(purged).toMatchObject({ resolved: { instancesDeleted: resolved.length } });
    expect(await client("getStatusBy", { runtimeStatus: ["Completed"] })).toEqual({ resolved: [] });
    expect(await client("getStatus", "l1")).toMatchObject({ rejected: expect.stringContaining("404") as string });
  });

  it("signals entities and reads their state", async () => {
    const [one, other] = [{ entity: ["Counter", "one"] }, { entity: ["Counter", "other"] }];
    expect(await client("readEntityState", one)).toEqual({ resolved: { entityExists: false } });
    await client("signalEntity", one, "add", 5);
    await client("signalEntity", one, "forward");
    await stack().settle();
    for (const entity of [one, other]) {
      expect(await client("readEntityState", entity)).toEqual({ resolved: { entityExists: true, entityState: 5 } });
    }
    await client("signalEntity", one, "reset");
    await stack().settle();
    expect(await client("readEntityState", one)).toEqual({ resolved: { entityExists: false } });
  });
});
