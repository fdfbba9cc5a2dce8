import { beforeEach, describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import type { Person } from "../../../../shared/domain/people.ts";
import { DependencyError } from "../../../../shared/ports/dependency-error.ts";
import { Browser, MemoryFront, PUBLIC_URL, type Page } from "../../../support/memory-front.ts";
import { START } from "../../../support/memory-directory.ts";
import {
  ACTIVATION,
  ADA,
  adminOf,
  APPROVE,
  aRole,
  CORA,
  DEV,
  EVA,
  MemoryWorld,
} from "../../../support/memory-world.ts";

const PAGE = `${PUBLIC_URL}/api/a/${ACTIVATION}`;
let world: MemoryWorld;
let memory: MemoryFront;
let browser: Browser;

beforeEach(async () => {
  world = new MemoryWorld();
  memory = new MemoryFront(world);
  browser = new Browser(memory);
  await world.claim();
});

async function pageFor(person: Person): Promise<Page> {
  browser = new Browser(memory);
  const back = await browser.signIn(await browser.press(await browser.get(PAGE), "signIn"), person.dailyAccount);
  return browser.get(`${PUBLIC_URL}${back.headers["location"] ?? ""}`);
}

async function active(): Promise<void> {
  await world.run();
  await world.stepUp();
  await world.run();
  await world.decide(CORA, APPROVE);
  await world.run();
}

describe("the page of an activation", () => {
  it("says nothing before a sign-in, the same for every id", async () => {
    const [known, unknown] = [await browser.get(PAGE), await browser.get(`${PUBLIC_URL}/api/a/${"f".repeat(32)}`)];
    expect(known.status).toBe(200);
    expect(known.text).toBe(unknown.text);
    expect((await browser.get(`${PUBLIC_URL}/api/a/x`)).status).toBe(404);
  });

  it("is not there for people who have nothing to do with it", async () => {
    await world.run();
    expect(await pageFor(EVA)).toMatchObject({ status: 404 });
    expect((await pageFor(ADA)).status).toBe(200);
    expect((await pageFor(CORA)).status).toBe(200);
  });

  it("says to whom was refused how to go on", async () => {
    world.ticket = undefined;
    expect((await world.run()).status).toBe("Refused");
    expect((await pageFor(ADA)).text).toContain("The ticket is not used up: when that has changed, ask again");
  });

  it("looks again by itself while something is under way, and only then", async () => {
    expect((await pageFor(ADA)).html).toContain('http-equiv="refresh"');
    await world.run();
    expect((await pageFor(ADA)).html).not.toContain("refresh");
    await world.stepUp();
    expect((await pageFor(ADA)).html).toContain('http-equiv="refresh"');
  });

  it("says who is waited for, since when and until when, and leads everybody to what they can do", async () => {
    await world.run();
    const own = await pageFor(ADA);
    expect(own.text).toContain("Confirm the request");
    await world.stepUp();
    await world.run();
    const page = await pageFor(CORA);
    expect(page.text).toContain("Waiting: Security cora, dev, since 24 Nov 2026, 09:00 UTC");
    expect(page.text).toContain("Waits until 24 Nov 2026, 17:00 UTC");
    expect(page.text).toContain("Read and decide");
    expect((await pageFor(ADA)).text).not.toContain("Read and decide");
  });

  it("leads approvers to a denial until the role is granted", async () => {
    world = new MemoryWorld({ ...aRole(), start: "onStart" });
    memory = new MemoryFront(world);
    await world.claim();
    await active();
    expect((await world.state()).status).toBe("Ready");
    for (const approver of [CORA, DEV]) expect((await pageFor(approver)).text).toContain("Read, and deny");
    expect((await pageFor(ADA)).text).toContain("Start the role");
    expect((await pageFor(ADA)).text).not.toContain("Read, and deny");
    await world.signIn({ account: adminOf(ADA), purpose: "start" });
    expect((await world.run()).status).toBe("Active");
    expect((await pageFor(CORA)).text).not.toContain("Read, and deny");
  });

  it("tells what happened, and until when tokens may still carry the role", async () => {
    await active();
    const page = await pageFor(ADA);
    for (const shown of [
      "Active",
      "Requested for ada through the API",
      "Confirmed by ada with a fresh sign-in",
      "cora approved",
      "The role became active, as read back from the directory",
      "Tokens issued before the end may carry the role for up to 90 minutes more",
      "24 Nov 2026, 12:30 UTC",
    ])
      expect(page.text).toContain(shown);
    await world.runUntil(plus(START, 2 * HOUR_MS));
    expect((await pageFor(ADA)).text).toContain("Gone, as read back from the directory");
  });

  it("ends the access for those who may, once", async () => {
    await active();
    world.now = plus(world.now, 6 * MINUTE_MS);
    const page = await pageFor(CORA);
    expect((await browser.press(page, "end")).status).toBe(303);
    await world.run();
    await browser.press(page, "end");
    expect(await world.run()).toMatchObject({ status: "Ended", closing: { reason: "EndedByPerson", by: CORA.key } });
    expect((await pageFor(ADA)).html).not.toContain("<form");
  });

  it.each(["", "{}", "null", '{"purpose":"decision"}'])(
    "ends the access also where somebody spoiled rows: %j",
    async (body) => {
      await active();
      const record = await world.record();
      const row = { body, mac: "1.forged" };
      const spoiled = { intents: [...record.intents, row], verdicts: [...record.verdicts, row] };
      world.tables.records.set(ACTIVATION, { ...record, ...spoiled });
      world.now = plus(world.now, 6 * MINUTE_MS);
      const page = await pageFor(ADA);
      expect((await browser.press(page, "end")).status).toBe(303);
      expect((await world.run()).status).toBe("Ended");
    },
  );

  it("says when it is tried next while the directory refuses the removal", async () => {
    await active();
    world.now = plus(START, MINUTE_MS);
    const page = await pageFor(ADA);
    await browser.press(page, "end");
    expect((await world.run()).status).toBe("Ending");
    const { text } = await pageFor(ADA);
    expect(text).toContain("The access remains until the role is removed");
    expect(text).toContain("Next try 24 Nov 2026, 09:05 UTC");
  });

  it("tells a start after the approval that it follows, also within one second", async () => {
    world = new MemoryWorld({ ...aRole(), start: "onStart" });
    memory = new MemoryFront(world);
    await world.claim();
    await active();
    await world.signIn({ account: adminOf(ADA), purpose: "start" });
    await world.run();
    expect((await pageFor(ADA)).text).toMatch(/Confirmed by ada.*cora approved.*Started by ada.*became active/);
  });

  it("withdraws a request for its requester only", async () => {
    await world.run();
    expect((await pageFor(CORA)).html).not.toContain("<form");
    const page = await pageFor(ADA);
    await browser.press(page, "withdraw");
    expect(await world.run()).toMatchObject({ status: "Cancelled" });
  });

  it("refuses a form of another viewer, or of nobody", async () => {
    await active();
    const page = await pageFor(CORA);
    expect((await new Browser(memory).press(page, "end")).status).toBe(403);
    await pageFor(ADA);
    expect((await browser.press(page, "end")).status).toBe(403);
    expect((await world.run()).status).toBe("Active");
  });

  it("forgets who looked after a quarter of an hour", async () => {
    await pageFor(ADA);
    world.now = plus(world.now, 15 * MINUTE_MS);
    expect((await browser.get(PAGE)).text).toContain("Sign in to see this request");
  });

  it("says that it does not work right now, and shows nothing from inside, when a system is down", async () => {
    await pageFor(ADA);
    world.tables.store.load = async () => {
      throw new DependencyError("Unavailable", "tables at secret-host are down");
    };
    const page = await browser.get(PAGE);
    expect(page.status).toBe(503);
    expect(page.html).not.toContain("secret-host");
    world.tables.store.load = async () => {
      throw new Error("at secret.ts:1");
    };
    const failed = await browser.get(PAGE);
    expect(failed.status).toBe(500);
    expect(failed.html).not.toContain("secret.ts");
  });
});
