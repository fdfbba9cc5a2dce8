import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { shownRequest } from "../../../../functions/activation/view.ts";
import type { LinkPurpose } from "../../../../shared/crypto/link.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import { Browser, MemoryFront, PUBLIC_URL, type Page } from "../../../support/memory-front.ts";
import { START } from "../../../support/memory-directory.ts";
import {
  ACTIVATION,
  ADA,
  adminOf,
  APPROVE,
  aTicket,
  CORA,
  DEV,
  EVA,
  manualRole,
  MemoryWorld,
} from "../../../support/memory-world.ts";

let world: MemoryWorld;
let memory: MemoryFront;
let browser: Browser;

const linkTo = (purpose: LinkPurpose, slot = 0, expiresAt = plus(START, 24 * HOUR_MS)): string =>
  memory.front.links.signed(purpose, ACTIVATION, slot, expiresAt);

const approverLink = async (person = CORA): Promise<string> => {
  const request = shownRequest(await world.record());
  return linkTo("decide", request?.approvers.find((one) => one.person === person.key)?.slot ?? 99);
};

async function openedWorld(one = new MemoryWorld()): Promise<void> {
  world = one;
  memory = new MemoryFront(world);
  browser = new Browser(memory);
  await world.claim();
  await world.run();
}

async function provenWorld(one = new MemoryWorld()): Promise<void> {
  await openedWorld(one);
  await world.stepUp();
  await world.run();
}

/** Signs in to look at the decision page. */
async function decisionPage(person = CORA): Promise<Page> {
  const link = await approverLink(person);
  const back = await browser.signIn(await browser.press(await browser.get(link), "signIn"), person.dailyAccount);
  return browser.get(`${PUBLIC_URL}${back.headers["location"] ?? ""}`);
}

describe("the requester's link", () => {
  beforeEach(() => openedWorld());

  it("shows role, duration, ticket and door before any sign-in, and nothing about a person", async () => {
    const page = await browser.get(linkTo("stepUp"));
    expect(page.status).toBe(200);
    for (const shown of ["Global Administrator", "2 hours", "CHG0030192 (ServiceNow)", "through the API"])
      expect(page.text).toContain(shown);
    for (const hidden of ["rotate the signing key", "Rotate the signing key", ADA.key, ADA.mail, adminOf(ADA)])
      expect(page.html).not.toContain(hidden);
  });

  it("changes nothing by GET or HEAD, however often it is opened", async () => {
    const before = JSON.stringify(await world.record());
    for (const method of ["GET", "HEAD", "GET", "HEAD"] as const) await browser.get(linkTo("stepUp"), method);
    expect(JSON.stringify(await world.record())).toBe(before);
    expect(world.tables.deliveryRows.size).toBe(0);
    expect(memory.rung).toEqual([]);
  });

  it("leads over a fresh sign-in with the role's context to a proof that the worker accepts", async () => {
    const redirect = await browser.press(await browser.get(linkTo("stepUp")), "confirm");
    expect(redirect.status).toBe(303);
    expect(new URL(redirect.headers["location"] ?? "").searchParams.get("context")).toBe("c1");
    const done = await browser.signIn(redirect, adminOf(ADA));
    expect(done).toMatchObject({ status: 303, headers: { location: `${PUBLIC_URL}/api/a/${ACTIVATION}` } });
    expect(memory.rung).toEqual([ACTIVATION]);
    expect((await world.run()).status).toBe("AwaitingApproval");
  });

  it("stops the request when the person did not ask for it, without a sign-in", async () => {
    const page = await browser.press(await browser.get(linkTo("stepUp")), "disown");
    expect(page).toMatchObject({ status: 200 });
    expect(await world.run()).toMatchObject({ status: "Cancelled", closing: { reason: "NotRequestedByPerson" } });
    expect(world.tables.blocks.has(ADA.key)).toBe(true);
  });

  it("stays able to stop a request that somebody else confirmed", async () => {
    await world.stepUp();
    await world.run();
    const page = await browser.get(linkTo("stepUp"));
    expect(page.status).toBe(410);
    expect(page.text).toContain("There is nothing left to do here.");
    await browser.press(page, "disown");
    expect((await world.run()).status).toBe("Cancelled");
  });

  it("does not confirm a request that changed after it was shown", async () => {
    const page = await browser.get(linkTo("stepUp"));
    world.ticket = aTicket({ summary: "Something else" });
    await world.ask("ticket-1", { kind: "ticket", deliveryId: "1", notBefore: null });
    await world.run();
    const answer = await browser.press(page, "confirm");
    expect(answer.status).toBe(409);
    expect(answer.text).toContain("has changed");
    expect((await browser.get(linkTo("stepUp"))).text).toContain("summary");
  });

  it("is closed when the request is over", async () => {
    await world.ask("stop-withdraw", { kind: "stop", how: "withdraw", person: ADA.key, account: ADA.dailyAccount });
    await world.run();
    const page = await browser.get(linkTo("stepUp"));
    expect(page.status).toBe(410);
    expect(page.text).toContain("closed");
  });
});

