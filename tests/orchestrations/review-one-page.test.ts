import { beforeEach, describe, expect, it } from "vitest";
import { aboutItem } from "../../shared/crypto/reviewed-item.ts";
import type { DirectoryScopeId, PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import { DAY_MS, HOUR_MS, plus } from "../../shared/domain/time.ts";
import { anItem } from "../support/change-world.ts";
import { START } from "../support/memory-directory.ts";
import { LOGIN_URL, type Browser, type Page } from "../support/memory-front.ts";
import { ADA, adminOf, APPROVERS, CORA, DEV, EVA, ROLE } from "../support/memory-world.ts";
import { HELPDESK, REVIEWED, ReviewedWorld } from "../support/reviewed-world.ts";

let world: ReviewedWorld;
beforeEach(async () => {
  world = new ReviewedWorld();
  await world.open();
});

/** One more account, of nobody whom the people map knows. */
async function eligibleAtHelpdesk(into: ReviewedWorld, n: number): Promise<void> {
  const principalId = `00000000-0000-4000-8000-${String(n + 2_000).padStart(12, "0")}` as PrincipalId;
  const writing = { durationMs: undefined, justification: "", correlationId: "" };
  const row = { principalId, roleDefinitionId: HELPDESK, directoryScopeId: "/" as DirectoryScopeId };
  await into.directory.makeEligible(row, writing);
}

describe("a reviewer of two roles", () => {
  it("has one page for both, behind the link of either", async () => {
    const browser = await world.browserOf(EVA);
    for (const review of [world.global, world.helpdesk]) {
      const { text, html } = await browser.get(world.linkOf(review, EVA));
      expect(text).toContain("0 of 4 answered");
      expect([...html.matchAll(/<h2[^>]*>([^<]*)</g)].map(([, role]) => role)).toEqual([
        "Global Administrator",
        "Helpdesk Administrator",
      ]);
    }
  });

  it("decides in both with one sign-in", async () => {
    const done = await world.signs(EVA, await world.answersOfEva());
    expect(done.status).toBe(303);
    expect(done.headers["location"]).toMatch(/^\/api\/l\/[\w-]+\?signed$/);
    expect(await world.receiptOf(EVA)).toContain("Being checked");
    await world.runReviews();
    expect(await world.receiptOf(EVA)).toMatch(
      /Signed Everything that you answered counts\. On the page 1 more waits for an answer\. .*Global Administrator 2 of 2 answered, signed on .*Helpdesk Administrator 1 of 2/,
    );
    await world.toTheEnd();
    expect(await world.outcomes(world.global)).toEqual(["ada: keep by eva", "cora: remove by eva"]);
    expect(await world.outcomes(world.helpdesk)).toEqual(["ada: keep by eva", "dev: remove by nobody"]);
  });

  it("is told at each role what is not signed yet", async () => {
    await world.signs(EVA, await world.answersOfEva());
    await world.runReviews();
    const browser = await world.browserOf(EVA);
    const link = world.linkOf(world.helpdesk, EVA);
    const more = await world.fieldsFor(world.helpdesk, EVA, DEV, "keep");
    const { text } = await browser.press(await browser.get(link), "save", more);
    expect(text).toContain("4 of 4 answered");
    expect(text).toContain("not everything below is signed");
    expect(text).toMatch(/Global Administrator : 2 of 2 answered, signed/);
    expect(text).toMatch(/Helpdesk Administrator : 2 of 2 answered, changed since you signed/);
    expect(await world.receiptOf(EVA, link)).toMatch(
      /Not everything is signed .*Helpdesk Administrator 2 of 2 answered, changed since/,
    );
  });

  it("finds a review that opens later when the page is loaded again", async () => {
    world = new ReviewedWorld();
    await world.begin();
    await world.runChange(world.global);
    const browser = await world.browserOf(EVA);
    expect((await browser.get(world.linkOf(world.global, EVA))).text).not.toContain("Helpdesk Administrator");
    await world.runChange(world.helpdesk);
    expect((await browser.get(world.linkOf(world.global, EVA))).text).toContain("Helpdesk Administrator");
  });

  it("keeps what was answered for other rows than those that the page would have by now", async () => {
    world = new ReviewedWorld();
    await world.begin();
    await world.runChange(world.helpdesk);
    const browser = await world.browserOf(EVA);
    const link = world.linkOf(world.helpdesk, EVA);
    const page = await browser.get(link);
    await world.runChange(world.global); // comes first on the page from now on
    const kept = await browser.press(page, "save", await world.fieldsFor(world.helpdesk, EVA, ADA, "shorten"));
    expect(kept.text).toContain("1 of 4 answered");
  });

  it("answers the rest of a role by its recommendation, and no other role", async () => {
    world = new ReviewedWorld();
    await world.makeEligible(DEV, ROLE);
    await world.open();
    const browser = await world.browserOf(EVA);
    const link = world.linkOf(world.global, EVA);
    const before = await browser.press(
      await browser.get(link),
      "save",
      await world.fieldsFor(world.global, EVA, ADA, "keep"),
    );
    const slot = world.slotOf(world.global, EVA);
    const after = await browser.press(before, `rest-${world.global}-${slot}`);
    expect(after.text).toContain(
      "Kept: the recommendation for 2 more in Global Administrator. It counts once you sign it.",
    );
    const sheet = await world.tables.changes.answers(world.global, slot);
    expect(Object.values(sheet).map(({ choice }) => choice)).toEqual(["remove", "keep", "remove"]);
    expect(await world.tables.changes.answers(world.helpdesk, world.slotOf(world.helpdesk, EVA))).toEqual({});
  });

  it("turns pages of 25 over all roles together", async () => {
    world = new ReviewedWorld();
    for (let n = 0; n < 30; n += 1) await eligibleAtHelpdesk(world, n);
    await world.open();
    const browser = await world.browserOf(EVA);
    const link = world.linkOf(world.global, EVA);
    const rolesOn = async (page: number): Promise<readonly (readonly [string, number])[]> => {
      const { html } = await browser.get(`${link}?page=${page}`);
      return html
        .split("<h2 ")
        .slice(1)
        .map((part) => [/>([^<]*)</.exec(part)?.[1] ?? "", part.split('scope="row"').length - 1]);
    };
    expect(await rolesOn(1)).toEqual([
      ["Global Administrator", 2],
      ["Helpdesk Administrator", 23],
    ]);
    expect(await rolesOn(2)).toEqual([["Helpdesk Administrator", 9]]);
    expect(await rolesOn(99)).toEqual(await rolesOn(2));
    const next = await browser.press(await browser.get(link), "next");
    expect(next.text).toContain("0 of 34 answered");
    expect(next.html).not.toContain(">Global Administrator</h2>");
  });

  it("goes from page to page by buttons, none of which forgets what is chosen on this one", async () => {
    world = new ReviewedWorld();
    for (let n = 0; n < 60; n += 1) await eligibleAtHelpdesk(world, n);
    await world.open();
    const browser = await world.browserOf(EVA);
    const link = world.linkOf(world.global, EVA);
    const first = await browser.get(link);
    expect(first.html).not.toContain("?page=");
    const third = await browser.press(first, "page-3", await world.fieldsFor(world.global, EVA, ADA, "keep"));
    expect(third.text).toContain("1 of 64 answered");
    expect(third.html).toContain('aria-current="page">3<');
    const back = await browser.press(third, "page-1");
    expect(back.html).toMatch(/value="keep"\s+checked/);
  });

  it("is offered no answer about a group that they are in", async () => {
    world = new ReviewedWorld();
    const group = "00000000-0000-4000-8000-000000000980" as PrincipalId;
    world.directory.principals.set(group, { id: group, kind: "group", name: "Break-fix" });
    world.directory.holding.set(group, { id: group, members: [adminOf(EVA)], owners: [] });
    const writing = { durationMs: undefined, justification: "", correlationId: "" };
    await world.directory.makeEligible(
      { principalId: group, roleDefinitionId: HELPDESK, directoryScopeId: "/" as DirectoryScopeId },
      writing,
    );
    await world.open();
    const texts = await Promise.all(
      [EVA, DEV].map(async (one) => (await (await world.browserOf(one)).get(world.linkOf(world.helpdesk, one))).text),
    );
    expect(texts.map((text) => text.includes("You are in this group: somebody else answers."))).toEqual([true, false]);
    const items = await world.tables.changes.items(world.helpdesk);
    const n = items.findIndex((item) => item.principalId === group);
    const slot = world.slotOf(world.helpdesk, EVA);
    const key = `${world.helpdesk}-${slot}-${n + 1}-${aboutItem(items[n] ?? anItem(ADA)).slice(0, 32)}`;
    const browser = await world.browserOf(EVA);
    const fields = { [`c${key}`]: "keep", [`r${key}`]: "mine" };
    await browser.press(await browser.get(world.linkOf(world.helpdesk, EVA)), "save", fields);
    expect(await world.tables.changes.answers(world.helpdesk, slot)).toEqual({});
  });

  it("is done once everybody but themselves is answered for", async () => {
    const browser = await world.browserOf(DEV);
    const link = world.linkOf(world.global, DEV);
    const asked = await browser.get(link);
    const reasons = [...asked.html.matchAll(/name="(r[\w-]+)"/g)].map(([, name = ""]) => [name, ""] as const);
    const page = await browser.press(asked, "follow", Object.fromEntries(reasons));
    expect(page.text).toContain("3 of 3 answered");
    expect(page.text).toContain("Helpdesk Administrator : 1 of 1 answered");
    expect(page.text).toContain("Your own: somebody else answers.");
  });

  it("keeps no answer about somebody who was put in another's place since the page was shown", async () => {
    const browser = await world.browserOf(EVA);
    const page = await browser.get(world.linkOf(world.global, EVA));
    const fields = await world.fieldsFor(world.global, EVA, ADA, "keep");
    const [ada, cora] = [await world.numberOf(world.global, ADA), await world.numberOf(world.global, CORA)];
    const stored = world.tables.changes.stored.get(world.global);
    const [other] = await world.tables.changes.items(world.global, cora, 1);
    if (stored && other) stored.items = stored.items.with(ada - 1, other);
    for (const choice of ["save", "follow", "sign"]) {
      const { text } = await browser.press(page, choice, fields);
      expect(text).toContain("somebody else stands here than when this page was shown");
      const kept = await world.tables.changes.answers(world.global, world.slotOf(world.global, EVA));
      expect(Object.keys(kept)).not.toContain(String(ada));
    }
  });

  it("is shown no answer of theirs beside somebody whom it was not about", async () => {
    const browser = await world.browserOf(EVA);
    const fields = await world.fieldsFor(world.global, EVA, ADA, "keep");
    const kept = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "save", fields);
    expect(kept.html).toMatch(/value="because"/);
    const [ada, cora] = [await world.numberOf(world.global, ADA), await world.numberOf(world.global, CORA)];
    const stored = world.tables.changes.stored.get(world.global);
    const [other] = await world.tables.changes.items(world.global, cora, 1);
    if (stored && other) stored.items = stored.items.with(ada - 1, other);
    expect((await browser.get(world.linkOf(world.global, EVA))).html).not.toMatch(/value="because"/);
  });

  it("reads over each row the role that it is for, whatever rows of the campaign say", async () => {
    const { frozenRows } = world.tables.changes;
    const honest = frozenRows.get(world.campaign);
    const [global, helpdesk] = ["Global Administrator", "Helpdesk Administrator"];
    const body = (honest?.body ?? "").replace(global, "?").replace(helpdesk, global).replace("?", helpdesk);
    frozenRows.set(world.campaign, { body, mac: honest?.mac ?? "" });
    const { html } = await (await world.browserOf(EVA)).get(world.linkOf(world.global, EVA));
    const [, underGlobal = ""] = html.split(/<h2[^>]*>Global Administrator</);
    expect(underGlobal.split("<h2")[0]).toContain(`name="c${world.global}`);
  });

  it("is shown nobody under another role than the one that an answer would count for", async () => {
    const { frozenRows } = world.tables.changes;
    const honest = frozenRows.get(world.global);
    frozenRows.set(world.global, { body: (honest?.body ?? "").replaceAll(ROLE, HELPDESK), mac: honest?.mac ?? "" });
    const { html } = await (await world.browserOf(EVA)).get(world.linkOf(world.helpdesk, EVA));
    expect(html).toContain(`name="c${world.helpdesk}`);
    expect(html).not.toContain(`name="c${world.global}`);
  });

  it("goes on with one role while the other is over, and is told what does not count", async () => {
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(
      await browser.get(world.linkOf(world.global, EVA)),
      "sign",
      await world.answersOfEva(),
    );
    const state = (await world.tables.changes.load(world.helpdesk))?.row;
    const working = {
      status: "Working" as const,
      since: world.now,
      step: 0,
      done: 0,
      total: 2,
      notBefore: plus(world.now, DAY_MS),
    };
    await world.tables.changes.putState(world.helpdesk, working, state?.etag);
    expect((await browser.signIn(sent, EVA.dailyAccount)).status).toBe(303);
    await world.runReviews();
    expect([world.verdicts(world.global), world.verdicts(world.helpdesk)]).toEqual([1, 0]);
    expect(world.refusals(world.helpdesk)).toEqual(["NotAskedNow"]);
    expect(await world.receiptOf(EVA)).toMatch(
      /Not everything is signed .*Global Administrator 2 of 2 answered, signed on .*Helpdesk Administrator its review was over before you signed: these answers do not count/,
    );
    for (const review of [world.global, world.helpdesk]) {
      const { text } = await browser.get(world.linkOf(review, EVA));
      expect(text).toContain("Over before you signed, so that your answers do not count: Helpdesk Administrator.");
      expect(text).toContain("of 2 answered");
    }
  });

  it("comes from the link to the record once no role takes answers any more", async () => {
    await world.toTheEnd();
    world.now = plus(START, 13 * DAY_MS);
    const browser = await world.browserOf(EVA);
    const { status, headers } = await browser.get(world.linkOf(world.helpdesk, EVA));
    expect([status, headers["location"]]).toEqual([303, `/api/c/${world.helpdesk}`]);
  });

  it("is told that what was chosen on an old page was not kept, once no role takes answers any more", async () => {
    const browser = await world.browserOf(EVA);
    const page = await browser.get(world.linkOf(world.global, EVA));
    for (const review of [world.global, world.helpdesk]) {
      const row = (await world.tables.changes.load(review))?.row;
      const state = { status: "Working" as const, since: world.now, step: 0, done: 0, total: 2, notBefore: world.now };
      await world.tables.changes.putState(review, state, row?.etag);
    }
    const told = await browser.press(page, "sign", await world.answersOfEva());
    expect(told.status).toBe(410);
    expect(told.text).toContain("neither kept nor signed");
    expect(await world.tables.changes.answers(world.global, world.slotOf(world.global, EVA))).toEqual({});
  });

  it("sees nothing through the link of somebody else, nor with one that has expired", async () => {
    const browser = await world.browserOf(EVA);
    const foreign = await browser.get(world.linkOf(world.global, EVA, world.slotOf(world.global, DEV)));
    expect(foreign.status).toBe(403);
    expect(foreign.text).toContain("This link is for somebody else");
    world.now = plus(START, 14 * DAY_MS);
    expect((await browser.get(world.linkOf(world.global, EVA))).status).toBe(410);
  });

  it("signs nothing that was answered behind the page, and sees it first", async () => {
    const browser = await world.browserOf(EVA);
    const page = await browser.get(world.linkOf(world.global, EVA));
    const n = await world.numberOf(world.helpdesk, DEV);
    const slot = world.slotOf(world.helpdesk, EVA);
    await world.tables.changes.keepAnswers(world.helpdesk, slot, {
      [n]: { choice: "keep", reason: "planted", about: "dev" },
    });
    const shown = await browser.press(page, "sign", await world.fieldsFor(world.global, EVA, ADA, "keep"));
    expect(shown.text).toContain("What is answered was changed since this page was shown");
    expect(shown.text).toMatch(/Helpdesk Administrator : 1 of 2 answered/);
    const signing = await browser.press(shown, "sign");
    expect(signing.headers["location"]).toContain(LOGIN_URL);
  });

  it("loses no answer to a review that closed while the page was open, without being told", async () => {
    const browser = await world.browserOf(EVA);
    const page = await browser.get(world.linkOf(world.global, EVA));
    const row = (await world.tables.changes.load(world.helpdesk))?.row;
    const working = {
      status: "Working" as const,
      since: world.now,
      step: 0,
      done: 0,
      total: 2,
      notBefore: plus(world.now, DAY_MS),
    };
    await world.tables.changes.putState(world.helpdesk, working, row?.etag);
    const kept = await browser.press(page, "sign", await world.answersOfEva());
    expect(kept.text).toContain("a role on this page takes no answers any more");
    expect(kept.text).toContain("2 of 2 answered");
  });
});

