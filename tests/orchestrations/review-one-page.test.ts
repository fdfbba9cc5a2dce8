import { beforeEach, describe, expect, it } from "vitest";
import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import { signInNonce } from "../../shared/crypto/nonce.ts";
import { coveringContent, partsText, type SignedPart } from "../../shared/crypto/signed-answers.ts";
import type { ChangeId } from "../../shared/domain/change.ts";
import type { DirectoryScopeId, PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import { DAY_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { SignInProof } from "../../shared/ports/sealing.ts";
import { closeCampaign } from "../../functions/review/close-campaign.ts";
import { answersDigest } from "../../functions/review/resolve-item.ts";
import { Crash } from "../support/crash.ts";
import { START } from "../support/memory-directory.ts";
import { Browser, LOGIN_URL } from "../support/memory-front.ts";
import { ADA, adminOf, APPROVERS, CORA, DEV, EVA, ROLE } from "../support/memory-world.ts";
import { HELPDESK, REVIEWED, ReviewedWorld } from "../support/reviewed-world.ts";

let world: ReviewedWorld;
beforeEach(async () => {
  world = new ReviewedWorld();
  await world.open();
});

/** Eva keeps Ada and has Cora removed as Global Administrator, and keeps Ada at the helpdesk. */
const answersOfEva = async (): Promise<Record<string, string>> => ({
  ...(await world.fieldsFor(world.global, EVA, ADA, "keep")),
  ...(await world.fieldsFor(world.global, EVA, CORA, "remove")),
  ...(await world.fieldsFor(world.helpdesk, EVA, ADA, "keep")),
});
/** One more account, of nobody whom the people map knows. */
async function eligibleAtHelpdesk(into: ReviewedWorld, n: number): Promise<void> {
  const principalId = `00000000-0000-4000-8000-${String(n + 2_000).padStart(12, "0")}` as PrincipalId;
  const writing = { durationMs: undefined, justification: "", correlationId: "" };
  const row = { principalId, roleDefinitionId: HELPDESK, directoryScopeId: "/" as DirectoryScopeId };
  await into.directory.makeEligible(row, writing);
}
const refusals = (review: ChangeId): readonly unknown[] =>
  world
    .records(review)
    .filter(({ type }) => type === "ProofRefused")
    .map(({ data }) => (data as { readonly problem: string }).problem);
const verdicts = (review: ChangeId): number => world.tables.changes.stored.get(review)?.verdicts.size ?? 0;
const receipt = async (link = world.linkOf(world.global, EVA)): Promise<string> =>
  (await (await world.browserOf(EVA)).get(`${link}?signed`)).text;

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
    const done = await world.signs(EVA, await answersOfEva());
    expect(done.status).toBe(303);
    expect(done.headers["location"]).toMatch(/^\/api\/l\/[\w-]+\?signed$/);
    expect(await receipt()).toContain("Being checked");
    await world.runReviews();
    expect(await receipt()).toMatch(
      /Signed .*Global Administrator 2 of 2 answered, signed on .*Helpdesk Administrator 1 of 2/,
    );
    await world.toTheEnd();
    expect(await world.outcomes(world.global)).toEqual(["ada: keep by eva", "cora: remove by eva"]);
    expect(await world.outcomes(world.helpdesk)).toEqual(["ada: keep by eva", "dev: remove by nobody"]);
  });

  it("is told at each role what is not signed yet", async () => {
    await world.signs(EVA, await answersOfEva());
    await world.runReviews();
    const browser = await world.browserOf(EVA);
    const link = world.linkOf(world.helpdesk, EVA);
    const more = await world.fieldsFor(world.helpdesk, EVA, DEV, "keep");
    const { text } = await browser.press(await browser.get(link), "save", more);
    expect(text).toContain("4 of 4 answered");
    expect(text).toContain("not everything below is signed");
    expect(text).toMatch(/Global Administrator : 2 of 2 answered, signed/);
    expect(text).toMatch(/Helpdesk Administrator : 2 of 2 answered, changed since you signed/);
    expect(await receipt(link)).toMatch(
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
    const n = (await world.tables.changes.items(world.helpdesk)).findIndex((item) => item.principalId === group) + 1;
    const slot = world.slotOf(world.helpdesk, EVA);
    const key = `${world.helpdesk}-${slot}-${n}`;
    const browser = await world.browserOf(EVA);
    const fields = { [`c${key}`]: "keep", [`r${key}`]: "mine" };
    await browser.press(await browser.get(world.linkOf(world.helpdesk, EVA)), "save", fields);
    expect(await world.tables.changes.answers(world.helpdesk, slot)).toEqual({});
  });

  it("goes on with one role while the other is over, and is told what does not count", async () => {
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await answersOfEva());
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
    expect([verdicts(world.global), verdicts(world.helpdesk)]).toEqual([1, 0]);
    expect(refusals(world.helpdesk)).toEqual(["NotAskedNow"]);
    expect(await receipt()).toMatch(
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
    await world.tables.changes.keepAnswers(world.helpdesk, slot, { [n]: { choice: "keep", reason: "planted" } });
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
    const kept = await browser.press(page, "sign", await answersOfEva());
    expect(kept.text).toContain("a role on this page takes no answers any more");
    expect(kept.text).toContain("2 of 2 answered");
  });
});

