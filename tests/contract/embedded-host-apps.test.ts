import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startStack } from "../../local/supervisor.ts";
import { fixtureApp } from "../support/functions-app.ts";
import { useStack } from "../support/stack.ts";

const folder = mkdtempSync(join(tmpdir(), "apps-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("an app of several files on the embedded host", () => {
  const settings = { TERMINATED: join(folder, "unused") };
  const stack = useStack({ only: ["host"], appDirectory: fixtureApp("many-files"), settings });
  const call = (path: string, init?: RequestInit): Promise<Response> => fetch(stack().addresses.app + path, init);

  it.each([
    ["GET", "/greet", "from a shared module"],
    ["GET", "/module", "module.mjs"],
    ["PUT", "/only/put", "put"],
    ["DELETE", "/only/delete", "deleted"],
    ["GET", "/bound", "through a return binding"],
    ["GET", "/stream", "stream"],
    ["GET", "/replaced", "by the hook"],
    ["GET", "/rescued", "before: failed"],
  ])("answers %s %s from whichever file it comes", async (method, path, body) => {
    expect(await (await call(path, { method })).text()).toBe(body);
  });

  it.each([
    ["/r/abc/5", { category: "abc", id: "5" }],
    ["/r/abc", { category: "abc" }],
    ["/r/abc/x/y/z", { name: "abc", rest: "y/z" }],
    ["/f/a.b.txt", { file: "a.b", ext: "txt" }],
    ["/f/a", { file: "a" }],
    ["/m/1-2-5", { from: "1-2", to: "5" }],
    ["/def", { n: "abc" }],
    ["/rx/123-45", { n: "123-45" }],
  ])("reads the parameters of %s", async (path, parameters) => {
    const response = await call(path);
    expect([response.status, response.status === 200 && (await response.json())]).toEqual([200, parameters]);
  });

  it.each(["/r/ab1/5", "/r/abc/five", "/m/1-10", "/rx/12-45", "/api/greet", "/only/put"])(
    "has nothing at GET %s",
    async (path) => {
      expect((await call(path)).status).toBe(404);
    },
  );

  it.each([
    ["multipart", (form: FormData) => form],
    [
      "url-encoded",
      (form: FormData) => new URLSearchParams([...form.keys()].map((name): [string, string] => [name, "1"])),
    ],
  ])("reads a %s form", async (_, encode) => {
    const form = new FormData();
    form.set("a", "1");
    expect(await (await call("/form", { method: "POST", body: encode(form) })).json()).toEqual({ a: "1" });
  });

  it("runs a timer of five fields from a setting, at its start and when due", async () => {
    await stack().settle();
    expect(await (await call("/ticks")).json()).toEqual([false]);
    await stack().clock.advance(5 * 60_000);
    expect(await (await call("/ticks")).json()).toEqual([false, false]);
  });

  it("hears what its log hook leaves", async () => {
    await call("/logs");
    const read = (): string => readFileSync(join(stack().dataDirectory, "host.log"), "utf8");
    await expect.poll(read).toContain("hidden by the hook");
    const log = read();
    expect(log).not.toContain("a secret");
    expect(log).not.toContain("dropped line");
  });
});

describe("the embedded host at its end", () => {
  it("runs the app's appTerminate hook", async () => {
    const terminated = join(folder, "terminated");
    const stack = await startStack({
      dataDirectory: join(folder, "data"),
      only: ["host"],
      appDirectory: fixtureApp("many-files"),
      settings: { TERMINATED: terminated },
    });
    expect(existsSync(terminated)).toBe(false);
    await stack.stop();
    expect(existsSync(terminated)).toBe(true);
  });
});
