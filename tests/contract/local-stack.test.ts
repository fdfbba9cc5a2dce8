import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TableClient } from "@azure/data-tables";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fixtureApp } from "../support/functions-app.ts";
import { useStack } from "../support/stack.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
const DAY_MS = 86_400_000;

interface StackFile {
  readonly app: string;
  readonly control: string;
  readonly storage: string;
  readonly task_hub_key: string;
  readonly pids: Readonly<Record<string, number>>;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const portIsOpen = (address: string): Promise<boolean> =>
  new Promise((done) => {
    const socket = createConnection(Number(new URL(address).port), "127.0.0.1");
    socket.once("connect", () => done(true)).once("error", () => done(false));
    socket.once("connect", () => socket.destroy());
  });

describe("npm start", () => {
  let data: string;
  let started: ChildProcess[] = [];

  beforeAll(() => {
    data = mkdtempSync(join(tmpdir(), "zero-standing-"));
  });
  afterEach(async () => {
    for (const child of started.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    }
    started = [];
  });
  afterAll(() => rmSync(data, { recursive: true, force: true }));

  const run = (...args: string[]) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "local/main.ts", ...args], {
      cwd: PROJECT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.push(child);
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
    const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
    return { child, said, ended };
  };
  const onData = ["--app", fixtureApp("http"), "--only", "host,mailbox", "--data"];
  const stackFile = (): StackFile => JSON.parse(readFileSync(join(data, "stack.json"), "utf8")) as StackFile;
  const ready = (said: { readonly out: string }): Promise<void> =>
    expect.poll(() => said.out, { timeout: 20_000 }).toContain("The local stack is ready.");

  it("tells its addresses, keeps its files private and stops without leaving anything", async () => {
    const { child, said, ended } = run(...onData, data);
    await ready(said);
    const { app, control, pids } = stackFile();
    expect(said.out).toContain(app);
    expect(statSync(join(data, "stack.json")).mode & 0o077).toBe(0);
    expect((await fetch(`${app}/api/bytes`)).status).toBe(200);
    expect(Object.keys(pids)).toEqual(["supervisor", "world", "host"]);

    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
    expect(await Promise.all([app, control].map(portIsOpen))).toEqual([false, false]);
    expect(existsSync(join(data, "stack.json"))).toBe(false);
  });

  it("stops in order when the signal reaches the whole group", async () => {
    const { child, said, ended } = run(...onData, data);
    await ready(said);
    for (const pid of Object.values(stackFile().pids).reverse()) process.kill(pid, "SIGTERM");
    expect(await ended).toBe(0);
    expect(said.err).toBe("");
    expect(child.signalCode).toBeNull();
  });

  it("refuses a second start on the same data, with one line", async () => {
    await ready(run(...onData, data).said);
    const second = run(...onData, data);
    expect(await second.ended).toBe(1);
    expect(second.said.err).toBe(`another stack already runs on ${data}\n`);
  });

  it("takes its children with it when it is killed, and starts again on the same data", async () => {
    const { child, said, ended } = run(...onData, data);
    await ready(said);
    const { pids, task_hub_key: key } = stackFile();
    child.kill("SIGKILL");
    await ended;
    const again = run(...onData, data);
    await ready(again.said);
    await expect.poll(() => Object.values(pids).filter(isAlive), { timeout: 10_000 }).toEqual([]);
    expect(stackFile().task_hub_key).toBe(key);
  });

  it("takes its ports from a base, and a clock that stands still", async () => {
    const base = 23_400;
    await ready(run(...onData, data, "--port-base", String(base), "--clock", "manual").said);
    const { app, control } = stackFile();
    expect([app, control].map((address) => Number(new URL(address).port))).toEqual([base, base + 6]);
    expect(await (await fetch(`${control}/`)).json()).toMatchObject({ clock: { mode: "manual" } });
  });

  it("says why the app does not start, with one line", async () => {
    const { said, ended } = run("--app", join(data, "nothing"), "--only", "host", "--data", data);
    expect(await ended).toBe(1);
    expect(said.err).toBe(`host did not start: there is no app folder ${join(data, "nothing")}\n`);
  });

  it.each([
    [["--clock", "fast"], "--clock is real or manual, not fast"],
    [["--only", "host,moon"], '--only knows no "moon"'],
    [["--port-base", "80"], "--port-base is a number from 1024 to 65500, not 80"],
    [["--nothing"], "Unknown option '--nothing'"],
    [["now"], "Unexpected argument 'now'"],
  ])("ends with 2 and one line at %j", async (args, line) => {
    const { said, ended } = run(...args);
    expect(await ended).toBe(2);
    expect(said.err).toMatch(/^[^\n]+\n$/);
    expect(said.err).toContain(line);
  });

  it("explains itself", async () => {
    const { said, ended } = run("--help");
    expect(await ended).toBe(0);
    expect(said.out).toContain("--port-base N");
  });
});