describe("an approver's link", () => {
  beforeEach(() => provenWorld());

  it("names nobody before the sign-in", async () => {
    const page = await browser.get(await approverLink());
    expect(page.status).toBe(200);
    expect(page.text).toContain("Global Administrator");
    for (const hidden of ["rotate the signing key", "Rotate the signing key", " ada ", " cora ", adminOf(ADA)])
      expect(page.text).not.toContain(hidden);
  });

  it("shows the approver everything that is needed to decide, after an ordinary sign-in", async () => {
    const page = await decisionPage();
    expect(page.status).toBe(200);
    for (const shown of [
      "ada asks for Global Administrator",
      adminOf(ADA),
      "rotate the signing key",
      "Rotate the signing key",
      "2 hours",
      "Security",
      "cora",
      "dev",
    ])
      expect(page.text).toContain(shown);
  });

  it("shows an approver names and durations, not only the ids and codes of the ticket system", async () => {
    const names = { configurationItem: "Entra ID <prod>", assignmentGroup: "Identity Operations" };
    const asks = { role: "Global Administrator", duration: "PT2H", scope: "/" };
    const [configurationItem, assignmentGroup] = ["c1".padEnd(32, "0"), "9a".padEnd(32, "0")];
    const one = new MemoryWorld();
    one.ticket = aTicket({ configurationItem, assignmentGroup, names, asks });
    await provenWorld(one);
    const { text } = await decisionPage();
    expect(text).toContain(`Configuration item Entra ID &lt;prod&gt; (${configurationItem})`);
    expect(text).toContain(`Group Identity Operations (${assignmentGroup})`);
    expect(text).toContain("Asks for duration 2 hours");
    expect(text).toContain("Asks for scope The whole tenant");
    world.ticket = aTicket({
      configurationItem,
      assignmentGroup,
      asks,
      names: { ...names, configurationItem: "Entra" },
    });
    await world.ask("ticket-1", { kind: "ticket", deliveryId: "1", notBefore: null });
    expect((await world.run()).status).toBe("AwaitingApproval"); // a new name of the same thing asks nobody again
  });

  it("shows an approver old and new when the ticket changed", async () => {
    world.ticket = aTicket({ summary: "Something <else>" });
    await world.ask("ticket-1", { kind: "ticket", deliveryId: "1", notBefore: null });
    await world.run();
    await world.stepUp();
    await world.run();
    const { html } = await decisionPage();
    expect(html).toContain("<del>Rotate the signing key</del>");
    expect(html).toContain("<ins>Something &lt;else&gt;</ins>");
  });

  it("leads to an approval that the worker counts", async () => {
    const redirect = await browser.press(await decisionPage(), "approve", { duration: "" });
    await browser.signIn(redirect, CORA.dailyAccount);
    expect((await world.run()).status).toBe("Active");
    expect(world.directory.live()).toHaveLength(1);
  });

  it("leads to an approval for less time", async () => {
    const redirect = await browser.press(await decisionPage(), "approve", { duration: `${30 * MINUTE_MS}` });
    await browser.signIn(redirect, CORA.dailyAccount);
    expect(await world.run()).toMatchObject({ status: "Active", endsAt: plus(world.now, 30 * MINUTE_MS) });
  });

  it("leads to a denial with its reason", async () => {
    const redirect = await browser.press(await decisionPage(), "deny", { reason: "Not\r\nduring \u202Ethe freeze" });
    await browser.signIn(redirect, CORA.dailyAccount);
    expect(await world.run()).toMatchObject({ status: "Denied" });
    const page = await browser.get(await approverLink());
    expect(page.status).toBe(410);
    expect(page.text).toContain("denied: Not during the freeze");
  });

  it("takes no denial without a reason, and no duration that was not offered", async () => {
    const page = await decisionPage();
    expect((await browser.press(page, "deny", { reason: " \n " })).status).toBe(422);
    expect((await browser.press(page, "deny", { reason: "x".repeat(501) })).status).toBe(422);
    for (const duration of ["1", "-1", `${3 * HOUR_MS}`, "1e3"])
      expect((await browser.press(page, "approve", { duration })).status, duration).toBe(422);
  });

  it("approves once, and names who decided to people who are asked", async () => {
    await openedWorld(new MemoryWorld(manualRole({ requirements: manualTwo() })));
    await world.stepUp();
    await world.run();
    await world.decide(CORA, APPROVE);
    await world.run();
    const page = await browser.get(await approverLink(CORA));
    expect(page.text).toContain("approved so far");
    expect(page.text).not.toContain("cora");
    const dev = await decisionPage(DEV);
    expect(dev.text).toContain("Agreed: cora");
  });

  it("lets who approved deny after all, and approve no second time", async () => {
    await openedWorld(new MemoryWorld(manualRole({ requirements: manualTwo() })));
    await world.stepUp();
    await world.run();
    const before = await decisionPage();
    await world.decide(CORA, APPROVE);
    await world.run();
    expect((await browser.press(before, "approve", { duration: "" })).text).toContain("approved so far");
    const page = await browser.get(await approverLink());
    expect(page.html).not.toContain('value="approve"');
    await browser.signIn(await browser.press(page, "deny", { reason: "too soon" }), CORA.dailyAccount);
    expect(await world.run()).toMatchObject({ status: "Denied", closing: { by: CORA.key } });
  });

  it("denies what is approved and not started, whoever of the approvers it was made for (I4)", async () => {
    await provenWorld(new MemoryWorld({ ...manualRole({}), start: "onStart" }));
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("Ready");
    const unknown = await browser.get(await approverLink(DEV));
    expect(unknown.text).toContain("approved so far");
    expect(unknown.text).not.toContain(" ada ");
    const page = await decisionPage(DEV);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Agreed: cora");
    expect(page.text).toContain("Deny until 24 Nov 2026, 17:00 UTC");
    expect(page.html).not.toContain('value="approve"');
    expect((await browser.press(page, "deny", { choice: "approve", duration: "" })).status).not.toBe(303);
    await browser.signIn(await browser.press(page, "deny", { reason: "not today" }), DEV.dailyAccount);
    expect(await world.run()).toMatchObject({ status: "Denied", closing: { by: DEV.key, detail: "not today" } });
    expect((await new Browser(memory).get(linkTo("start"))).status).toBe(410);
    expect(world.directory.writes).toEqual([]);
  });

  it("is dead when others decided", async () => {
    const link = await approverLink(DEV);
    const open = await decisionPage(DEV);
    await world.decide(CORA, APPROVE);
    await world.run();
    const page = await browser.get(link);
    expect(page.status).toBe(410);
    expect(page.text).toContain("cora approved on");
    expect((await browser.press(open, "approve", { duration: "" })).status).toBe(410);
  });

  it("shows nothing to a person it was not made for, and takes nothing from them", async () => {
    const link = await approverLink(CORA);
    await decisionPage(DEV);
    const page = await browser.get(link);
    expect(page.status).toBe(403);
    expect(page.text).not.toContain(" ada ");
    const elsewhere = await browser.press(page, "signIn");
    await browser.signIn(elsewhere, CORA.dailyAccount);
    expect((await browser.get(link)).text).toContain("ada asks for");
    const stolen = await new Browser(memory).get(link);
    expect((await browser.press(stolen, "signIn")).status).toBe(403);
  });

  it("shows nothing to people of the wrong person behind another account", async () => {
    const back = await browser.signIn(
      await browser.press(await browser.get(await approverLink()), "signIn"),
      EVA.dailyAccount,
    );
    expect((await browser.get(`${PUBLIC_URL}${back.headers["location"] ?? ""}`)).status).toBe(403);
  });

  it("decides nothing for somebody who did not sign in to look", async () => {
    const page = await browser.get(await approverLink());
    const answer = await browser.press(page, "signIn", { choice: "approve", duration: "" });
    expect(answer.status).not.toBe(303);
  });
});

