import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AttachedStack } from "../support/attached-stack.ts";
import { ADA_GLOBAL, RunningApp } from "../support/running-app.ts";

const MAIN = resolve("local/main.ts");
const STAND_IN = resolve("tests/support/func-stand-in.ts");
const PORT = 23_500;
const BASE_URL = `http://127.0.0.1:${PORT}`;
const QUIET = "--disable-warning=ExperimentalWarning";

/** A host that says it is running, and no more. */
const RUNNING = `-e "require('http').createServer((_, answer) => answer.end('{\\"state\\":\\"Running\\"}')).listen(${PORT})"`;

interface Pids {
  readonly pids: Readonly<Record<string, number>>;
}

/** Core Tools themselves do not run here: `func` is a stand-in, found on the PATH as the real one is. */
describe("npm run func", () => {
  let home: string;
  let data: string;
  let children: ChildProcess[];

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "zero-standing-"));
    data = join(home, "data");
    mkdirSync(join(home, "bin"));
    children = [];
  });
  afterEach(async () => {
    for (const child of children) await ended(child, "SIGINT");
    rmSync(home, { recursive: true, force: true });
  });

  function func(script: string): void {
    writeFileSync(join(home, "bin", "func"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(home, "bin", "func"), 0o755);
  }
  function run(...args: string[]) {
    const child = spawn(
      process.execPath,
      [QUIET, MAIN, "--func", "--data", data, "--port-base", String(PORT), ...args],
      {
        env: { PATH: [join(home, "bin"), "/usr/bin", "/bin"].join(delimiter), TMPDIR: home, HOME: home },
      },
    );
    children.push(child);
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
    const exit = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
    return { child, said, exit };
  }
  async function runWith(script: string) {
    func(`echo $$ > "${home}/pid"; echo "$@" > "${home}/words"; exec "${process.execPath}" ${QUIET} ${script}`);
    const running = run();
    await expect.poll(() => running.said.out + running.said.err, { timeout: 60_000 }).toContain("Ctrl-C stops it.");
    const { pids } = JSON.parse(readFileSync(join(data, "stack.json"), "utf8")) as Pids;
    return { ...running, pids: [...Object.values(pids), Number(readFileSync(join(home, "pid"), "utf8"))] };
  }

  it("says what to install where there is no func, with one line and exit code 1", async () => {
    const { said, exit } = run();
    expect(await exit).toBe(1);
    expect(said).toEqual({
      out: "",
      err: expect.stringMatching(/^there is no func on the PATH: install [^\n]+\n$/) as string,
    });
    expect(existsSync(data)).toBe(false);
  });

  it.each([
    [["--split"], "--split is for npm start"],
    [["--clock", "manual"], "--clock manual is for npm start"],
  ])("ends with 2 and one line at %j", async (args, line) => {
    const { said, exit } = run(...args);
    expect(await exit).toBe(2);
    expect(said.err).toMatch(/^[^\n]+\n$/);
    expect(said.err).toContain(line);
  });

  it("ends with the exit code of a func that does not start, and says what it said", async () => {
    func("echo 'the runtime is broken' >&2; exit 7");
    const { said, exit } = run();
    expect(await exit).toBe(7);
    expect(said.err).toBe("host did not start: it ended with code 7: the runtime is broken\n");
  });

  it("serves the app on func, from a ticket to the role, and leaves nothing behind", async () => {
    const { child, said, exit, pids } = await runWith(`"${STAND_IN}" "$@"`);
    expect(readFileSync(join(home, "words"), "utf8")).toBe(`start --port ${PORT}\n`); // and no secret
    expect(said.out).toContain(`app         ${BASE_URL}`);
    expect(said.out).toContain("control     http://");
    expect(await (await fetch(`${BASE_URL}/api/health`)).json()).toMatchObject({ status: "ok" });

    const stack = await AttachedStack.to(BASE_URL, (reason) => {
      throw new Error(reason);
    });
    const app = new RunningApp(stack);
    const ticket = await app.hold(ADA_GLOBAL);
    expect(await app.status(ticket)).toBe("Active");
    expect(await app.grants(ticket)).toHaveLength(1);
    await expect(stack.clock.advance(1)).rejects.toThrow("the clock of the real Functions host cannot be moved");

    child.kill("SIGINT");
    expect(await exit).toBe(0);
    expect(said.err).toBe("");
    expect(pids.filter(isAlive)).toEqual([]);
    await expect(fetch(`${BASE_URL}/api/health`)).rejects.toThrow();
  });

  it("stops with all parts when func is gone", async () => {
    const { said, exit, pids } = await runWith(RUNNING);
    process.kill(pids.at(-1) ?? 0, "SIGKILL");
    expect(await exit).toBe(1);
    expect(said.err).toBe(`func has ended with 1: what it said is in ${join(data, "host.log")}\n`);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it("takes func with it when it is killed itself", async () => {
    const { child, exit, pids } = await runWith(RUNNING);
    child.kill("SIGKILL");
    await exit;
    await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await exit;
}
