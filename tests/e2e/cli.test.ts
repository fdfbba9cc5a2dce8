import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dailyId } from "../../local/seed.ts";
import type { ActivationView } from "../../shared/contracts/activation-view.ts";
import type { PolicySimulation } from "../../shared/contracts/policy-simulation.ts";
import { edited, SAMPLE } from "../support/policy-text.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { emptyFolder, runZs, type ZsResult } from "../support/run-zs.ts";
import { useStack } from "../support/stack.ts";

const [DEV, HUGO] = [4, 8]; // Dev approves, and is in the identity team

describe("zs, against the app", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());

  async function zs(n: number, ...words: string[]): Promise<ZsResult> {
    const token = (await stack().call("login", "mint", { oid: dailyId(n) })) as string;
    return runZs(words, { env: { ZS_API_URL: stack().addresses.app, ZS_ACCESS_TOKEN: token } });
  }

  async function json<T>(n: number, ...words: string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await zs(n, ...words, "--json");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return JSON.parse(stdout) as T;
  }

  const request = (ticket: string, duration = "1h"): string[] => [
    ...["request", HUGO_EXCHANGE.role, "--ticket", `servicenow:${ticket}`, "--for", duration],
    ...["--because", "Move the mailboxes of the branch"],
  ];

  async function held(): Promise<string> {
    const ticket = await app().openChange(HUGO_EXCHANGE, {}, false);
    const { id } = await json<ActivationView>(HUGO, ...request(ticket));
    await stack().settle();
    const { links } = await json<ActivationView>(HUGO, "show", id);
    const visitor = app().adminOf(HUGO_EXCHANGE.person);
    await visitor.choose(await visitor.open(links.stepUp ?? ""), "confirm");
    await stack().settle();
    const approve = await json<{ readonly decide: string }>(DEV, "approve", id, "--no-browser");
    await app().dailyOf("dev.patel").decide(approve.decide, "approve");
    await stack().settle();
    return id;
  }

  it("asks for a role, shows it to who decides, and ends it early", async () => {
    const id = await held();
    expect(await json(HUGO, "show", id)).toMatchObject({ status: "Active", door: "http" });
    expect(await json(HUGO, "list")).toMatchObject({ own: [{ id, status: "Active" }], waitingForMe: [] });
    expect((await zs(DEV, "list")).stdout).toContain("Nothing waits for you");
    await stack().clock.advance(6 * MINUTE_MS);
    expect((await zs(HUGO, "end", id)).exitCode).toBe(0);
    await stack().settle();
    expect(await json(HUGO, "show", id)).toMatchObject({ status: "Ended", closing: { reason: "EndedByPerson" } });
    expect(await app().grants()).toMatchObject([{ ended: "removed" }]);
  });

  it("says in one line why not, with the exit code for it", async () => {
    const ticket = await app().openChange(HUGO_EXCHANGE, {}, false);
    const tooLong = await zs(HUGO, ...request(ticket, "9h"));
    expect(tooLong).toMatchObject({ exitCode: 1, stdout: "" });
    expect(tooLong.stderr).toMatch(/^zs: The duration is longer [^\n]*\n$/);
    expect((await zs(HUGO, "show", "0123456789abcdef0123456789abcdef")).exitCode).toBe(1);
    expect((await zs(HUGO, "freeze", "--because", "not mine to do")).exitCode).toBe(1);
    const anyone = await runZs(["list"], { env: { ZS_API_URL: stack().addresses.app, ZS_ACCESS_TOKEN: "x" } });
    expect(anyone.exitCode).toBe(3);
  });

  it("says whose activation another policy would have changed, to the identity team only", async () => {
    const id = await held();
    const changed = join(emptyFolder(), "roles.yaml");
    const people = join(emptyFolder(), "people.yaml");
    writeFileSync(people, SAMPLE.people);
    writeFileSync(changed, SAMPLE.roles);
    const simulate = ["policy", "simulate", changed, "--people", people];
    const same = await json<PolicySimulation>(DEV, ...simulate);
    expect(same).toMatchObject({ changed: [] });
    expect(same.looked).toBeGreaterThan(0);
    expect(same.hash.simulated).toBe(same.hash.running);
    const roles = edited(SAMPLE.roles, "1d097af3e4de\n    maximum: PT4H", "1d097af3e4de\n    maximum: PT30M");
    writeFileSync(changed, roles);
    const { exitCode, stdout } = await zs(DEV, ...simulate, "--last", "1");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/would be refused as DurationTooLong.*\n1 of 1 would change/s) as string,
    });
    writeFileSync(changed, edited(roles, "maximum: PT30M", "maximum: P30D"));
    expect((await zs(DEV, ...simulate)).stderr).toMatch(/roles\.yaml:\d+:\d+ roles\[\d\]\.maximum /);
    expect((await zs(HUGO, ...simulate)).exitCode).toBe(1);
    await stack().clock.advance(6 * MINUTE_MS);
    await zs(HUGO, "end", id);
    await stack().settle();
  });

  it("freezes everything, and what happened verifies offline", async () => {
    const id = await held();
    expect((await zs(DEV, "freeze", "--because", "an admin workstation is lost")).exitCode).toBe(0);
    await stack().settle();
    await stack().clock.advance(6 * MINUTE_MS);
    expect(await json(HUGO, "show", id)).toMatchObject({ status: "Ended", closing: { reason: "Frozen" } });
    const file = join(emptyFolder(), "audit.jsonl");
    expect((await zs(DEV, "audit", "export", "--out", file)).exitCode).toBe(0);
    expect(await runZs(["audit", "verify", file])).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await zs(HUGO, "audit", "export")).exitCode).toBe(1);
  });

  itKeptItsPromises(app);
});
