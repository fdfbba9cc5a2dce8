import { build, type Format } from "esbuild";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../local/stack/stack.ts";
import { startStack } from "../../local/supervisor.ts";
import { fixtureApp, writeApp, type WrittenApp } from "../support/functions-app.ts";
import { useStack } from "../support/stack.ts";

const HOUR_MS = 3_600_000;
const EXTENSION_BUNDLE = { id: "Microsoft.Azure.Functions.ExtensionBundle", version: "[4.*, 5.0.0)" };

const call = (stack: Stack, path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${stack.addresses.app}${path}`, init);
const json = async (response: Response): Promise<unknown> => response.json();

describe("HTTP functions on the embedded host", () => {
  const stack = useStack({
    only: ["host"],
    appDirectory: fixtureApp("http"),
    settings: { COLOUR: "given", FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: "1000" },
  });

  it("hand over method, address, query, route parameters, headers and body", async () => {
    const response = await call(stack(), "/api/Echo/12/a%20b?x=1&x=2", {
      method: "POST",
      headers: { "x-asked": "yes" },
      body: "the body",
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-app")).toBe("echo");
    expect(await json(response)).toEqual({
      method: "POST",
      url: `${stack().addresses.app}/api/Echo/12/a%20b?x=1&x=2`,
      query: { x: "1,2" },
      params: { id: "12", rest: "a b" },
      header: "yes",
      body: "the body",
    });
  });

  it("are found by the most specific route", async () => {
    const response = await call(stack(), "/api/echo/1/literal");
    expect(await response.text()).toBe("the literal route");
  });

  it.each([
    ["a path without a route", "/api/nowhere", "GET"],
    ["a parameter that breaks its constraint", "/api/echo/one", "GET"],
    ["a method that the route does not take", "/api/echo/1", "DELETE"],
    ["a path outside the prefix", "/echo/1", "GET"],
  ])("answer 404 to %s", async (_, path, method) => {
    const response = await call(stack(), path, { method });
    expect([response.status, await response.text()]).toEqual([404, ""]);
  });

  it("answer HEAD without a body", async () => {
    const response = await call(stack(), "/api/echo/1", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([201, ""]);
  });

  it("do not see the body of a GET", async () => {
    const body = await raw(stack(), { path: "/api/echo/1", method: "GET", body: "dropped" });
    expect(body.text).toContain('"body":""');
  });

  it("set cookies as the platform writes them", async () => {
    const response = await call(stack(), "/api/cookies");
    expect(response.headers.getSetCookie()).toEqual([
      "a=1%202; max-age=60; path=/api; secure; samesite=strict; httponly",
      "b=2; expires=Fri, 02 Jan 1970 00:00:00 GMT; path=/; samesite=none",
    ]);
  });

  it("answer bytes unchanged", async () => {
    const response = await call(stack(), "/api/bytes");
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 128]);
  });

  it.each([
    ["204 where the handler returns nothing", "nothing", 204],
    ["500 without a word where the handler throws", "throws", 500],
    ["500 where the handler returns no response object", "text", 500],
  ])("answer %s", async (_, name, status) => {
    const response = await call(stack(), `/api/${name}`);
    expect([response.status, await response.text()]).toEqual([status, ""]);
  });

  it("run between the app's hooks", async () => {
    const response = await call(stack(), "/api/hooked");
    expect(response.headers.get("x-hook")).toBe("post");
    expect(await json(response)).toEqual({ seen: ["appStart"], inputs: ["an input of the hook"] });
  });

  it("see given settings before those of local.settings.json", async () => {
    const response = await call(stack(), "/api/settings");
    expect(await json(response)).toEqual({ greeting: "from local.settings.json", colour: "given" });
  });

  it("live by the virtual clock", async () => {
    const before = stack().clock.now();
    await stack().clock.advance(HOUR_MS);
    expect(await json(await call(stack(), "/api/clock"))).toEqual({ now: new Date(before + HOUR_MS).toISOString() });
  });

  it("refuse a body over the limit", async () => {
    const response = await call(stack(), "/api/echo/1", { method: "POST", body: "x".repeat(1001) });
    expect(response.status).toBe(413);
  });

  it("refuse a foreign Host header", async () => {
    const { status } = await raw(stack(), { path: "/api/echo/1", method: "GET", host: "example.com" });
    expect(status).toBe(421);
  });

  it("write what they say, and how they ended, to host.log", async () => {
    await call(stack(), "/api/logs");
    await call(stack(), "/api/throws");
    const lines = (): Record<string, unknown>[] =>
      readFileSync(join(stack().dataDirectory, "host.log"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    await expect.poll(() => lines().at(-1)?.["message"]).toBe("invocation failed");
    const said = lines().filter((line) => line["function"] === "logs" && line["category"] === "user");
    expect(said).toMatchObject([
      { level: "warning", message: "said through the context" },
      { level: "information", message: "said through the console" },
    ]);
    expect(said[0]?.["invocationId"]).toBe(said[1]?.["invocationId"]);
    expect(lines().at(-1)?.["error"]).toContain("the handler's own error");
  });

  it("tell tools that the host is running", async () => {
    expect(await json(await call(stack(), "/admin/host/status"))).toEqual({ state: "Running" });
  });
});

describe("timer functions on the embedded host", () => {
  const stack = useStack({
    only: ["host"],
    appDirectory: fixtureApp("timer"),
    settings: { HOURLY: "0 0 * * * *" },
  });
  const ticks = async (): Promise<Record<string, unknown>[]> =>
    (await json(await call(stack(), "/api/ticks"))) as Record<string, unknown>[];
  const hourly = async () => (await ticks()).filter((tick) => "isPastDue" in tick);

  it("run at the start, when due, again after an error, and once late after the host was down", async () => {
    await stack().settle();
    expect((await ticks()).filter((tick) => "atStart" in tick)).toHaveLength(1);
    await stack().clock.advance(HOUR_MS);
    await stack().clock.advance(HOUR_MS);
    expect((await ticks()).filter((tick) => "failing" in tick)).toHaveLength(2);
    const seen = await hourly();
    expect(seen.map((tick) => tick["isPastDue"])).toEqual([false, false]);
    expect(seen[0]).toMatchObject({
      schedule: { adjustForDST: true },
      scheduleStatus: { next: expect.any(String) as string },
    });

    await stack().kill("host");
    await stack().clock.advance(5 * HOUR_MS);
    await stack().start("host");
    await stack().settle();
    expect((await hourly()).map((tick) => tick["isPastDue"])).toEqual([true]);
  });

  it("run out of turn when asked to, as on the platform", async () => {
    const before = (await hourly()).length;
    const asked = await call(stack(), "/admin/functions/hourly", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(asked.status).toBe(202);
    await stack().settle();
    expect(await hourly()).toHaveLength(before + 1);
    await stack().call("host", "runTimer", { name: "hourly" });
    expect(await hourly()).toHaveLength(before + 2);
  });
});

describe("durable functions on the embedded host", () => {
  const stack = useStack({ only: ["host"], appDirectory: fixtureApp("durable"), settings: { HUB: "ContractHub" } });
  const status = async (id: string): Promise<unknown> => json(await call(stack(), `/api/status/${id}`));

  it("run an orchestration with its activities", async () => {
    expect((await call(stack(), "/api/start/hello/first")).status).toBe(202);
    await stack().settle();
    expect(await status("first")).toMatchObject({ runtimeStatus: "Completed", output: ["Hello Ada", "Hello Ben"] });
  });

  it("wake at a durable timer when the clock moves past it, also after the host was killed", async () => {
    await call(stack(), "/api/start/sleep/second");
    await stack().settle();
    const begun = stack().clock.now();
    await stack().kill("host");
    await stack().start("host");
    await stack().clock.advance(3 * 24 * HOUR_MS);
    await call(stack(), "/api/raise/second");
    await stack().settle();
    expect(await status("second")).toMatchObject({ runtimeStatus: "Completed", output: "an event" });
    expect(stack().clock.now()).toBe(begun + 3 * 24 * HOUR_MS);
  });

  it("find the clock at each due time of a long move", async () => {
    await call(stack(), "/api/start/daily/third");
    await stack().settle();
    const begun = stack().clock.now();
    await stack().clock.advance(10 * 24 * HOUR_MS);
    const { output } = (await status("third")) as { readonly output: readonly string[] };
    const days = output.map((reading) => (Date.parse(reading) - begun) / (24 * HOUR_MS));
    expect(days.map((day) => day.toFixed(3))).toEqual(["1.000", "2.000", "3.000"]);
  });

  it("answer the webhooks to the system key only", async () => {
    const path = "/runtime/webhooks/durabletask/instances/first";
    expect((await call(stack(), path)).status).toBe(401);
    expect((await call(stack(), `${path}?code=wrong`)).status).toBe(401);
    const known = await call(stack(), `${path}?code=${encodeURIComponent(stack().taskHubKey)}`);
    expect(await json(known)).toMatchObject({ runtimeStatus: "Completed" });
  });
});

describe("a bundled app on the embedded host", () => {
  const directory = mkdtempSync(join(tmpdir(), "zero-standing-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const banner = "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);";

  it.each<[Format, WrittenApp["type"]]>([
    ["esm", "module"],
    ["cjs", "commonjs"],
  ])("runs as %s", async (format, type = "commonjs") => {
    const appDirectory = writeApp(directory, { main: "dist/*.js", type });
    await build({
      stdin: {
        contents: 'import { app } from "@azure/functions"; app.http("hello", { handler: () => ({ body: "hello" }) });',
        resolveDir: appDirectory,
      },
      bundle: true,
      platform: "node",
      format,
      external: ["@azure/functions-core"],
      outfile: join(appDirectory, "dist/index.js"),
      ...(format === "esm" ? { banner: { js: banner } } : {}),
    });
    const stack = await startStack({ dataDirectory: join(directory, format), only: ["host"], appDirectory });
    try {
      expect(await (await call(stack, "/api/hello")).text()).toBe("hello");
    } finally {
      await stack.stop();
    }
  });
});

describe("the embedded host refuses", () => {
  const directory = mkdtempSync(join(tmpdir(), "zero-standing-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let dataDirectory: string;
  beforeAll(() => {
    dataDirectory = join(directory, "data");
  });

  const uses = 'const { app, trigger } = require("@azure/functions");';
  const http = (name: string): string => `app.http("${name}", { handler: () => ({}) });`;

  it.each<[string, WrittenApp, string]>([
    ["a bad function name", { source: `${uses} ${http("1st")}` }, "'1st' is not a valid function name."],
    ["the name host", { source: `${uses} ${http("Host")}` }, "'Host' is not a valid function name."],
    ["two functions of a name", { source: `${uses} ${http("a")} ${http("a")}` }, '"a" has already been registered'],
    ["names that differ by case only", { source: `${uses} ${http("a")} ${http("A")}` }, "two functions named 'A'"],
    ["an app without functions", { source: uses }, "No job functions found"],
    ["a file that throws", { source: 'throw new Error("broken at the top");' }, "broken at the top"],
    ["a main that names nothing", { source: "", main: "dist/*.js" }, "Found zero files matching the supplied pattern"],
    ["a missing host.json", { source: `${uses} ${http("a")}`, hostJson: undefined }, "host.json is missing"],
    [
      "a binding whose extension bundle is not named",
      { source: 'require("durable-functions").app.activity("a", { handler: () => null });' },
      "The binding type(s) 'activityTrigger' are not registered.",
    ],
    [
      "a trigger that it does not have",
      {
        source: `${uses} app.storageQueue("q", { queueName: "q", connection: "C", handler: () => undefined });`,
        hostJson: { version: "2.0", extensionBundle: EXTENSION_BUNDLE },
      },
      "The binding type(s) 'queueTrigger' are not registered.",
    ],
    [
      "a setting without a value",
      { source: `${uses} app.timer("t", { schedule: "%MISSING%", handler: () => undefined });` },
      "'%MISSING%' of the 't' function does not resolve",
    ],
    [
      "a schedule that cannot be read",
      { source: `${uses} app.timer("t", { schedule: "every day", handler: () => undefined });` },
      "The 't' function is in error",
    ],
    [
      "HTTP streaming",
      { source: `${uses} app.setup({ enableHttpStream: true }); ${http("a")}` },
      "asks for HTTP streaming",
    ],
  ])("%s", async (_, app, reason) => {
    const appDirectory = writeApp(directory, app);
    await expect(startStack({ dataDirectory, only: ["host"], appDirectory })).rejects.toThrow(reason);
  });

  it("nothing of a function that is switched off", async () => {
    const source = `${uses} ${http("a")} app.storageQueue("q", { queueName: "q", connection: "C", handler: () => undefined });`;
    const appDirectory = writeApp(directory, { source, localSettings: { "AzureWebJobs.q.Disabled": "true" } });
    const stack = await startStack({ dataDirectory, only: ["host"], appDirectory });
    expect(await stack.call("host", "functions")).toEqual([{ name: "a", trigger: "httpTrigger" }]);
    await stack.stop();
  });
});

/** What `fetch` will not send: a GET with a body, a Host header. */
function raw(
  stack: Stack,
  { path, method, body, host }: { path: string; method: string; body?: string; host?: string },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { ...(host && { host }), ...(body && { "content-length": Buffer.byteLength(body) }) };
    const request = httpRequest(`${stack.addresses.app}${path}`, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on("error", reject).end(body);
  });
}
