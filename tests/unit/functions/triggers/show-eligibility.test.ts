import { beforeEach, describe, expect, it } from "vitest";
import { ChangeWorld } from "../../../support/change-world.ts";
import { Browser, MemoryFront, PUBLIC_URL, type Page } from "../../../support/memory-front.ts";
import { ADA, EVA } from "../../../support/memory-world.ts";

const PAGE = `${PUBLIC_URL}/api/e`;
const ROLE = "Global Administrator";
const ASKED = { action: "add", holder: "ada", role: ROLE, scope: "/", days: "90", because: "on-call rota" };
let world: ChangeWorld;
let browser: Browser;

beforeEach(async () => {
  world = new ChangeWorld();
  browser = new Browser(new MemoryFront(world));
  await browser.signIn(await browser.press(await browser.get(PAGE), "signIn"), EVA.dailyAccount);
});

const ask = async (changes: Partial<typeof ASKED> = {}): Promise<Page> =>
  browser.press(await browser.get(PAGE), "ask", { ...ASKED, ...changes });

describe("the page of eligibility", () => {
  it("takes what is asked and leads to the page of the change, which looks again until it was checked", async () => {
    const asked = await ask();
    expect(asked).toMatchObject({ status: 303, headers: { location: expect.stringContaining("/api/c/") as string } });
    const page = await browser.get(asked.headers["location"] ?? "");
    expect(page.html).toContain('http-equiv="refresh"');
    expect(page.html).toContain('<button class="quiet">Withdraw it</button>');
  });

  it.each<[string, Partial<typeof ASKED>, string]>([
    ["days", { days: "9x" }, "This must be a whole number of days."],
    ["days", { days: "" }, "This must be a whole number of days."],
    ["because", { because: "why" }, "This must be 5 characters or more."],
    ["holder", { holder: "nobody" }, "The account belongs to no person of the people map. (nobody)"],
    ["scope", { scope: "/users" }, "This must be /, /administrativeUnits/&lt;id&gt; or /&lt;id&gt;."],
    ["role", { role: "No Such Role" }, "(No Such Role)"],
  ])("says beside %s what is wrong, keeps what was typed, and asks for nothing", async (field, changes, mistake) => {
    const page = await ask(changes);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.html).toMatch(new RegExp(`id="${field}"[^>]*aria-describedby="${field}-mistake"`));
    expect(page.html.split(`id="${field}-mistake">`)[1]).toContain(mistake);
    expect(page.html.match(/class="mistake"/g)).toHaveLength(1);
    expect(page.html.indexOf("<form")).toBeLessThan(page.html.indexOf("Who may activate what"));
    expect(page.html).toContain(changes.because ?? ASKED.because);
    expect(page.html).toContain(`value="${changes.holder ?? ADA.key}"`);
    expect(world.tables.changes.stored.size).toBe(0);
  });
});
