import { beforeEach, describe, expect, it } from "vitest";
import { answersDigest } from "../../functions/review/resolve-item.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import { signInNonce } from "../../shared/crypto/nonce.ts";
import { coveringContent, partsText, type SignedPart } from "../../shared/crypto/signed-answers.ts";
import type { ChangeId } from "../../shared/domain/change.ts";
import type { Page } from "../support/memory-front.ts";
import { CORA, DEV, EVA } from "../support/memory-world.ts";
import { ReviewedWorld } from "../support/reviewed-world.ts";

let world: ReviewedWorld;

/** The policy asks for another authentication context between the opening of the one review and of the other. */
beforeEach(async () => {
  world = new ReviewedWorld();
  await world.begin();
  await world.runChange(world.global);
  const { policy } = world;
  const roles = policy.roles.map((role) => ({ ...role, stepUp: { ...role.stepUp, authenticationContext: "c2" } }));
  world.policy = { ...policy, roles };
  await world.runChange(world.helpdesk);
});

const contextOf = ({ headers }: Page): string => new URL(headers["location"] ?? "").searchParams.get("context") ?? "";
const verdicts = (): readonly number[] => [world.verdicts(world.global), world.verdicts(world.helpdesk)];

/** Eva presses "sign" and goes through the login, which gives what it is asked for; answers what that was. */
async function signs(fields: Readonly<Record<string, string>>): Promise<string> {
  const browser = await world.browserOf(EVA);
  const sent = await browser.press(await browser.get(world.linkOf(world.global, EVA)), "sign", fields);
  expect((await browser.signIn(sent, EVA.dailyAccount)).status).toBe(303);
  await world.runReviews();
  return contextOf(sent);
}

describe("a reviewer of two roles, whose reviews ask for different authentication contexts", () => {
  it("signs twice, is told in between which role is not signed, and what they answered in both counts", async () => {
    expect(await signs(await world.answersOfEva())).toBe("c1");
    expect(verdicts()).toEqual([1, 0]);
    expect(await world.receiptOf(EVA)).toMatch(
      /Not everything is signed .*sign again on the page.*Global Administrator 2 of 2 answered, signed on .*Helpdesk Administrator 1 of 2 answered, not signed: sign again.*Back to the page/,
    );
    const { text } = await (await world.browserOf(EVA)).get(world.linkOf(world.helpdesk, EVA));
    expect(text).toMatch(
      /Global Administrator : 2 of 2 answered, signed .*Helpdesk Administrator : 1 of 2 answered, not signed yet/,
    );
    expect(await signs({})).toBe("c2");
    expect(verdicts()).toEqual([1, 1]);
    expect(await world.receiptOf(EVA)).toContain("Everything that you answered counts.");
    await world.toTheEnd();
    expect(await world.outcomes(world.global)).toEqual(["ada: keep by eva", "cora: remove by eva"]);
    expect(await world.outcomes(world.helpdesk)).toEqual(["ada: keep by eva", "dev: remove by nobody"]);
  });

  it("signs again under the context of the role whose answers they changed", async () => {
    await signs(await world.answersOfEva());
    await signs({});
    expect(await signs(await world.fieldsFor(world.helpdesk, EVA, DEV, "keep"))).toBe("c2");
    expect(await signs(await world.fieldsFor(world.global, EVA, CORA, "keep"))).toBe("c1");
    expect(verdicts()).toEqual([2, 2]);
    expect(await world.receiptOf(EVA)).toContain("Everything that you answered counts.");
  });

  it("has no answer counted where the login gave the context of the other review", async () => {
    await signs(await world.answersOfEva());
    const browser = await world.browserOf(EVA);
    const sent = await browser.press(await browser.get(world.linkOf(world.helpdesk, EVA)), "sign");
    const weaker = await browser.signIn(sent, EVA.dailyAccount, { authenticationContexts: ["c1"] });
    expect(weaker.status).toBe(403);
    await world.runReviews();
    expect(verdicts()).toEqual([1, 0]);
    expect(world.refusals(world.helpdesk)).toEqual(["ContextMissing"]);
  });

  it("has no answer counted by a sign-in under the one context whose list names both reviews", async () => {
    const browser = await world.browserOf(EVA);
    await browser.press(await browser.get(world.linkOf(world.global, EVA)), "save", await world.answersOfEva());
    const reviews = [world.global, world.helpdesk];
    const text = partsText(await Promise.all(reviews.map((review) => partOf(review))));
    const [content, random] = [coveringContent(text), "random".repeat(5)];
    const nonce = signInNonce({ purpose: "reviews", requestDigest: world.campaign, content, random });
    const token = { account: EVA.dailyAccount, nonce, authenticatedAt: world.now, authenticationContexts: ["c1"] };
    const proof = { purpose: "reviews", idToken: JSON.stringify(token), random, slot: 0, content, parts: text };
    for (const review of reviews) {
      await world.ask(`proof-${nonce}`, { kind: "proof", sealed: JSON.stringify(proof) }, review);
      await world.runChange(review);
    }
    expect(verdicts()).toEqual([1, 0]);
    expect(world.refusals(world.helpdesk)).toEqual(["ContextMissing"]);
  });
});

describe("a reviewer of two roles, whose steps up ask for different authentication contexts", () => {
  it("signs both once, under the context of the role of tier 0", async () => {
    world = new ReviewedWorld();
    const { policy } = world;
    const roles = policy.roles.map((role, index) => ({
      ...role,
      tier0: index === 1,
      stepUp: { ...role.stepUp, authenticationContext: index === 1 ? "c2" : "c1" },
    }));
    world.policy = { ...policy, roles };
    await world.open();
    expect(await signs(await world.answersOfEva())).toBe("c2");
    expect(verdicts()).toEqual([1, 1]);
  });
});

async function partOf(review: ChangeId): Promise<SignedPart> {
  const slot = world.slotOf(review, EVA);
  const requestDigest = sha256Hex(world.tables.changes.frozenRows.get(review)?.body ?? "");
  return {
    review,
    requestDigest,
    slot,
    answersDigest: answersDigest(await world.tables.changes.answers(review, slot)),
  };
}