const manualTwo = () => {
  const role = manualRole({});
  return role.approval.mode === "manual" ? role.approval.requirements.map((one) => ({ ...one, count: 2 })) : [];
};

describe("links that do not work", () => {
  beforeEach(() => openedWorld());

  it("answers 404 for any changed, shortened or foreign token, without looking anything up", async () => {
    const token = linkTo("stepUp").split("/").at(-1) ?? "";
    for (let at = 0; at < token.length; at++) {
      const flipped = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      expect((await browser.get(`${PUBLIC_URL}/api/l/${flipped}`)).status, flipped).toBe(404);
    }
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const last of letters) {
      const changed = `${token.slice(0, -1)}${last}`; // the last letter holds two bits that decode to nothing
      if (changed !== token) expect((await browser.get(`${PUBLIC_URL}/api/l/${changed}`)).status, changed).toBe(404);
    }
    for (const bad of ["", "x", token.slice(0, -1), `${token}A`, `${token}=`, "%00", "a".repeat(500)])
      expect((await browser.get(`${PUBLIC_URL}/api/l/${bad}`)).status, bad).toBe(404);
  });

  it("answers 404 for a slot or an activation that does not exist, as for a changed token", async () => {
    const [unknown, changed] = [
      memory.front.links.signed("stepUp", "f".repeat(32) as typeof ACTIVATION, 0, plus(START, HOUR_MS)),
      `${PUBLIC_URL}/api/l/AAAA`,
    ];
    expect((await browser.get(unknown)).text).toBe((await browser.get(changed)).text);
    expect((await browser.get(linkTo("decide", 7))).status).toBe(409);
  });

  it("answers 410 from the second on in which the link expires", async () => {
    const link = linkTo("stepUp", 0, plus(START, HOUR_MS));
    world.now = plus(START, HOUR_MS - 1);
    expect((await browser.get(link)).status).not.toBe(410);
    world.now = plus(START, HOUR_MS);
    const page = await browser.get(link);
    expect(page.status).toBe(410);
    expect(page.html).toContain(`href="${PUBLIC_URL}/api/a/${ACTIVATION}"`);
  });
});