describe("a reviewer who takes longer for a page than their session lasts", () => {
  const PAGE_OPEN_MS = 9 * HOUR_MS;
  let browser: Browser;
  let shown: Page;
  beforeEach(async () => {
    browser = await world.browserOf(EVA);
    shown = await browser.get(world.linkOf(world.global, EVA));
    world.now = plus(world.now, PAGE_OPEN_MS);
  });

  it("has their answers kept, sees nothing before they signed in again, and then finds the page as they left it", async () => {
    const sent = await browser.press(shown, "save", await world.answersOfEva());
    expect([sent.status, sent.text]).toEqual([303, ""]);
    const back = await browser.signIn(sent, EVA.dailyAccount);
    expect(back.headers["location"]).toBe(`${new URL(world.linkOf(world.global, EVA)).pathname}?page=1`);
    expect((await browser.get(world.linkOf(world.global, EVA))).text).toContain("3 of 4 answered");
  });

  it("signs at once, with the one sign-in that this needs anyway", async () => {
    const sent = await browser.press(shown, "sign", await world.answersOfEva());
    expect(new URL(sent.headers["location"] ?? "").searchParams.get("context")).toBe("c1");
    await browser.signIn(sent, EVA.dailyAccount);
    await world.runReviews();
    expect([world.verdicts(world.global), world.verdicts(world.helpdesk)]).toEqual([1, 1]);
  });

  it("has nothing kept for somebody else, who signed in to the same browser meanwhile", async () => {
    const other = await browser.get(world.linkOf(world.global, DEV));
    await browser.signIn(await browser.press(other, "signIn"), DEV.dailyAccount);
    expect((await browser.press(shown, "save", await world.answersOfEva())).status).toBe(403);
    expect(await world.tables.changes.answers(world.global, world.slotOf(world.global, EVA))).toEqual({});
  });

  it("has nothing kept on the next day, nor from a page of somebody else", async () => {
    const foreign = await browser.press(shown, "save", await world.answersOfEva(), { "sec-fetch-site": "cross-site" });
    world.now = plus(world.now, HOUR_MS);
    const tooLate = await browser.press(shown, "save", await world.answersOfEva());
    expect([foreign.status, tooLate.status]).toEqual([403, 403]);
    expect(await world.tables.changes.answers(world.global, world.slotOf(world.global, EVA))).toEqual({});
  });

  it("is told where the review was over before", async () => {
    await world.toTheEnd();
    world.now = plus(START, PAGE_OPEN_MS); // the form lasts still
    expect((await browser.press(shown, "save", await world.answersOfEva())).text).toContain("neither kept nor signed");
  });
});