describe("a running stack", () => {
  const stack = useStack({
    only: ["host", "storage"],
    appDirectory: fixtureApp("durable"),
    settings: { HUB: "StackHub" },
  });
  const control = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${stack().addresses.control}${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it("describes itself", async () => {
    const { body } = await control("GET", "/");
    expect(body).toMatchObject({
      addresses: { app: stack().addresses.app },
      processes: { host: { state: "ready" }, storage: { state: "ready" } },
      clock: { mode: "manual", now: new Date(stack().clock.now()).toISOString() },
    });
  });

  it("moves its clock by control calls, and never back", async () => {
    const before = stack().clock.now();
    const moved = await control("POST", "/clock", { advanceMs: DAY_MS });
    expect(moved.body).toEqual({ now: new Date(before + DAY_MS).toISOString() });
    const to = new Date(before + 2 * DAY_MS).toISOString();
    expect((await control("POST", "/clock", { to })).body).toEqual({ now: to });
    expect((await control("POST", "/clock", { to: new Date(before).toISOString() })).status).toBe(409);
    expect((await control("POST", "/clock", { advanceMs: "much" })).status).toBe(400);
  });

  it("goes on from where its clock stands in real time, and stops there again", async () => {
    const before = stack().clock.now();
    await control("POST", "/clock", { mode: "real" });
    await expect.poll(() => stack().clock.now()).toBeGreaterThan(before);
    await control("POST", "/clock", { mode: "manual" });
    expect(stack().clock.now()).toBe(stack().clock.now());
    expect(stack().clock.now() - before).toBeLessThan(60_000);
  });

  it("loses one process to a kill and gets it back on the same address", async () => {
    const pid = stack().describe().processes["host"]?.pid ?? 0;
    expect((await control("POST", "/processes/host/kill", { signal: "SIGKILL" })).status).toBe(200);
    expect(isAlive(pid)).toBe(false);
    expect(stack().describe().processes).toMatchObject({ host: { state: "killed" }, storage: { state: "ready" } });
    expect((await control("POST", "/parts/host/functions")).status).toBe(409);
    expect((await control("POST", "/processes/host/start")).status).toBe(200);
    expect((await control("POST", "/processes/host/start")).status).toBe(409);
    expect((await fetch(`${stack().addresses.app}/admin/host/status`)).status).toBe(200);
  });

  it("gives the app other settings at its next start, and takes nothing but texts", async () => {
    const names = async (): Promise<readonly string[]> =>
      ((await stack().call("host", "functions")) as readonly { readonly name: string }[]).map(({ name }) => name);
    const [first = ""] = await names();
    expect((await control("POST", "/settings", { [`AzureWebJobs.${first}.Disabled`]: 1 })).status).toBe(400);
    expect((await control("POST", "/settings", { [`AzureWebJobs.${first}.Disabled`]: "true" })).status).toBe(200);
    expect(await names()).toContain(first);
    await control("POST", "/processes/host/stop");
    await control("POST", "/processes/host/start");
    expect(await names()).not.toContain(first);
  });

  it("answers 404 to what it does not have, and nothing to pages and foreign names", async () => {
    expect((await control("POST", "/nowhere")).status).toBe(404);
    expect((await control("POST", "/parts/host/nothing")).status).toBe(404);
    expect((await control("POST", "/processes/moon/kill")).status).toBe(404);
    expect((await control("POST", "/settle", {}, { origin: "https://example.com" })).status).toBe(400);
  });

  it("counts the requests to its tables", async () => {
    const table = TableClient.fromConnectionString(stack().addresses.storage, "Rows", {
      allowInsecureConnection: true,
    });
    await table.createTable();
    await table.createEntity({ partitionKey: "p", rowKey: "r" });
    await table.getEntity("p", "r");
    await table.submitTransaction([["delete", { partitionKey: "p", rowKey: "r" }]]);
    expect(await stack().call("storage", "requests")).toEqual({
      total: 4,
      byOperation: { CreateTable: 1, InsertEntity: 1, GetEntity: 1, EntityGroupTransaction: 1 },
    });
  });

  it("begins anew where it was, with the same secrets and nothing else of what was", async () => {
    const { addresses, taskHubKey } = stack();
    const table = TableClient.fromConnectionString(addresses.storage, "Left", { allowInsecureConnection: true });
    await table.createTable();
    await table.createEntity({ partitionKey: "p", rowKey: "r" });
    await stack().clock.advance(DAY_MS);
    const before = stack().describe();
    expect((await control("POST", "/reset", { "AzureWebJobs.hello.Disabled": 1 })).status).toBe(400);
    expect(stack().describe()).toEqual(before);

    expect((await control("POST", "/reset")).status).toBe(200);
    await expect(table.getEntity("p", "r")).rejects.toMatchObject({ statusCode: 404 });
    expect(stack().clock.now()).toBeLessThan(Date.parse(before.clock.now));
    expect(stack().describe()).toMatchObject({ addresses, taskHubKey, clock: { mode: "manual" } });
    const pids = [before, stack().describe()].map(({ processes }) => processes["host"]?.pid);
    expect(new Set(pids).size).toBe(2);
    expect((await fetch(`${addresses.app}/admin/host/status`)).status).toBe(200);
  });
});