describe("posts to a link", () => {
  beforeEach(() => openedWorld());
  const nothingHappened = async (): Promise<void> => {
    expect((await world.record()).pending.filter(({ body }) => body.kind === "stop")).toEqual([]);
    expect(memory.rung).toEqual([]);
  };

  it.each([
    ["from another site", { "sec-fetch-site": "cross-site" }],
    ["from a sister site", { "sec-fetch-site": "same-site", origin: PUBLIC_URL }],
    ["with another origin", { origin: "https://evil.example" }],
    ["with no origin to speak of and no other sign", { origin: "null" }],
  ])("refuses a form %s", async (_, headers) => {
    const page = await browser.get(linkTo("stepUp"));
    expect((await browser.press(page, "disown", {}, headers)).status).toBe(403);
    await nothingHappened();
  });

  it("takes a form from an old browser that says nothing about where it came from", async () => {
    const page = await browser.get(linkTo("stepUp"));
    expect((await browser.press(page, "disown", {}, {})).status).toBe(200);
  });

  it("refuses a form without its token, with a changed one, or one made for another link", async () => {
    const link = linkTo("stepUp");
    const other = await browser.get(linkTo("stepUp", 0, plus(START, 5 * HOUR_MS)));
    const token = /name="form" value="([^"]*)"/.exec(other.html)?.[1] ?? "";
    for (const form of ["", "x", token, `${token.slice(0, -2)}AA`])
      expect((await browser.post(link, { form, choice: "disown" })).status).toBe(403);
    await nothingHappened();
  });

  it("refuses a form after an hour", async () => {
    const page = await browser.get(linkTo("stepUp"));
    world.now = plus(START, 59 * MINUTE_MS);
    expect((await browser.press(page, "confirm")).status).not.toBe(403);
    world.now = plus(START, HOUR_MS);
    expect((await browser.press(page, "confirm")).status).toBe(403);
  });

  it("refuses choices that the link does not offer", async () => {
    const page = await browser.get(linkTo("stepUp"));
    for (const choice of ["approve", "deny", "start", "", "constructor"])
      expect((await browser.press(page, "confirm", { choice, reason: "x" })).status, choice).toBe(403);
    await nothingHappened();
  });

  it("survives any fields", async () => {
    const link = linkTo("stepUp");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.string()), async (fields) => {
        expect((await browser.post(link, fields)).status).toBe(403);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the start link", () => {
  it("starts an approved activation with a sign-in of its own, not before its time", async () => {
    const role = { ...manualRole({}), start: "onStart" as const };
    await provenWorld(new MemoryWorld(role));
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("Ready");
    const page = await browser.get(linkTo("start"));
    expect(page.text).toContain("Sign in and start");
    await browser.signIn(await browser.press(page, "start"), adminOf(ADA));
    expect((await world.run()).status).toBe("Active");
    expect((await browser.get(linkTo("start"))).status).toBe(410);
  });
});