describe("who stands in", () => {
  const DAYS_11 = 11 * DAY_MS;
  beforeEach(async () => {
    const escalation = { afterMs: 10 * DAY_MS, to: [{ kind: "group" as const, group: APPROVERS }] }; // Cora and Dev
    world = new ReviewedWorld({ ...REVIEWED, escalation });
    await world.open();
  });

  it("finds the roles that escalated, and no others", async () => {
    await world.signs(EVA, await world.fieldsFor(world.global, EVA, ADA, "keep"));
    await world.runReviews(); // Global Administrator was answered by somebody
    world.now = plus(START, DAYS_11);
    await world.runReviews();
    const browser = await world.browserOf(CORA);
    const { text } = await browser.get(world.linkOf(world.helpdesk, CORA, world.slotOf(world.helpdesk, CORA, true)));
    expect(text).toContain("Helpdesk Administrator");
    expect(text).toContain("you stand in for the reviewers");
    expect(text).not.toContain("Global Administrator");
  });

  it("signs for all of them at once", async () => {
    world.now = plus(START, DAYS_11);
    await world.runReviews();
    const slot = world.slotOf(world.helpdesk, CORA, true);
    const fields = {
      ...(await world.fieldsFor(world.global, CORA, ADA, "keep", world.slotOf(world.global, CORA, true))),
      ...(await world.fieldsFor(world.helpdesk, CORA, DEV, "keep", slot)),
    };
    await world.signs(CORA, fields, world.linkOf(world.helpdesk, CORA, slot));
    await world.runReviews();
    await world.toTheEnd();
    expect(await world.outcomes(world.global)).toEqual(["ada: keep by cora", "cora: remove by nobody"]);
    expect(await world.outcomes(world.helpdesk)).toEqual(["ada: remove by nobody", "dev: keep by cora"]);
  });
});

