import { beforeEach, describe, expect, it } from "vitest";
import { NOTICES } from "../../../../functions/front/notices.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import type { VerifiedSignIn } from "../../../../shared/ports/sign-in.ts";
import { Browser, MemoryFront, PUBLIC_URL, type Page } from "../../../support/memory-front.ts";
import { START } from "../../../support/memory-directory.ts";
import { ACTIVATION, ADA, adminOf, CORA, MemoryWorld } from "../../../support/memory-world.ts";

let world: MemoryWorld;
let memory: MemoryFront;
let browser: Browser;

const proofs = async () => (await world.record()).pending.filter(({ body }) => body.kind === "proof");
const expectFailure = (page: Page): void => {
  expect(page.status).toBe(400);
  expect(page.text).toContain(NOTICES.signInFailed.title);
  expect(page.html).not.toContain("<form"); // one page, never a second challenge
};

beforeEach(async () => {
  world = new MemoryWorld();
  memory = new MemoryFront(world);
  browser = new Browser(memory);
  await world.claim();
  await world.run();
});

/** Pressed "I asked for this": on the way to the login. */
async function onTheWay(): Promise<Page> {
  const link = memory.front.links.signed("stepUp", ACTIVATION, 0, plus(START, HOUR_MS));
  return browser.press(await browser.get(link), "confirm");
}

describe("the answer of the login", () => {
  it("is written down before the bell is rung, and leads to the activation's page with a session", async () => {
    const done = await browser.signIn(await onTheWay(), adminOf(ADA));
    expect(done.headers["location"]).toBe(`${PUBLIC_URL}/api/a/${ACTIVATION}`);
    expect(await proofs()).toMatchObject([{ dueAt: plus(world.now, 30_000) }]);
    expect([...browser.cookies.keys()]).toEqual(["__Host-zs-session"]);
    expect((await browser.get(done.headers["location"] ?? "")).text).toContain("Global Administrator for ada");
  });

  it("is kept when the bell cannot be rung", async () => {
    memory.bellFails = true;
    expect((await browser.signIn(await onTheWay(), adminOf(ADA))).status).toBe(303);
    expect(await proofs()).toHaveLength(1);
  });

  it("counts once, also from two tabs at the same moment", async () => {
    const way = await onTheWay();
    const cookies = new Map(browser.cookies);
    const answer = memory.login(way.headers["location"] ?? "", adminOf(ADA));
    const second = new Browser(memory);
    for (const [name, value] of cookies) second.cookies.set(name, value);
    const pages = await Promise.all([browser.callback(answer), second.callback(answer)]);
    expect(pages.map(({ status }) => status).toSorted()).toEqual([303, 400]);
    expect(await proofs()).toHaveLength(1);
    expectFailure(await browser.callback(answer));
  });

  it("is refused with another state, or in another browser, and its code is not even redeemed", async () => {
    const answer = memory.login((await onTheWay()).headers["location"] ?? "", adminOf(ADA));
    expectFailure(await new Browser(memory).callback(answer));
    expectFailure(await browser.callback({ ...answer, state: "other" }));
    expect(memory.redeemed).toEqual([]);
    expect(await proofs()).toEqual([]);
  });

  it("of an older tab, or of a page that knows nothing of this sign-in, does not spoil the one under way", async () => {
    const older = memory.login((await onTheWay()).headers["location"] ?? "", adminOf(ADA));
    const newer = memory.login((await onTheWay()).headers["location"] ?? "", adminOf(ADA));
    expectFailure(await browser.callback(older));
    expectFailure(await browser.callback({ state: "guessed", error: "access_denied" }));
    expect((await browser.callback(newer)).status).toBe(303);
    expect(await proofs()).toHaveLength(1);
  });

  it("is refused when it comes later than ten minutes", async () => {
    const way = await onTheWay();
    world.now = plus(world.now, 10 * MINUTE_MS);
    expectFailure(await browser.signIn(way, adminOf(ADA)));
  });

  it("is one clear page when the person cancelled or the login failed", async () => {
    const state = new URL((await onTheWay()).headers["location"] ?? "").searchParams.get("state") ?? "";
    expectFailure(await browser.callback({ state, error: "access_denied", error_description: "<script>" }));
    expect(browser.cookies.has("__Host-zs-signin")).toBe(false);
  });

  it("is refused when the code gives no token, a forged one, or one for another sign-in", async () => {
    const way = await onTheWay();
    const { state } = memory.login(way.headers["location"] ?? "", adminOf(ADA));
    expectFailure(await browser.callback({ state: state ?? "", code: "unknown" }));
    expectFailure(await browser.signIn(await onTheWay(), adminOf(ADA), { nonce: "other" }));
    expect(await proofs()).toEqual([]);
  });

  it.each<[string, Partial<VerifiedSignIn>]>([
    ["without the authentication context", { authenticationContexts: [] }],
    ["with another context", { authenticationContexts: ["c2"] }],
    ["that is too old", { authenticatedAt: plus(START, -11 * MINUTE_MS) }],
  ])("shows one page for a sign-in %s, and leaves the refusal to the worker", async (_, changes) => {
    const page = await browser.signIn(await onTheWay(), adminOf(ADA), changes);
    expect(page.status).toBe(403);
    expect(page.text).toContain(NOTICES.signInFailed.title);
    expect(page.html).not.toContain("<form");
    expect((await world.run()).status).toBe("AwaitingStepUp");
    expect(world.tables.chains.get(ACTIVATION)?.at(-1)).toMatchObject({ type: "ProofRefused" });
  });

  it("tells somebody else, another account of the same person, and an account of nobody apart", async () => {
    const nobody = "00000000-0000-4000-8000-000000000777" as typeof ADA.dailyAccount;
    for (const [account, notice] of [
      [CORA.dailyAccount, NOTICES.foreign],
      [ADA.dailyAccount, NOTICES.wrongAccount],
      [nobody, NOTICES.unknownPerson],
    ] as const) {
      const page = await browser.signIn(await onTheWay(), account);
      expect(page.status).toBe(403);
      expect(page.text).toContain(notice.title);
    }
    expect((await world.run()).status).toBe("AwaitingStepUp");
    expect(browser.cookies.size).toBe(0);
  });

  it("never logs a token, a code or a state", async () => {
    const way = await onTheWay();
    memory.bellFails = true;
    const answer = memory.login(way.headers["location"] ?? "", adminOf(ADA));
    await browser.callback(answer);
    const log = memory.logged.join("\n");
    expect(log).toContain("bell lost");
    for (const secret of Object.values(answer)) expect(log).not.toContain(secret);
  });

  it("survives a broken cookie and a body that is no form", async () => {
    browser.cookies.set("__Host-zs-signin", "A".repeat(100));
    expectFailure(await browser.callback({ state: "x", code: "y" }));
    await onTheWay();
    const page = await browser.post(`${PUBLIC_URL}/api/sign-in/callback`, {}, { "content-type": "text/plain" });
    expectFailure(page);
  });
});
