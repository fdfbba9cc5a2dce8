import { beforeEach, describe, expect, it } from "vitest";
import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import { signInNonce } from "../../shared/crypto/nonce.ts";
import { coveringContent, partsText, type SignedPart } from "../../shared/crypto/signed-answers.ts";
import type { ChangeId } from "../../shared/domain/change.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import { MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { SignInProof } from "../../shared/ports/sealing.ts";
import { close, closingOf } from "../../functions/changes/change-state.ts";
import { closeCampaign } from "../../functions/review/close-campaign.ts";
import { answersDigest } from "../../functions/review/resolve-item.ts";
import { Crash } from "../support/crash.ts";
import { Browser } from "../support/memory-front.ts";
import { ADA, DEV, EVA } from "../support/memory-world.ts";
import { ReviewedWorld } from "../support/reviewed-world.ts";

let world: ReviewedWorld;
beforeEach(async () => {
  world = new ReviewedWorld();
  await world.open();
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
    await browser.press(await browser.get(world.linkOf(world.global, EVA)), "save", await world.answersOfEva());
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
    expect([world.verdicts(world.global), world.verdicts(world.helpdesk)]).toEqual([1, 1]);
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
    expect(world.verdicts(world.global)).toBe(0);
    expect(world.refusals(world.global)).toEqual([problem]);
  });

  it("does not count in the review whose answers were changed after it, and does in the others", async () => {
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(
      await browser.get(world.linkOf(world.global, EVA)),
      "sign",
      await world.answersOfEva(),
    );
    const n = await world.numberOf(world.helpdesk, DEV);
    const slot = world.slotOf(world.helpdesk, EVA);
    await world.tables.changes.keepAnswers(world.helpdesk, slot, {
      [n]: { choice: "keep", reason: "forged", about: "dev" },
    });
    await browser.signIn(sent, EVA.dailyAccount);
    await world.runReviews();
    expect([world.verdicts(world.global), world.verdicts(world.helpdesk)]).toEqual([1, 0]);
    expect(world.refusals(world.helpdesk)).toEqual(["BadContent"]);
    expect(await world.receiptOf(EVA)).toMatch(/Helpdesk Administrator 2 of 2 answered, not signed: sign again/);
  });

  it("counts once, whoever sends it or its rows again", async () => {
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(
      await browser.get(world.linkOf(world.global, EVA)),
      "sign",
      await world.answersOfEva(),
    );
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
    expect([world.verdicts(world.helpdesk), world.records(world.helpdesk).length]).toEqual([1, before]);
  });

  it("counts no more after a later one, also where somebody takes away what is known of it and sends it again", async () => {
    await world.signs(EVA, await world.answersOfEva());
    const earlier = (await world.tables.store.waiting(world.global)).find(({ body }) => body.kind === "proof");
    const slot = world.slotOf(world.global, EVA);
    const before = await world.tables.changes.answers(world.global, slot);
    await world.runReviews();
    const stored = world.tables.changes.stored.get(world.global);
    stored?.verdicts.clear();
    world.now = plus(world.now, MINUTE_MS);
    await world.signs(EVA, await world.fieldsFor(world.global, EVA, ADA, "remove"));
    await world.runReviews();
    world.now = plus(world.now, MINUTE_MS);
    await world.tables.changes.keepAnswers(world.global, slot, before);
    if (earlier) await world.tables.store.ask(earlier);
    await world.runReviews();
    await world.toTheEnd();
    expect(stored?.verdicts.size).toBe(2);
    expect(await world.outcomes(world.global)).toEqual(["ada: remove by eva", "cora: remove by eva"]);
  });

  it("counts as it was for each of two that were under way at once", async () => {
    const browser = await world.browserOf(EVA);
    const link = world.linkOf(world.global, EVA);
    const first = await browser.press(await browser.get(link), "sign", await world.answersOfEva());
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
    expect([world.verdicts(world.global), world.verdicts(world.helpdesk)]).toEqual([2, 1]);
    expect(world.refusals(world.helpdesk)).toEqual(["BadContent"]); // the older one, of answers that are no more
    expect(await world.receiptOf(EVA)).toContain("Everything that you answered counts.");
  });

  it("is not begun with answers that somebody took away behind it", async () => {
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(
      await browser.get(world.linkOf(world.global, EVA)),
      "sign",
      await world.answersOfEva(),
    );
    for (const [key, text] of world.tables.changes.partsRows)
      world.tables.changes.partsRows.set(key, text.replaceAll(/"slot":\d/g, '"slot":1'));
    const done = await browser.signIn(sent, EVA.dailyAccount);
    expect([done.status, world.verdicts(world.global)]).toEqual([409, 0]);
    expect(done.text).toContain("Nothing was signed");
    expect(await world.tables.store.waiting(world.global)).not.toContainEqual(
      expect.objectContaining({ body: expect.objectContaining({ kind: "proof" }) as unknown }),
    );
  });

  /** Eva signs, and the page dies once it has written the first row. */
  async function signsAsThePageDies(meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    const { front } = world.memory;
    const { store } = front;
    let asked = 0;
    const dying = {
      ask: (row: Parameters<typeof store.ask>[0]) =>
        (asked += 1) === 1 ? store.ask(row) : Promise.reject(new DependencyError("Unavailable", "the table")),
    };
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(
      await browser.get(world.linkOf(world.global, EVA)),
      "sign",
      await world.answersOfEva(),
    );
    await meanwhile();
    Object.assign(front, { store: Object.assign(Object.create(store) as object, dying) });
    expect((await browser.signIn(sent, EVA.dailyAccount)).status).toBe(503);
    Object.assign(front, { store });
  }

  it("reaches every review also where the page dies after the first row, whatever is repeated", async () => {
    await signsAsThePageDies();
    world.now = plus(world.now, MINUTE_MS);
    for (let round = 0; round < 2; round += 1) {
      await world.runReviews();
      await world.sweep();
      await world.runReviews();
    }
    expect([world.verdicts(world.global), world.verdicts(world.helpdesk)]).toEqual([1, 1]);
    expect(await world.receiptOf(EVA)).toContain("Everything that you answered counts.");
    expect((await world.tables.store.waiting(world.global)).filter(({ body }) => body.kind === "proof")).toEqual([]);
    expect((await world.tables.store.waiting(world.helpdesk)).filter(({ body }) => body.kind === "proof")).toEqual([]);
  });

  it("reaches the others where the page dies after the first row, and the review of that row is over", async () => {
    await signsAsThePageDies(async () => {
      const record = await world.tables.changes.load(world.global);
      if (record) await close(world.changeWorker, record, "Stopped", closingOf("RecordTampered"));
    });
    for (let minutes = 0; minutes < 3; minutes += 1) {
      world.now = plus(world.now, MINUTE_MS);
      await world.sweep();
      for (const rung of world.resumed.splice(0)) await world.runChange(rung as ChangeId);
    }
    expect([world.verdicts(world.global), world.verdicts(world.helpdesk)]).toEqual([0, 1]);
    for (const review of [world.global, world.helpdesk])
      expect((await world.tables.store.waiting(review)).filter(({ body }) => body.kind === "proof")).toEqual([]);
  });

  it("signs nothing where not even the first row can be written, and says so", async () => {
    const { front } = world.memory;
    const { store } = front;
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(
      await browser.get(world.linkOf(world.global, EVA)),
      "sign",
      await world.answersOfEva(),
    );
    const away = { ask: () => Promise.reject(new DependencyError("Unavailable", "the table")) };
    Object.assign(front, { store: Object.assign(Object.create(store) as object, away) });
    const done = await browser.signIn(sent, EVA.dailyAccount);
    expect(done.text).toContain("Nothing was decided or changed; try again in a minute.");
    Object.assign(front, { store });
    await world.signs(EVA, {});
    await world.runReviews();
    expect([world.verdicts(world.global), world.verdicts(world.helpdesk)]).toEqual([1, 1]);
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
    expect(world.verdicts(world.global)).toBe(1);
    expect(canonicalJson(world.refusals(world.global))).toBe("[]");
  });
});

describe("what is to be signed", () => {
  it("is carried through the browser as its digest alone, however many roles a campaign has", async () => {
    const browser = await world.browserOf(EVA);
    await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", await world.answersOfEva());
    expect((browser.cookies.get("__Host-zs-signin") ?? "").length).toBeLessThan(2_000);
    expect([...world.tables.changes.partsRows.values()].map((text) => JSON.parse(text) as unknown)).toMatchObject([
      [{ review: expect.any(String) as string }, { review: expect.any(String) as string }],
    ]);
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
    const sent = await browser.press(
      await browser.get(world.linkOf(world.global, EVA)),
      "sign",
      await world.answersOfEva(),
    );
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
      `verdicts ${world.verdicts(world.global)} ${world.verdicts(world.helpdesk)}`,
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