describe("a manager", () => {
  /** Cora manages Ada, and stands in for everybody. */
  beforeEach(async () => {
    const escalation = { afterMs: 10 * DAY_MS, to: [{ kind: "group" as const, group: APPROVERS }] };
    world = new ReviewedWorld({ ...REVIEWED, reviewers: [{ kind: "manager" }, ...REVIEWED.reviewers], escalation });
    world.directory.managerOf.set(ADA.dailyAccount, CORA.dailyAccount);
    world.directory.principals.set(CORA.dailyAccount, { ...principalOf(CORA) });
    await world.open();
  });
  const principalOf = ({ dailyAccount: id, name }: Person) => ({
    id,
    kind: "user" as const,
    name,
    enabled: true,
    guest: false,
    synchronised: false,
  });

  it("sees their own people in both roles, and keeps no answer about anybody else", async () => {
    const browser = await world.browserOf(CORA);
    const link = world.linkOf(world.global, CORA);
    const page = await browser.get(link);
    expect(page.text).toContain("0 of 2 answered");
    const slot = world.slotOf(world.helpdesk, CORA);
    await browser.press(page, "save", await world.fieldsFor(world.helpdesk, CORA, DEV, "keep"));
    expect(await world.tables.changes.answers(world.helpdesk, slot)).toEqual({});
  });

  it("who also stands in is asked about nobody twice, and signs both at once", async () => {
    world.now = plus(START, 11 * DAY_MS);
    await world.runReviews();
    const [own, other] = [world.slotOf(world.helpdesk, CORA), world.slotOf(world.helpdesk, CORA, true)];
    const link = world.linkOf(world.helpdesk, CORA);
    const page = await (await world.browserOf(CORA)).get(link);
    expect(page.html.match(/<legend[^>]*>\s*ada/g)).toHaveLength(2); // once for each role
    await world.signs(
      CORA,
      {
        ...(await world.fieldsFor(world.helpdesk, CORA, ADA, "keep", own)),
        ...(await world.fieldsFor(world.helpdesk, CORA, DEV, "keep", other)),
      },
      link,
    );
    await world.runReviews();
    await world.toTheEnd();
    expect(await world.outcomes(world.helpdesk)).toEqual(["ada: keep by cora", "dev: keep by cora"]);
  });
});
