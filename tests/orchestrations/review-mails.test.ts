import { beforeEach, describe, expect, it } from "vitest";
import { changeStateOf } from "../../functions/changes/change-state.ts";
import { closeCampaign } from "../../functions/review/close-campaign.ts";
import type { ChangeId, ChangeState } from "../../shared/domain/change.ts";
import type { PersonKey, PrincipalId } from "../../shared/domain/ids.ts";
import { peopleMap, type Person } from "../../shared/domain/people.ts";
import { DAY_MS, MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { START } from "../support/memory-directory.ts";
import { ADA, APPROVERS, CORA, DEV, EVA, OWNERS } from "../support/memory-world.ts";
import { REVIEWED, ReviewedWorld } from "../support/reviewed-world.ts";

let world: ReviewedWorld;
beforeEach(() => {
  world = new ReviewedWorld();
});

const OF_BOTH = [DEV.mail, EVA.mail];
const mailed = (begin: string): readonly string[] =>
  world.mails
    .filter(({ subject }) => subject.startsWith(begin))
    .map(({ to }) => to)
    .toSorted();
const linkIn = (to: string): string =>
  /\/api\/l\/([\w-]+)/.exec(world.mails.find((mail) => mail.to === to)?.html ?? "")?.[1] ?? "";
const escalating = (): ReviewedWorld =>
  new ReviewedWorld({
    ...REVIEWED,
    escalation: { afterMs: 10 * DAY_MS, to: [{ kind: "group", group: APPROVERS }] }, // Cora and Dev
  });

describe("a campaign of two roles", () => {
  it("asks each reviewer with one mail, which names both roles, whichever review opens first", async () => {
    await world.begin();
    await world.runChange(world.helpdesk);
    expect(mailed("Access review")).toEqual(OF_BOTH);
    const links = [linkIn(DEV.mail), linkIn(EVA.mail)];
    await world.runChange(world.global);
    expect(mailed("Access review")).toEqual(OF_BOTH);
    expect([linkIn(DEV.mail), linkIn(EVA.mail)]).toEqual(links);
    expect(world.mails[0]?.html).toContain("Global Administrator, Helpdesk Administrator");
  });

  it("reminds each of them once", async () => {
    await world.open();
    world.now = plus(START, 7 * DAY_MS);
    for (let times = 0; times < 2; times += 1) await world.runReviews();
    expect(mailed("Reminder: Access review")).toEqual(OF_BOTH);
  });

  it("asks those who stand in once, where any role was left without an answer", async () => {
    world = escalating();
    await world.open();
    await world.signs(EVA, await world.fieldsFor(world.global, EVA, ADA, "keep"));
    world.now = plus(START, 11 * DAY_MS);
    for (let times = 0; times < 2; times += 1) await world.runReviews();
    expect(mailed("Nobody answered: Access review")).toEqual([CORA.mail]);
  });

  it("asks those who stand in once, where both were", async () => {
    world = escalating();
    await world.open();
    world.now = plus(START, 11 * DAY_MS);
    await world.runReviews();
    expect(mailed("Nobody answered: Access review")).toEqual([CORA.mail]);
  });

  it("tells each of them the outcome of all roles once, when it is over, and nothing before", async () => {
    world = escalating();
    await world.open();
    world.now = plus(START, 11 * DAY_MS);
    await world.runReviews();
    const slot = world.slotOf(world.helpdesk, CORA, true);
    const kept = await world.fieldsFor(world.helpdesk, CORA, ADA, "keep", slot);
    await world.signs(CORA, kept, world.linkOf(world.helpdesk, CORA, slot));
    await world.runReviews();
    world.mails.length = 0;
    await world.toTheEnd();
    expect(world.mails).toEqual([]);
    expect(await closeCampaign(world.changeWorker, world.campaign)).toBe(true);
    const told = world.mails.filter(({ to }) => to !== world.policy.alertMail);
    expect(told.map(({ to }) => to).toSorted()).toEqual([CORA.mail, DEV.mail, EVA.mail]);
    const [toEva, toCora] = [EVA, CORA].map(({ mail }) => told.find(({ to }) => to === mail)?.html ?? "");
    expect(toEva).toContain("Global Administrator: 2 of 2 done.");
    expect(toEva).toContain("Helpdesk Administrator: 2 of 2 done.");
    expect(toCora).not.toContain("Global Administrator:"); // she stood in for one of them
  });

  it("shows a reviewer how far it is in every role, and nobody else", async () => {
    await world.open();
    const page = (await (await world.browserOf(EVA)).get(world.memory.front.links.changePage(world.campaign))).text;
    expect(page).toMatch(/under way .*Global Administrator Waits for its reviewers Helpdesk Administrator Waits for/);
    const others = await (await world.browserOf(ADA)).get(world.memory.front.links.changePage(world.campaign));
    expect(others.status).toBe(404);
  });
});

describe("the outcome", () => {
  const over = (): readonly string[] => mailed("Access review 1 is over");
  beforeEach(async () => {
    await world.open();
    await world.toTheEnd();
  });

  it("goes to those who could not be told as soon as it can, and to nobody twice", async () => {
    const { notifier } = world.changeWorker;
    const mail = async (message: Parameters<typeof notifier.mail>[0]): Promise<void> => {
      if (message.to.includes(DEV.mail)) throw new DependencyError("Unavailable", "mail");
      await notifier.mail(message);
    };
    Object.assign(world.changeWorker, { notifier: { mail } });
    await expect(closeCampaign(world.changeWorker, world.campaign)).rejects.toThrow("mail");
    expect(over()).toEqual([EVA.mail]);
    Object.assign(world.changeWorker, { notifier });
    expect(await closeCampaign(world.changeWorker, world.campaign)).toBe(true);
    expect(over()).toEqual([world.policy.alertMail, ...OF_BOTH].toSorted());
  });

  it("keeps the campaign open for nobody whose mailbox takes no mail", async () => {
    const { notifier } = world.changeWorker;
    const mail = async (message: Parameters<typeof notifier.mail>[0]): Promise<void> => {
      if (message.to.includes(DEV.mail)) throw new DependencyError("Rejected", "mail");
      await notifier.mail(message);
    };
    Object.assign(world.changeWorker, { notifier: { mail } });
    expect(await closeCampaign(world.changeWorker, world.campaign)).toBe(true);
    expect(over()).toEqual([world.policy.alertMail, EVA.mail].toSorted());
  });

  it("is told also where somebody wrote that it was", async () => {
    for (const { key } of [DEV, EVA])
      world.tables.changes.mailClaims.set(`${world.campaign} outcome-${key}`, { body: "{}", mac: "" });
    await closeCampaign(world.changeWorker, world.campaign);
    expect(over()).toEqual([world.policy.alertMail, ...OF_BOTH].toSorted());
  });
});

describe("a campaign that the policy holds in Entra", () => {
  beforeEach(() => {
    world = new ReviewedWorld({ ...REVIEWED, where: "entra" });
  });

  it("tells the outcome of all roles with one mail, and mails reviewers nothing before", async () => {
    await world.open();
    world.now = plus(START, 7 * DAY_MS);
    await world.runReviews();
    await world.toTheEnd();
    expect(world.mails).toEqual([]);
    await closeCampaign(world.changeWorker, world.campaign);
    expect(mailed("Access review 1 is over")).toEqual([world.policy.alertMail, ...OF_BOTH].toSorted());
  });

  it("mails once that it is held here, and each reviewer once, where Entra refuses every role", async () => {
    world.inEntra.refuses = "403 Forbidden";
    await world.open();
    expect(mailed("The access review of Global Administrator is held here: Entra refused it")).toHaveLength(1);
    expect(mailed("The access review of Helpdesk Administrator")).toEqual([]);
    expect(mailed("Access review:")).toEqual(OF_BOTH);
  });

  it("has on the page the roles that are held here, and no others", async () => {
    await world.begin();
    await world.runChange(world.helpdesk);
    world.inEntra.refuses = "403 Forbidden";
    await world.runChange(world.global);
    const { text } = await (await world.browserOf(EVA)).get(world.linkOf(world.global, EVA));
    expect(text).toContain("Global Administrator");
    expect(text).not.toContain("Helpdesk Administrator");
  });
});

describe("who sends the mail", () => {
  const failing = (fails: (to: readonly string[]) => boolean): (() => void) => {
    const { notifier } = world.changeWorker;
    const mail = async (message: Parameters<typeof notifier.mail>[0]): Promise<void> => {
      if (fails(message.to)) throw new DependencyError("Unavailable", "mail");
      await notifier.mail(message);
    };
    Object.assign(world.changeWorker, { notifier: { mail } });
    return () => void Object.assign(world.changeWorker, { notifier });
  };

  it("is the next review, where the first could not", async () => {
    await world.begin();
    const mends = failing((to) => to.includes(DEV.mail));
    await world.runChange(world.global);
    expect(mailed("Access review")).toEqual([EVA.mail]);
    mends();
    await world.runChange(world.helpdesk);
    expect(mailed("Access review")).toEqual(OF_BOTH);
  });

  it("tries again at once where one mail failed", async () => {
    await world.begin();
    let times = 0;
    failing((to) => to.includes(DEV.mail) && (times += 1) === 1);
    await world.runChange(world.global);
    expect(mailed("Access review")).toEqual(OF_BOTH);
  });

  it("is the same review again, where it died between claim and mail", async () => {
    await world.begin();
    const { notifier } = world.changeWorker;
    const { changes } = world.tables;
    // The process ends: neither the mail goes out nor is the claim given up.
    Object.assign(world.changeWorker, { notifier: { mail: () => Promise.reject(new Error("killed")) } });
    const drop = changes.dropMailClaim;
    changes.dropMailClaim = () => Promise.reject(new Error("killed"));
    await expect(world.runChange(world.global, 3)).rejects.toThrow("spins");
    Object.assign(world.changeWorker, { notifier });
    changes.dropMailClaim = drop;
    await world.runChange(world.helpdesk);
    expect(mailed("Access review")).toEqual([]); // it waits for the one that claimed, which is repeated
    await world.runChange(world.global);
    expect(mailed("Access review")).toEqual(OF_BOTH);
  });
});

describe("two hundred reviewers, and a mailbox that sends thirty messages a minute", () => {
  const CROWD = Array.from({ length: 200 }, (_, n): Person => {
    const id = (part: number) => `00000000-0000-4000-8000-${String(part + n).padStart(12, "0")}` as PrincipalId;
    const key = `reviewer-${n}` as PersonKey;
    return { ...EVA, key, mail: `${key}@example.com`, dailyAccount: id(5_000), adminAccounts: [id(6_000)] };
  });
  const EVERYBODY = CROWD.map(({ mail }) => mail).toSorted();
  let refused = 0;

  /** What a mailbox of Exchange takes in a minute; what it refuses says for how long. */
  function limit(): void {
    const { notifier } = world.changeWorker;
    let sentAt: Instant[] = [];
    const mail = async (message: Parameters<typeof notifier.mail>[0]): Promise<void> => {
      sentAt = sentAt.filter((at) => plus(at, MINUTE_MS) > world.now);
      if (sentAt.length === 30) {
        refused += 1;
        throw new DependencyError("Throttled", "mail", { retryAfterMs: 20_000 });
      }
      sentAt.push(world.now);
      await notifier.mail(message);
    };
    Object.assign(world.changeWorker, { notifier: { mail } });
  }

  async function beginWithCrowd(): Promise<void> {
    refused = 0;
    const group = { assignableToRole: true, dynamic: false, nested: false, owned: false };
    const members = CROWD.map(({ dailyAccount }) => dailyAccount);
    for (const id of members) world.directory.accounts.set(id, { id, enabled: true, userType: "Member" });
    world.directory.groups.set(OWNERS, { ...group, id: OWNERS, members });
    Object.assign(world.changeWorker.policies, { people: peopleMap([ADA, CORA, DEV, EVA, ...CROWD]) });
    await world.begin();
    limit();
  }
  beforeEach(beginWithCrowd);

  const stateOf = async (review: ChangeId): Promise<ChangeState | undefined> => {
    const record = await world.tables.changes.load(review);
    return record && changeStateOf(record);
  };

  /** Both reviews, each when its timer is due, until then. */
  async function untilMinute(minutes: number): Promise<void> {
    const end = plus(world.now, minutes * MINUTE_MS);
    while (world.now < end) {
      await world.runReviews();
      world.now = plus(world.now, 10_000);
    }
  }

  it("are asked within minutes, each once, by timers and not by waiting", async () => {
    await world.runReviews();
    expect(await stateOf(world.global)).toMatchObject({
      status: "AwaitingReview",
      remindAt: plus(world.now, MINUTE_MS),
    });
    expect(mailed("Access review")).toHaveLength(30);
    expect(refused).toBe(1); // who is told to wait asks no more
    await untilMinute(12);
    expect(mailed("Access review")).toEqual(EVERYBODY);
  });

  it("are reminded, each once, on the day of the reminder, also where one was to be asked still", async () => {
    await world.runReviews();
    world.now = plus(START, 7 * DAY_MS);
    await untilMinute(12);
    expect(mailed("Reminder: Access review")).toEqual(EVERYBODY);
    expect(mailed("Access review")).toHaveLength(30);
  });

  it("are asked, each once, whatever is repeated after a crash", async () => {
    const { changes } = world.tables;
    const putState = changes.putState.bind(changes);
    let died = false;
    changes.putState = async (...args) => {
      if (died) return putState(...args);
      died = true;
      throw new Error("killed");
    };
    await untilMinute(12);
    expect(died).toBe(true);
    expect(mailed("Access review")).toEqual(EVERYBODY);
  });

  it("who stand in are asked, each once, and find the roles that escalated", async () => {
    world = new ReviewedWorld({
      ...REVIEWED,
      reviewers: [{ kind: "group", group: APPROVERS }], // Cora and Dev
      escalation: { afterMs: 10 * DAY_MS, to: [{ kind: "group", group: OWNERS }] },
    });
    await beginWithCrowd();
    await world.runReviews();
    world.now = plus(START, 10 * DAY_MS);
    await untilMinute(12);
    expect(mailed("Nobody answered: Access review")).toEqual(EVERYBODY);
    const state = await stateOf(world.global);
    expect(state).toMatchObject({ status: "AwaitingReview", escalated: true, remindAt: plus(START, 14 * DAY_MS) });
    expect(state).not.toHaveProperty("telling");
  });

  it("are all told the outcome, each once", async () => {
    await untilMinute(12);
    await world.toTheEnd();
    for (let minutes = 0; minutes < 12; minutes += 1) {
      await closeCampaign(world.changeWorker, world.campaign).catch(() => undefined);
      world.now = plus(world.now, MINUTE_MS);
    }
    expect(mailed("Access review 1 is over")).toEqual([world.policy.alertMail, ...EVERYBODY].toSorted());
  });
});

describe("mail that is away in the middle of asking", () => {
  it("has those who were not asked asked ten minutes later, and as often as it takes", async () => {
    await world.begin();
    const { notifier } = world.changeWorker;
    const mail = async (message: Parameters<typeof notifier.mail>[0]): Promise<void> => {
      if (message.to.includes(DEV.mail)) throw new DependencyError("Unavailable", "mail");
      await notifier.mail(message);
    };
    Object.assign(world.changeWorker, { notifier: { mail } });
    for (let times = 0; times < 3; times += 1) {
      await world.runReviews();
      world.now = plus(world.now, 10 * MINUTE_MS);
    }
    expect(mailed("Access review")).toEqual([EVA.mail]);
    Object.assign(world.changeWorker, { notifier });
    await world.runReviews();
    expect(mailed("Access review")).toEqual(OF_BOTH);
  });
});

describe("somebody who can write every row", () => {
  const KEYS = [DEV, EVA].flatMap(({ key }) => ["first", "reminder"].map((kind) => `${kind}-${key}`));
  const forge = (row: (key: string) => SealedRow, campaign: ChangeId = world.campaign): void => {
    for (const key of KEYS) world.tables.changes.mailClaims.set(`${campaign} ${key}`, row(key));
  };
  const claim = (key: string, changes: Readonly<Record<string, string>> = {}): string => {
    const [kind = "", person = ""] = key.split("-");
    return JSON.stringify({ campaign: world.campaign, kind, person, review: world.helpdesk, ...changes });
  };
  /** As if the worker had sealed it for something else. */
  const sealed = (body: string): SealedRow => ({ body, mac: world.worker.sealing.mac("reviewMail", body) });

  it.each<[string, (key: string) => SealedRow]>([
    ["of no seal", (key) => ({ body: claim(key), mac: "" })],
    [
      "under a seal for something else",
      (key) => ({ body: claim(key), mac: world.worker.sealing.mac("change", claim(key)) }),
    ],
    ["of another person", (key) => sealed(claim(key, { person: "ada" }))],
    ["of another campaign", (key) => sealed(claim(key, { campaign: "f".repeat(32) }))],
    ["for another kind of mail", (key) => sealed(claim(key, { kind: "escalation" }))],
    ["that cannot be read", () => ({ body: "{", mac: "" })],
  ])("silences nobody with claims %s", async (_what, row) => {
    await world.begin();
    forge(row);
    await world.runReviews();
    expect(mailed("Access review")).toEqual(OF_BOTH);
    world.now = plus(START, 7 * DAY_MS);
    await world.runReviews();
    expect(mailed("Reminder")).toEqual(OF_BOTH);
  });

  it("has no mail sent twice with forged claims, also where both reviews open at once", async () => {
    await world.begin();
    forge((key) => ({ body: claim(key), mac: "" }));
    await Promise.all([world.global, world.helpdesk].map((review) => world.runChange(review)));
    expect(mailed("Access review")).toEqual(OF_BOTH);
  });

  it("has mails sent once more by taking claims away, and no more than that", async () => {
    await world.begin();
    await world.runChange(world.global);
    world.tables.changes.mailClaims.clear();
    await world.runChange(world.helpdesk);
    expect(mailed("Access review")).toEqual([...OF_BOTH, ...OF_BOTH].toSorted());
  });
});