describe("a sign-in under several reviews, as the worker meets it", () => {
  /** What Eva signs for, honestly, once her answers are kept. */
  async function partFor(review: ChangeId, by: Person = EVA): Promise<SignedPart> {
    const slot = world.slotOf(review, by);
    const sheet = await world.tables.changes.answers(review, slot);
    const requestDigest = sha256Hex(world.tables.changes.frozenRows.get(review)?.body ?? "");
    return { review, requestDigest, slot, answersDigest: answersDigest(sheet) };
  }

  async function kept(): Promise<void> {
    const browser = await world.browserOf(EVA);
    await browser.press(await browser.get(world.linkOf(world.global, EVA)), "save", await answersOfEva());
  }

  /** Puts a completed sign-in under a review as whoever writes rows would; `changes` spoil what is handed over. */
  async function handsOver(
    under: ChangeId,
    text: string,
    changes: Partial<SignInProof> & { readonly account?: PrincipalId; readonly campaign?: string } = {},
  ): Promise<void> {
    const content = coveringContent(text);
    const random = "random".repeat(5);
    const { account = EVA.dailyAccount, campaign = world.campaign, ...spoilt } = changes;
    const nonce = signInNonce({ purpose: "reviews", requestDigest: campaign, content, random });
    const token = { account, nonce, authenticatedAt: world.now, authenticationContexts: ["c1"] };
    const proof = {
      purpose: "reviews",
      idToken: JSON.stringify(token),
      random,
      slot: 0,
      content,
      parts: text,
      ...spoilt,
    };
    await world.ask(`proof-${nonce}`, { kind: "proof", sealed: JSON.stringify(proof) }, under);
    await world.runChange(under);
  }

  it("counts in each review for its own part", async () => {
    await kept();
    const text = partsText([await partFor(world.global), await partFor(world.helpdesk)]);
    for (const review of [world.global, world.helpdesk]) await handsOver(review, text);
    expect([verdicts(world.global), verdicts(world.helpdesk)]).toEqual([1, 1]);
  });

  it.each<[string, string, () => Promise<void>]>([
    [
      "of another review alone",
      "NotForThisRequest",
      async () => handsOver(world.global, partsText([await partFor(world.helpdesk)])),
    ],
    [
      "with another list than was signed",
      "NotForThisRequest",
      async () =>
        handsOver(world.global, partsText([await partFor(world.helpdesk)]), {
          parts: partsText([await partFor(world.global)]),
        }),
    ],
    [
      "with the answers of another review in its part",
      "BadContent",
      async () => {
        const { answersDigest: other } = await partFor(world.helpdesk);
        await handsOver(world.global, partsText([{ ...(await partFor(world.global)), answersDigest: other }]));
      },
    ],
    [
      "for the review as somebody else made it out to be",
      "NotForThisRequest",
      async () =>
        handsOver(world.global, partsText([{ ...(await partFor(world.global)), requestDigest: "f".repeat(64) }])),
    ],
    [
      "for another campaign",
      "NotForThisRequest",
      async () => handsOver(world.global, partsText([await partFor(world.global)]), { campaign: "f".repeat(32) }),
    ],
    [
      "for the slot of another reviewer",
      "WrongPerson",
      async () => handsOver(world.global, partsText([await partFor(world.global, DEV)])),
    ],
    [
      "by somebody who is no reviewer",
      "WrongPerson",
      async () => handsOver(world.global, partsText([await partFor(world.global)]), { account: ADA.dailyAccount }),
    ],
    [
      "under the purpose of a single change",
      "NotForThisRequest",
      async () => handsOver(world.global, partsText([await partFor(world.global)]), { purpose: "change" }),
    ],
    [
      "whose list is not there",
      "NotForThisRequest",
      async () => handsOver(world.global, partsText([await partFor(world.global)]), { parts: "" }),
    ],
    [
      "whose list is written in another way",
      "NotForThisRequest",
      async () => handsOver(world.global, ` ${partsText([await partFor(world.global)])}`),
    ],
  ])("is refused, and that is written down: one %s", async (_what, problem, attack) => {
    await kept();
    await attack();
    expect(verdicts(world.global)).toBe(0);
    expect(refusals(world.global)).toEqual([problem]);
  });

  it("does not count in the review whose answers were changed after it, and does in the others", async () => {
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await answersOfEva());
    const n = await world.numberOf(world.helpdesk, DEV);
    const slot = world.slotOf(world.helpdesk, EVA);
    await world.tables.changes.keepAnswers(world.helpdesk, slot, { [n]: { choice: "keep", reason: "forged" } });
    await browser.signIn(sent, EVA.dailyAccount);
    await world.runReviews();
    expect([verdicts(world.global), verdicts(world.helpdesk)]).toEqual([1, 0]);
    expect(refusals(world.helpdesk)).toEqual(["BadContent"]);
    expect(await receipt()).toMatch(/Helpdesk Administrator 2 of 2 answered, not signed: sign again/);
  });

  it("counts once, whoever sends it or its rows again", async () => {
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await answersOfEva());
    const cookies = new Map(browser.cookies);
    const login = world.memory.login(sent.headers["location"] ?? "", EVA.dailyAccount);
    expect((await browser.callback(login)).status).toBe(303);
    const rows = await world.tables.store.waiting(world.helpdesk);
    const second = new Browser(world.memory);
    for (const [name, value] of cookies) second.cookies.set(name, value);
    expect((await second.callback(login)).status).toBe(400);
    await world.runReviews();
    const before = world.records(world.helpdesk).length;
    for (const row of rows) await world.tables.store.ask(row);
    await world.runReviews();
    expect([verdicts(world.helpdesk), world.records(world.helpdesk).length]).toEqual([1, before]);
  });

  it("counts as it was for each of two that were under way at once", async () => {
    const browser = await world.browserOf(EVA);
    const link = world.linkOf(world.global, EVA);
    const first = await browser.press(await browser.get(link), "sign", await answersOfEva());
    const cookies = new Map(browser.cookies);
    const second = await browser.press(
      await browser.get(link),
      "sign",
      await world.fieldsFor(world.helpdesk, EVA, DEV, "keep"),
    );
    const older = new Browser(world.memory);
    for (const [name, value] of cookies) older.cookies.set(name, value);
    for (const page of await Promise.all([
      older.signIn(first, EVA.dailyAccount),
      browser.signIn(second, EVA.dailyAccount),
    ]))
      expect(page.status).toBe(303);
    await world.runReviews();
    expect([verdicts(world.global), verdicts(world.helpdesk)]).toEqual([2, 1]);
    expect(refusals(world.helpdesk)).toEqual(["BadContent"]); // the older one, of answers that are no more
    expect(await receipt()).toContain("Everything that you answered counts.");
  });

  it("is not begun with answers that somebody took away behind it", async () => {
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await answersOfEva());
    for (const [key, text] of world.tables.changes.partsRows)
      world.tables.changes.partsRows.set(key, text.replaceAll(/"slot":\d/g, '"slot":1'));
    const done = await browser.signIn(sent, EVA.dailyAccount);
    expect([done.status, verdicts(world.global)]).toEqual([409, 0]);
    expect(done.text).toContain("Nothing was signed");
    expect(await world.tables.store.waiting(world.global)).not.toContainEqual(
      expect.objectContaining({ body: expect.objectContaining({ kind: "proof" }) as unknown }),
    );
  });

  it("reaches every review also where the page dies after the first row, whatever is repeated", async () => {
    const { front } = world.memory;
    const { store } = front;
    let asked = 0;
    const dying = {
      ask: (row: Parameters<typeof store.ask>[0]) =>
        (asked += 1) === 1 ? store.ask(row) : Promise.reject(new DependencyError("Unavailable", "the table")),
    };
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await answersOfEva());
    Object.assign(front, { store: Object.assign(Object.create(store) as object, dying) });
    expect((await browser.signIn(sent, EVA.dailyAccount)).status).toBe(503);
    Object.assign(front, { store });
    world.now = plus(world.now, MINUTE_MS);
    for (let round = 0; round < 2; round += 1) {
      await world.runReviews();
      await world.sweep();
      await world.runReviews();
    }
    expect([verdicts(world.global), verdicts(world.helpdesk)]).toEqual([1, 1]);
    expect(await receipt()).toContain("Everything that you answered counts.");
    expect((await world.tables.store.waiting(world.global)).filter(({ body }) => body.kind === "proof")).toEqual([]);
    expect((await world.tables.store.waiting(world.helpdesk)).filter(({ body }) => body.kind === "proof")).toEqual([]);
  });

  it("signs nothing where not even the first row can be written, and says so", async () => {
    const { front } = world.memory;
    const { store } = front;
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await answersOfEva());
    const away = { ask: () => Promise.reject(new DependencyError("Unavailable", "the table")) };
    Object.assign(front, { store: Object.assign(Object.create(store) as object, away) });
    const done = await browser.signIn(sent, EVA.dailyAccount);
    expect(done.text).toContain("Nothing was decided or changed; try again in a minute.");
    Object.assign(front, { store });
    await world.signs(EVA, {});
    await world.runReviews();
    expect([verdicts(world.global), verdicts(world.helpdesk)]).toEqual([1, 1]);
  });

  it("is passed on to no change beside the campaign", async () => {
    await kept();
    const foreign = "0".repeat(31).concat("1") as ChangeId;
    const own = await partFor(world.global);
    const first = { ...own, review: foreign };
    await handsOver(world.global, partsText([own, first, await partFor(world.helpdesk)]));
    expect(await world.tables.store.waiting(foreign)).toEqual([]);
  });

  it("of the earlier form, for one review, still counts", async () => {
    await kept();
    const { slot, answersDigest: digest } = await partFor(world.global);
    await world.signsFor(world.global, EVA, { kind: "review", answersDigest: digest }, { slot });
    await world.runChange(world.global);
    expect(verdicts(world.global)).toBe(1);
    expect(canonicalJson(refusals(world.global))).toBe("[]");
  });
});

