import { beforeEach, describe, expect, it } from "vitest";
import type { PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import { checkDaily } from "../../functions/triggers/check-drift.timer.ts";
import type { NativeActivation } from "../../shared/domain/native-activation.ts";
import { DAY_MS, HOUR_MS, plus } from "../../shared/domain/time.ts";
import { aUser, BREAK_GLASS, ChangeWorld, anItem } from "../support/change-world.ts";
import { NO_ANSWER } from "../support/memory-directory.ts";
import { ADA, adminOf, DEV, EVA, OWNERS } from "../support/memory-world.ts";

let world: ChangeWorld;
beforeEach(() => {
  world = new ChangeWorld();
  for (const one of [ADA, DEV]) world.directory.principals.set(adminOf(one), aUser(adminOf(one), { name: one.name }));
});

const look = (): Promise<void> => checkDaily(world.changeWorker)();
const open = (): readonly string[] => [...world.tables.openFindings.values()].map(({ kind }) => kind);
const ofKind = (kind: string): readonly string[] => open().filter((one) => one === kind);
const recorded = (type: string): number => world.findings().filter((record) => record.type === type).length;
const eligibleUntil = (days: number | undefined): Promise<unknown> =>
  world.directory.makeEligible(anItem(ADA), {
    durationMs: days === undefined ? undefined : days * DAY_MS,
    justification: "",
    correlationId: "",
  });

describe("the daily look at the tenant", () => {
  it("finds a standing assignment once, shows it until it is gone, and says that it is gone", async () => {
    await look();
    const before = recorded("FindingReported");
    world.stands(ADA);
    await look();
    await look();
    expect(ofKind("standing")).toHaveLength(1);
    expect(recorded("FindingReported")).toBe(before + 1);
    expect(world.mails.filter(({ subject }) => subject.startsWith("1 new"))).toHaveLength(1);
    world.directory.standing.pop();
    await look();
    expect(ofKind("standing")).toEqual([]);
    expect(recorded("FindingGone")).toBe(1);
  });

  it.each([
    ["on another day", DAY_MS],
    ["on the same day", HOUR_MS],
  ])("finds it anew when it comes back %s", async (_when, laterMs) => {
    world.stands(ADA);
    await look();
    world.directory.standing.pop();
    world.now = plus(world.now, laterMs);
    await look();
    world.stands(ADA);
    world.now = plus(world.now, laterMs);
    await look();
    expect(
      world.findings().filter(({ type, data }) => type === "FindingReported" && data["finding"] === "standing"),
    ).toHaveLength(2);
  });

  it("finds settings that differ, eligibilities without an end, and break-glass sign-ins", async () => {
    await eligibleUntil(undefined);
    const [account = adminOf(ADA)] = BREAK_GLASS;
    world.directory.seenSignIns.push({ id: "s1", account, at: world.now });
    await look();
    expect(new Set(open())).toEqual(new Set(["setting", "endlessEligibility", "breakGlassSignIn"]));
  });

  it("shows what a finding says now, and tells it again where it may have got worse", async () => {
    const [end, other] = [{ id: "Expiration_EndUser_Assignment" }, { id: "Enablement_EndUser_Assignment" }];
    const length = (maximumDuration: string): unknown =>
      world.directory.settings.set(world.policy.roles[0]?.roleDefinitionId ?? anItem(ADA).roleDefinitionId, {
        policyId: "p",
        rules: [{ ...end, isExpirationRequired: true, maximumDuration }, other],
      });
    const shown = () => [...world.tables.openFindings.values()].find(({ id }) => id.endsWith(end.id));
    length("PT5H");
    await look();
    const since = world.now;
    world.now = plus(world.now, DAY_MS);
    length("PT24H");
    await look();
    await look();
    expect(shown()).toMatchObject({
      since,
      text: expect.stringContaining("found an end after at most PT24H") as unknown,
    });
    expect(shown()?.untold).toBeUndefined();
    const mails = world.mails.filter(({ html }) => html.includes("PT24H"));
    expect(mails.map(({ subject }) => subject)).toEqual(["1 new finding about privileged access"]);
    expect(recorded("FindingGone")).toBe(0);
  });

  it("shows the name that a holder has now, which is no news", async () => {
    const stranger = anItem(ADA).principalId.replace(/.$/, "9") as PrincipalId;
    const named = (name: string): unknown => world.directory.principals.set(stranger, aUser(stranger, { name }));
    world.directory.stand(aUser(stranger, { name: "Old Name" }), anItem(ADA).roleDefinitionId);
    await look();
    const mails = world.mails.length;
    named("New Name");
    await look();
    const shown = [...world.tables.openFindings.values()].filter(({ kind }) => kind === "standing");
    expect(shown.map(({ text }) => text)).toEqual([expect.stringContaining("New Name holds")]);
    expect(world.mails).toHaveLength(mails);
  });

  it("finds who is in the group of the native door and is no break-glass account, until they are not", async () => {
    const { governance } = world.policy;
    if (governance) world.policy = { ...world.policy, governance: { ...governance, nativeDoorGroup: OWNERS } };
    const group = world.directory.groups.get(OWNERS);
    if (group) world.directory.groups.set(OWNERS, { ...group, members: [...BREAK_GLASS, DEV.dailyAccount] });
    const doors = () => [...world.tables.openFindings.values()].filter(({ id }) => id.startsWith("native door"));
    await look();
    expect(doors()).toMatchObject([{ kind: "setting", text: expect.stringContaining("holds dev, which") as unknown }]);
    if (group) world.directory.groups.set(OWNERS, { ...group, members: BREAK_GLASS });
    await look();
    expect(doors()).toEqual([]);
  });

  it("finds what was activated in PIM itself and would have been refused, for seven days", async () => {
    const activated = (id: string, changes: Partial<NativeActivation>): unknown =>
      world.directory.native.push({
        ...anItem(ADA),
        id,
        at: world.now,
        durationMs: HOUR_MS,
        justification: "rotate the signing key",
        ticket: { system: "ServiceNow", number: "CHG0030192" },
        approved: true,
        ...changes,
      });
    const servicenow = { types: {}, numberPattern: "CHG\\d{7}", fields: { role: "r", duration: "d", scope: "s" } };
    world.policy = { ...world.policy, ticketSystems: { servicenow } };
    activated("allowed", {});
    activated("too long", { durationMs: 8 * HOUR_MS });
    await look();
    await look();
    const found = [...world.tables.openFindings.values()].filter(({ kind }) => kind === "nativeActivation");
    expect(found.map(({ id }) => id)).toEqual(["native too long"]);
    expect(found[0]?.text).toContain("ada activated Global Administrator at / for 8 h on");
    expect(world.mails.filter(({ subject }) => subject.includes("new finding"))).toHaveLength(1);
    world.now = plus(world.now, 7 * DAY_MS + 1);
    await look();
    expect(ofKind("nativeActivation")).toEqual([]);
  });

  it("leaves the findings of a part that it cannot read as they were", async () => {
    const [account = adminOf(ADA)] = BREAK_GLASS;
    world.directory.seenSignIns.push({ id: "s1", account, at: world.now });
    await look();
    world.directory.signIns = () => Promise.reject(new Error("the log does not answer"));
    await look();
    expect(ofKind("breakGlassSignIn")).toHaveLength(1);
  });

  it("tells the next time what a mail that failed kept untold, and records it once, on whatever day", async () => {
    const { notifier } = world.changeWorker;
    Object.assign(world.changeWorker, { notifier: { mail: () => Promise.reject(new Error("no mail")) } });
    world.stands(ADA);
    await expect(look()).rejects.toThrow("no mail");
    Object.assign(world.changeWorker, { notifier });
    world.now = plus(world.now, DAY_MS);
    await look();
    await look();
    expect(ofKind("standing")).toHaveLength(1);
    expect(world.mails.filter(({ html }) => html.includes("holds Global Administrator"))).toHaveLength(1);
    const records = world.findings().filter(({ data }) => data["finding"] === "standing");
    expect(records.map(({ type }) => type)).toEqual(["FindingReported"]);
  });

  it("records, but does not mail, what was gone before it could be told", async () => {
    const { notifier } = world.changeWorker;
    Object.assign(world.changeWorker, { notifier: { mail: () => Promise.reject(new Error("no mail")) } });
    world.stands(ADA);
    await expect(look()).rejects.toThrow("no mail");
    Object.assign(world.changeWorker, { notifier });
    world.directory.standing.pop();
    await look();
    expect(world.mails.filter(({ html }) => html.includes("holds Global Administrator"))).toEqual([]);
    const records = world.findings().filter(({ data }) => data["finding"] === "standing");
    expect(records.map(({ type }) => type)).toEqual(["FindingReported", "FindingGone"]);
  });
});

describe("the daily care for eligibility", () => {
  const vanish = (): void => {
    world.directory.principals.delete(adminOf(ADA));
    world.directory.accounts.delete(adminOf(ADA));
  };

  it.each<[string, () => void, number]>([
    ["keeps it where a list shows nobody and the directory knows the account", () => undefined, 1],
    [
      "ends it where a list shows nobody and the account is disabled",
      () => world.directory.accounts.set(adminOf(ADA), { id: adminOf(ADA), enabled: false, userType: "Member" }),
      0,
    ],
    [
      "keeps it where a list shows nobody and it is a group's",
      () => {
        world.directory.accounts.delete(adminOf(ADA));
        const some = [...world.directory.groups.values()][0];
        if (some) world.directory.groups.set(adminOf(ADA), { ...some, id: adminOf(ADA) });
      },
      1,
    ],
  ])("%s", async (_what, change, left) => {
    await eligibleUntil(90);
    world.directory.principals.delete(adminOf(ADA));
    change();
    await look();
    expect(world.directory.eligible).toHaveLength(left);
  });

  it.each(["is disabled", "is gone"])("ends it for an account that %s, and records it", async (what) => {
    await eligibleUntil(90);
    if (what === "is gone") vanish();
    else world.directory.principals.set(adminOf(ADA), aUser(adminOf(ADA), { enabled: false }));
    await look();
    expect(world.directory.eligible).toEqual([]);
    expect(world.findings().map(({ type }) => type)).toContain("EligibilityEnded");
  });

  it.each([
    ["a mail about findings cannot be sent", { notifier: { mail: () => Promise.reject(new Error("no mail")) } }],
    ["the trail cannot be written", { audit: { append: () => Promise.reject(new Error("no trail")) } }],
  ])("ends it also while %s, and the look counts as failed", async (_what, fault) => {
    await eligibleUntil(90);
    world.directory.principals.set(adminOf(ADA), aUser(adminOf(ADA), { enabled: false }));
    world.stands(DEV);
    Object.assign(world.changeWorker, fault);
    await expect(look()).rejects.toThrow();
    expect(world.directory.eligible).toEqual([]);
  });

  it("tries again at the next look where the directory did not answer, and says that it ended only then", async () => {
    await eligibleUntil(90);
    vanish();
    world.directory.faults.push({ effect: false, answer: NO_ANSWER });
    await look();
    expect(world.directory.eligible).toHaveLength(1);
    expect([recorded("EligibilityEndAttempted"), recorded("EligibilityEnded")]).toEqual([1, 0]);
    world.now = plus(world.now, DAY_MS / 4);
    await look();
    expect(world.directory.eligible).toEqual([]);
    expect([recorded("EligibilityEndAttempted"), recorded("EligibilityEnded")]).toEqual([2, 1]);
  });

  it("tells holder and owners thirty and seven days before the end, once each", async () => {
    await eligibleUntil(60);
    const told = (): number => world.mails.filter(({ subject }) => subject.includes("eligibility for")).length;
    await look();
    expect(told()).toBe(0);
    world.now = plus(world.now, 31 * DAY_MS);
    await look();
    await look();
    const perTime = told();
    expect(perTime).toBe(3); // Ada, and the owners Dev and Eva
    world.now = plus(world.now, 23 * DAY_MS);
    await look();
    expect(told()).toBe(2 * perTime);
  });

  it("tells nobody twice because another's mailbox takes nothing, and goes on trying that one", async () => {
    await eligibleUntil(29);
    const { notifier } = world.changeWorker;
    const told = (): readonly string[] =>
      world.mails.filter(({ subject }) => subject.includes("eligibility for")).map(({ to }) => to);
    const broken: typeof notifier = {
      ...notifier,
      mail: (message) =>
        message.to.includes(DEV.mail) ? Promise.reject(new Error("no such mailbox")) : notifier.mail(message),
    };
    Object.assign(world.changeWorker, { notifier: broken });
    for (let days = 0; days < 3; days += 1) {
      await look();
      world.now = plus(world.now, DAY_MS);
    }
    expect(told().toSorted()).toEqual([ADA.mail, EVA.mail].toSorted());
    Object.assign(world.changeWorker, { notifier });
    await look();
    await look();
    expect(told().toSorted()).toEqual([ADA.mail, DEV.mail, EVA.mail].toSorted());
  });

  it("shows the use, gives owners the page where they ask for more, and tells the holder whom to turn to", async () => {
    await eligibleUntil(29);
    await look();
    const to = (mail: string): string =>
      world.mails.find((one) => one.to === mail && one.subject.includes("eligibility for"))?.html ?? "";
    for (const mail of [ADA.mail, DEV.mail, EVA.mail]) expect(to(mail)).toContain("Use so far: never.");
    for (const mail of [DEV.mail, EVA.mail])
      expect(to(mail)).toContain(`href="${world.worker.links.eligibilityPage()}"`);
    expect(to(ADA.mail)).not.toContain("href"); // the page is not for her
    expect(to(ADA.mail)).toContain(`ask one of those who can ask for more time: ${DEV.name}, ${EVA.name}.`);
  });

  it("asks the owners alone about an account that belongs to nobody", async () => {
    const principalId = "00000000-0000-4000-8000-000000000777" as PrincipalId;
    world.directory.principals.set(principalId, aUser(principalId, { name: "Old Admin" }));
    const eligible = { durationMs: 7 * DAY_MS, justification: "", correlationId: "" };
    await world.directory.makeEligible({ ...anItem(ADA), principalId }, eligible);
    await look();
    const mails = world.mails.filter(({ subject }) => subject.startsWith("Old Admin: eligibility for"));
    expect(mails.map(({ to }) => to).toSorted()).toEqual([DEV.mail, EVA.mail].toSorted());
    expect(mails[0]?.html).toContain("belongs to no person");
  });

  it("tells nobody again after the clock was set back, and everybody of a new end", async () => {
    const told = (): number => world.mails.filter(({ subject }) => subject.includes("eligibility for")).length;
    await eligibleUntil(29);
    await look();
    world.now = plus(world.now, -5 * DAY_MS);
    await look();
    world.now = plus(world.now, 6 * DAY_MS);
    await look();
    expect(told()).toBe(3);
    world.directory.eligible.splice(0);
    await eligibleUntil(20);
    await look();
    expect(told()).toBe(6);
  });

  it("ends it for roles that the policy does not list as well, of which nobody is reminded", async () => {
    await world.directory.makeEligible(
      { ...anItem(ADA), roleDefinitionId: "00000000-0000-4000-8000-000000000777" as RoleDefinitionId },
      { durationMs: 5 * DAY_MS, justification: "", correlationId: "" },
    );
    await look();
    expect(world.mails.filter(({ subject }) => subject.includes("eligibility for"))).toEqual([]);
    expect(world.directory.eligible).toHaveLength(1);
    world.directory.principals.set(adminOf(ADA), aUser(adminOf(ADA), { enabled: false }));
    await look();
    expect(world.directory.eligible).toEqual([]);
  });

  it("ends nobody's where the directory does not say who is disabled, as to somebody who may not read it", async () => {
    await eligibleUntil(90);
    const silent = { id: adminOf(ADA), kind: "user" as const, name: "" };
    world.directory.principals.set(adminOf(ADA), silent);
    await look();
    expect(world.directory.eligible).toHaveLength(1);
    world.directory.principals.delete(adminOf(ADA));
    world.directory.accounts.set(adminOf(ADA), { id: adminOf(ADA), userType: "Member" });
    await look();
    expect(world.directory.eligible).toHaveLength(1);
  });
});
