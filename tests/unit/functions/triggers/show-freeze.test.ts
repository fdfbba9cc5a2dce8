import { beforeEach, describe, expect, it } from "vitest";
import type { ActivationId } from "../../../../shared/domain/ids.ts";
import type { Person } from "../../../../shared/domain/people.ts";
import { Browser, MemoryFront, PUBLIC_URL, type Page } from "../../../support/memory-front.ts";
import { ADA, CORA, DEV, MemoryWorld } from "../../../support/memory-world.ts";

const PAGE = `${PUBLIC_URL}/api/freeze`;
const FREEZE = "f".repeat(32) as ActivationId;
let world: MemoryWorld;
let memory: MemoryFront;
let browser: Browser;

async function pageFor(person: Person): Promise<Page> {
  browser = new Browser(memory);
  const back = await browser.signIn(await browser.press(await browser.get(PAGE), "signIn"), person.dailyAccount);
  return browser.get(`${PUBLIC_URL}${back.headers["location"] ?? ""}`);
}

const freeze = (because = "<b>a drill</b>") =>
  world.worker.controls.startFreeze({
    id: FREEZE,
    at: world.now,
    by: CORA.key,
    account: CORA.dailyAccount,
    because,
  });

beforeEach(() => {
  world = new MemoryWorld();
  memory = new MemoryFront(world);
});

describe("the page of a freeze", () => {
  it("says nothing before a sign-in, frozen or not", async () => {
    browser = new Browser(memory);
    const before = await browser.get(PAGE);
    await freeze();
    expect((await browser.get(PAGE)).text).toBe(before.text);
  });

  it("is not there for people outside the identity team", async () => {
    await freeze();
    expect(await pageFor(ADA)).toMatchObject({ status: 404 });
  });

  it("says that there is nothing to resume", async () => {
    const page = await pageFor(CORA);
    expect(page.text).toContain("Grants are not frozen");
    expect(page.html).not.toContain("<form");
  });

  it("shows who froze, when and why, and who agreed so far", async () => {
    await freeze();
    const page = await pageFor(DEV);
    for (const shown of ["cora", "24 Nov 2026, 09:00 UTC", "&lt;b&gt;a drill&lt;/b&gt;", "nobody yet"])
      expect(page.text).toContain(shown);
  });

  it("hands a fresh sign-in over to the worker, and lets nobody agree by the session alone", async () => {
    await freeze();
    const page = await pageFor(DEV);
    const redirect = await browser.press(page, "resume");
    expect(new URL(redirect.headers["location"] ?? "").searchParams.get("context")).toBe("c1");
    expect(await world.tables.store.waiting(FREEZE)).toEqual([]);
    const back = await browser.signIn(redirect, DEV.dailyAccount);
    expect(back.headers["location"]).toBe(PAGE);
    expect(await world.tables.store.waiting(FREEZE)).toMatchObject([{ body: { kind: "proof" } }]);
    expect(memory.rung).toEqual([FREEZE]);
  });

  it("asks again when another freeze is in force than the one that was shown", async () => {
    await freeze();
    const page = await pageFor(DEV);
    await world.worker.controls.liftFreeze(FREEZE, { body: "", mac: "" });
    await freeze("something else");
    expect((await browser.press(page, "resume")).headers["location"]).toBe("/api/freeze");
  });

  it("refuses a form of another viewer", async () => {
    await freeze();
    const page = await pageFor(DEV);
    await pageFor(ADA);
    expect((await browser.press(page, "resume")).status).toBe(403);
  });

  it("can be read although the stored freeze cannot", async () => {
    world.tables.freezeRow = { id: FREEZE, at: "", by: "breaker", account: undefined, because: "unreadable" };
    const page = await pageFor(DEV);
    expect(page.text).toContain("the circuit breaker");
    expect(page.text).toContain("unknown");
  });
});