describe("what is to be signed", () => {
  it("is carried through the browser as its digest alone, however many roles a campaign has", async () => {
    const browser = await world.browserOf(EVA);
    await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await answersOfEva());
    expect((browser.cookies.get("__Host-zs-signin") ?? "").length).toBeLessThan(2_000);
    expect([...world.tables.changes.partsRows.values()].map((text) => JSON.parse(text) as unknown)).toMatchObject([
      [{ review: expect.any(String) as string }, { review: expect.any(String) as string }],
    ]);
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

describe("a campaign of two roles whose worker is killed", () => {
  async function story(crash: Crash): Promise<readonly string[]> {
    world = new ReviewedWorld();
    const { changeWorker } = world;
    const { store, audit, directory, notifier, changes } = changeWorker;
    const guarded = { store, audit, directory, notifier, changes };
    const again = async <T>(work: () => Promise<T>): Promise<T> => work().catch(() => work());
    await world.begin();
    for (const [name, port] of Object.entries(guarded)) Object.assign(changeWorker, { [name]: crash.guard(port) });
    await world.runReviews();
    // The page dies after the first row: the worker hands the sign-in on.
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await answersOfEva());
    const { front } = world.memory;
    let asked = 0;
    const ask = (row: Parameters<typeof store.ask>[0]): Promise<boolean> =>
      (asked += 1) === 1 ? store.ask(row) : Promise.reject(new DependencyError("Unavailable", "the table"));
    Object.assign(front, { store: Object.assign(Object.create(store) as object, { ask }) });
    await browser.signIn(sent, EVA.dailyAccount);
    Object.assign(front, { store });
    for (let round = 0; round < 2; round += 1) await world.runReviews();
    await world.toTheEnd();
    await again(() => closeCampaign(changeWorker, world.campaign));
    const told = new Set(world.mails.map(({ to, subject }) => `${to} ${subject.slice(0, 15)}`));
    return [
      ...(await world.outcomes(world.global)),
      ...(await world.outcomes(world.helpdesk)),
      `verdicts ${verdicts(world.global)} ${verdicts(world.helpdesk)}`,
      ...[EVA, DEV]
        .flatMap(({ mail }) => ["Access review: ", "Access review 1"].map((kind) => told.has(`${mail} ${kind}`)))
        .map(String),
    ];
  }

  it("loses no answer and tells everybody, at whichever call it dies, before the effect or after it", async () => {
    const whole = new Crash(0, "before");
    const expected = await story(whole);
    expect(expected).toEqual([
      "ada: keep by eva",
      "cora: remove by eva",
      "ada: keep by eva",
      "dev: remove by nobody",
      "verdicts 1 1",
      ...Array.from({ length: 4 }, () => "true"),
    ]);
    expect(whole.calls).toBeGreaterThan(60);
    for (const when of ["before", "after"] as const)
      for (let at = 1; at <= whole.calls; at += 1)
        expect({ at, when, came: await story(new Crash(at, when)) }).toEqual({ at, when, came: expected });
  });
});
