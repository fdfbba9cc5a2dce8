import { InvocationContext } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { endCampaign, readCampaign } from "../../functions/review/campaign-activities.ts";
import { reportCampaign } from "../../functions/review/report.ts";
import { answersDigest } from "../../functions/review/resolve-item.ts";
import { tendCampaign } from "../../functions/triggers/tend-campaign.timer.ts";
import type { CampaignReport } from "../../shared/contracts/review.ts";
import type { CampaignFacts } from "../../orchestrations/catalog.ts";
import { recordProblem } from "../../shared/crypto/audit-chain.ts";
import { aboutItem } from "../../shared/crypto/reviewed-item.ts";
import type { ChangeId } from "../../shared/domain/change.ts";
import type { RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ReviewAnswer } from "../../shared/domain/review.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { anItem, aUser, BACK_1, BREAK_GLASS, ChangeWorld, WAVE_1 } from "../support/change-world.ts";
import { Crash } from "../support/crash.ts";
import { Outage } from "../support/outage.ts";
import { START } from "../support/memory-directory.ts";
import { ADA, adminOf, APPROVERS, aRole, CORA, DEV, EVA } from "../support/memory-world.ts";
import { REVIEWED } from "../support/reviewed-world.ts";

const HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8" as RoleDefinitionId;
const EXCHANGE = "29232cdf-9323-42fd-ade2-1d097af3e4de" as RoleDefinitionId;
const NO_CONTEXT = new InvocationContext();

/** Something that goes wrong in between; `guard` wraps what it goes wrong at. */
type Trouble = Crash | Outage;
type Ports =
  | "store"
  | "audit"
  | "controls"
  | "deliveries"
  | "directory"
  | "posture"
  | "eligibility"
  | "notifier"
  | "changes"
  | "pace";
const ALL: readonly Ports[] = [
  "store",
  "audit",
  "controls",
  "deliveries",
  "directory",
  "posture",
  "eligibility",
  "notifier",
  "changes",
  "pace",
];
const DIRECTORY: readonly Ports[] = ["directory", "posture", "eligibility"];

function trouble(world: ChangeWorld, made: Trouble): void {
  if (made instanceof Crash) {
    made.staysDead = true;
    world.beforeAct = () => made.revive();
  }
  for (const port of made instanceof Crash ? ALL : DIRECTORY)
    Object.assign(world.changeWorker, { [port]: made.guard(world.changeWorker[port]) });
}

function chainFlaws(world: ChangeWorld): readonly string[] {
  return [...world.tables.chains.values()].flatMap((chain) =>
    chain.flatMap((record, index) => recordProblem(record, chain[index - 1]) ?? []),
  );
}

const count = (world: ChangeWorld, type: string): number =>
  [...world.tables.chains.values()].flat().filter((record) => record.type === type).length;

/** Tells a story once for each of its calls, and each kind of trouble with that call: from its first timer to its report. */
function endsTheSame<Told extends { readonly made: Trouble }>(
  story: (make: (world: ChangeWorld) => Trouble) => Promise<Told>,
  flaws: (told: Told) => readonly string[],
  fewestCalls: number,
): void {
  it("ends the same at whichever call its worker dies", async () => {
    const whole = await story(() => new Crash(0, "before"));
    expect(flaws(whole)).toEqual([]);
    expect(whole.made.calls).toBeGreaterThan(fewestCalls);
    for (const when of ["before", "after"] as const)
      for (let at = 1; at <= whole.made.calls; at += 1)
        expect({ at, when, flaws: flaws(await story(() => new Crash(at, when))) }).toEqual({ at, when, flaws: [] });
  });

  it.each(["429", "lost"] as const)(
    "ends the same from whichever call of the directory on it goes wrong (%s)",
    async (how) => {
      const whole = await story((world) => new Outage(0, how, () => world.now));
      expect(whole.made.calls).toBeGreaterThan(15);
      for (let at = 1; at <= whole.made.calls; at += 1) {
        const told = await story((world) => new Outage(at, how, () => world.now));
        expect({ at, flaws: flaws(told) }).toEqual({ at, flaws: [] });
      }
    },
  );
}

/** Whoever is still asked signs again: their sign-in became too old before it could be recorded. */
async function signs(
  world: ChangeWorld,
  id: ChangeId,
  who: Person,
  decision: { readonly kind: "confirm" | "approve" },
  asked: string,
): Promise<void> {
  for (let tries = 0; tries < 2; tries += 1) {
    if ((await world.runChange(id)).status !== asked) return;
    await world.signsFor(id, who, decision);
    await world.runChange(id);
  }
}

describe("a campaign", () => {
  function aWorld(): ChangeWorld {
    const world = new ChangeWorld();
    world.backsOff = true;
    const { governance } = world.policy;
    if (!governance) throw new Error("no governance");
    const escalation = { afterMs: 10 * DAY_MS, to: [{ kind: "group", group: APPROVERS }] } as const; // Cora and Dev
    const reviews = { ...REVIEWED, escalation };
    const roles = [HELPDESK, EXCHANGE].map((roleDefinitionId) =>
      aRole({ roleDefinitionId, name: roleDefinitionId === HELPDESK ? "Helpdesk" : "Exchange" }),
    );
    world.policy = { ...world.policy, roles, governance: { ...governance, reviews } };
    for (const { roleDefinitionId, name } of roles)
      world.directory.roles.set(roleDefinitionId, { id: roleDefinitionId, name, builtIn: true });
    for (const [person, roleDefinitionId] of [
      [ADA, HELPDESK],
      [CORA, HELPDESK],
      [DEV, HELPDESK],
      [ADA, EXCHANGE],
      [EVA, EXCHANGE],
    ] as const) {
      world.directory.principals.set(adminOf(person), aUser(adminOf(person), { name: person.name }));
      const { principalId, directoryScopeId } = anItem(person);
      const row = { principalId, roleDefinitionId, directoryScopeId };
      world.directory.eligible.push({ ...row, memberType: "Direct", endsAt: plus(START, 365 * DAY_MS) });
    }
    // Ada activated Helpdesk and holds it when she loses it.
    world.directory.stand(aUser(adminOf(ADA), { name: ADA.name }), HELPDESK, {
      assignmentType: "Activated",
      startsAt: START,
      endsAt: plus(START, 300 * DAY_MS),
    });
    return world;
  }

  const act = (world: ChangeWorld, activity: typeof readCampaign, id: ChangeId): Promise<CampaignFacts> =>
    activity(world.changeWorker)({ id }, NO_CONTEXT) as Promise<CampaignFacts>;

  /** The hourly timer, which the host runs again an hour later whatever became of it. */
  async function hour(world: ChangeWorld, begun: Set<ChangeId>): Promise<void> {
    world.now = plus(world.now, HOUR_MS);
    world.beforeAct();
    const gateway = { campaign: async (id: ChangeId) => void begun.add(id) } as never;
    await tendCampaign(world.changeWorker, () => gateway)(undefined, NO_CONTEXT).catch(() => undefined);
  }

  /** Eva answers on the page and signs, once more where her sign-in became too old before it was recorded. */
  async function answers(
    world: ChangeWorld,
    review: ChangeId,
    said: readonly (readonly [Person, ReviewAnswer["choice"]])[],
  ): Promise<void> {
    const { changes } = world.tables;
    const slot = world.frozen(review).approvers.find(({ person }) => person === EVA.key)?.slot ?? 0;
    const items = await changes.items(review);
    const sheet = Object.fromEntries(
      said.map(([person, choice]) => {
        const index = items.findIndex((item) => item.person === person.key);
        return [index + 1, { choice, reason: "because", about: aboutItem(items[index] ?? anItem(person)) }];
      }),
    );
    await changes.keepAnswers(review, slot, sheet);
    for (let tries = 0; tries < 2; tries += 1) {
      if (world.recordTypes(review).includes("ChangeDecided")) return;
      const answersDigestNow = answersDigest(await changes.answers(review, slot));
      await world.signsFor(review, EVA, { kind: "review", answersDigest: answersDigestNow }, { slot });
      await world.runChange(review);
    }
  }

  interface Told {
    readonly world: ChangeWorld;
    readonly made: Trouble;
    readonly report: CampaignReport | undefined;
  }

  async function story(make: (world: ChangeWorld) => Trouble): Promise<Told> {
    const world = aWorld();
    const made = make(world);
    trouble(world, made);
    const begun = new Set<ChangeId>();
    for (let hours = 0; hours < 3 && begun.size === 0; hours += 1) await hour(world, begun);
    const [campaign] = begun;
    if (!campaign) throw new Error("no campaign was begun");
    // The campaign's orchestration reads what it begins; what it cannot, the timers begin.
    const facts = await act(world, readCampaign, campaign).catch(() => {
      world.beforeAct();
      world.now = plus(world.now, 10 * MINUTE_MS);
      return act(world, readCampaign, campaign);
    });
    const reviews = facts.reviews as readonly ChangeId[];
    for (const review of reviews) await world.runChange(review);
    for (const days of [7, 4]) {
      world.now = plus(world.now, days * DAY_MS);
      for (const review of reviews) await world.runChange(review);
    }
    for (const review of reviews)
      await answers(
        world,
        review,
        world.frozen(review).words[0]?.includes("Helpdesk") ? [[ADA, "remove"], [CORA, "keep"]] : [[ADA, "shorten"]], // prettier-ignore
      );
    world.now = plus(world.now, 4 * DAY_MS);
    for (const review of reviews) await world.runOn(review);
    for (let tries = 0; tries < 3; tries += 1) {
      world.beforeAct();
      const ended = await act(world, endCampaign, campaign).catch(() => undefined);
      if (ended?.closed) break;
      world.now = plus(world.now, 10 * MINUTE_MS);
    }
    await hour(world, begun);
    world.beforeAct();
    const report = await reportCampaign(world.changeWorker, campaign).catch(() => {
      world.beforeAct();
      return reportCampaign(world.changeWorker, campaign);
    });
    return { world, made, report };
  }

  function flaws({ world, report }: Told): readonly string[] {
    const found: string[] = [...chainFlaws(world)];
    const expect = (what: string, is: unknown, should: unknown): void => {
      if (JSON.stringify(is) !== JSON.stringify(should)) found.push(`${what}: ${JSON.stringify(is)}`);
    };
    const short = world.directory.eligible.map(({ principalId, roleDefinitionId, endsAt }) => [
      principalId.slice(-3),
      roleDefinitionId === HELPDESK ? "helpdesk" : "exchange",
      endsAt === plus(START, 365 * DAY_MS) ? "as before" : "shortened",
    ]);
    expect("eligible", short, [
      [adminOf(CORA).slice(-3), "helpdesk", "as before"],
      [adminOf(ADA).slice(-3), "exchange", "shortened"],
    ]);
    expect(
      "held",
      world.directory.standsNow().map(({ principalId }) => principalId),
      BREAK_GLASS,
    );
    expect("writes", world.directory.journal.map((line) => line.split(" ")[0]).toSorted(), [
      ...["+eligible", "-active", "-eligible", "-eligible", "-eligible"],
    ]);
    const ada = world.directory.journal.filter((line) => line.includes(`${adminOf(ADA)} ${HELPDESK}`));
    expect(
      "order",
      ada.map((line) => line.split(" ")[0]),
      ["-active", "-eligible"],
    );
    for (const [type, times] of [
      ["CampaignOpened", 1],
      ["ChangeOpened", 2],
      ["ChangeDecided", 2],
      ["ChangeItemDone", 5],
      ["ChangeClosed", 2],
      ["CampaignClosed", 1],
      ["FindingReported", 0],
    ] as const)
      expect(type, count(world, type), times);
    expect("report", [report?.status, report?.reviews.map(({ status }) => status)], ["Done", ["Done", "Done"]]);
    expect("reported", report?.items.map(({ holder, verdict, done }) => `${holder} ${verdict} ${done}`).toSorted(), [
      ...["ada remove true", "ada shorten true", "cora keep true", "dev remove true", "eva remove true"],
    ]);
    expect("left waiting", world.tables.others.size, 0);
    const told = (begin: string, to: Person): number =>
      world.mails.filter((mail) => mail.subject.startsWith(begin) && mail.to === to.mail).length;
    for (const [begin, to] of [
      ["Access review: ", EVA],
      ["Access review: ", DEV],
      ["Reminder: Access review", EVA],
      ["Nobody answered: Access review", CORA],
      ["Access review 1 is over", EVA],
    ] as const)
      if (told(begin, to) < 1 || told(begin, to) > 2) found.push(`${begin} ${to.key}: ${told(begin, to)} mails`);
    return found;
  }

  endsTheSame(story, flaws, 200);
});

describe("a wave", () => {
  async function story(
    make: (world: ChangeWorld) => Trouble,
  ): Promise<{ world: ChangeWorld; made: Trouble; id: ChangeId }> {
    const world = new ChangeWorld();
    world.backsOff = true;
    world.stands(ADA);
    // Dev got the role a moment ago: the directory changes no row as young.
    world.directory.stand(aUser(adminOf(DEV), { name: DEV.name }), anItem(DEV).roleDefinitionId, { startsAt: START });
    world.directory.dropsEligibility = true;
    const made = make(world);
    trouble(world, made);
    const id = await world.askFor(EVA, WAVE_1, [anItem(ADA), anItem(DEV)]);
    await world.runChange(id);
    await signs(world, id, EVA, { kind: "confirm" }, "AwaitingConfirmation");
    await signs(world, id, CORA, { kind: "approve" }, "AwaitingApproval");
    await world.runOn(id);
    return { world, made, id };
  }

  function flaws({ world, id }: { world: ChangeWorld; id: ChangeId }): readonly string[] {
    const found: string[] = [...chainFlaws(world)];
    const expect = (what: string, is: unknown, should: unknown): void => {
      if (JSON.stringify(is) !== JSON.stringify(should)) found.push(`${what}: ${JSON.stringify(is)}`);
    };
    expect("ends", world.tables.changes.stored.get(id)?.row?.state.status, "Done");
    expect(
      "held",
      world.directory.standsNow().map(({ principalId }) => principalId),
      BREAK_GLASS,
    );
    expect("eligible", world.directory.eligible.map(({ principalId }) => principalId).toSorted(), [adminOf(ADA), adminOf(DEV)].toSorted()); // prettier-ignore
    for (const one of [ADA, DEV]) {
      const own = world.directory.journal.filter((line) => line.includes(adminOf(one)));
      expect(
        one.key,
        own.map((line) => line.split(" ")[0]),
        ["eligible", "-active", "eligible"],
      );
    }
    for (const [type, times] of [
      ["ChangeOpened", 1],
      ["ChangeDecided", 2],
      ["ChangeItemDone", 2],
      ["ChangeClosed", 1],
    ] as const)
      expect(type, count(world, type), times);
    expect("locks", world.tables.changes.locks.size, 0);
    expect("left waiting", world.tables.others.size, 0);
    return found;
  }

  endsTheSame(story, flaws, 80);
});

describe("a way back", () => {
  async function story(
    make: (world: ChangeWorld) => Trouble,
  ): Promise<{ world: ChangeWorld; made: Trouble; id: ChangeId }> {
    const world = new ChangeWorld();
    world.backsOff = true;
    world.stands(ADA);
    world.stands(DEV);
    await world.directory.makeEligible(anItem(DEV), { durationMs: undefined, justification: "", correlationId: "" });
    const wave = await world.askFor(EVA, WAVE_1, [anItem(ADA), anItem(DEV)]);
    await signs(world, wave, EVA, { kind: "confirm" }, "AwaitingConfirmation");
    await signs(world, wave, CORA, { kind: "approve" }, "AwaitingApproval");
    await world.runOn(wave);
    world.directory.journal.length = 0;
    const made = make(world);
    trouble(world, made);
    const id = await world.askFor(EVA, BACK_1, []);
    await signs(world, id, EVA, { kind: "confirm" }, "AwaitingConfirmation");
    await signs(world, id, CORA, { kind: "approve" }, "AwaitingApproval");
    await world.runOn(id);
    return { world, made, id };
  }

  function flaws({ world, id }: { world: ChangeWorld; id: ChangeId }): readonly string[] {
    const found: string[] = [...chainFlaws(world)];
    const expect = (what: string, is: unknown, should: unknown): void => {
      if (JSON.stringify(is) !== JSON.stringify(should)) found.push(`${what}: ${JSON.stringify(is)}`);
    };
    expect("ends", world.tables.changes.stored.get(id)?.row?.state.status, "Done");
    expect(
      "held",
      world.directory.standsNow().map(({ principalId }) => principalId),
      [...BREAK_GLASS, adminOf(ADA), adminOf(DEV)],
    );
    expect(
      "eligible",
      world.directory.eligible.map(({ principalId }) => principalId),
      [adminOf(DEV)],
    );
    const lines = world.directory.journal.map((line) => line.split(" ").slice(0, 2).join(" "));
    expect("writes", lines, [`active ${adminOf(ADA)}`, `-eligible ${adminOf(ADA)}`, `active ${adminOf(DEV)}`]);
    const done = world.records(id).filter(({ type }) => type === "ChangeItemDone");
    expect("records", done.length, 2);
    expect("locks", world.tables.changes.locks.size, 0);
    expect("left waiting", world.tables.others.size, 0);
    return found;
  }

  endsTheSame(story, flaws, 60);
});

describe("an eligibility that is renewed and then ended", () => {
  async function story(make: (world: ChangeWorld) => Trouble): Promise<{ world: ChangeWorld; made: Trouble }> {
    const world = new ChangeWorld();
    world.backsOff = true;
    await world.directory.makeEligible(anItem(DEV), { durationMs: DAY_MS, justification: "", correlationId: "" });
    world.directory.principals.set(adminOf(DEV), aUser(adminOf(DEV)));
    const made = make(world);
    trouble(world, made);
    for (const action of ["renew", "remove"] as const) {
      const item = anItem(DEV, { action: "grant", eligibleForMs: 90 * DAY_MS });
      const id = await world.askFor(EVA, { kind: "eligibility", action }, [item]);
      await signs(world, id, EVA, { kind: "confirm" }, "AwaitingConfirmation");
      if (action !== "remove") await signs(world, id, CORA, { kind: "approve" }, "AwaitingApproval");
      await world.runOn(id);
    }
    return { world, made };
  }

  function flaws({ world }: { world: ChangeWorld }): readonly string[] {
    const found: string[] = [...chainFlaws(world)];
    const writes = world.directory.journal.map((line) => line.split(" ")[0]).join();
    if (writes !== "eligible,+eligible,-eligible") found.push(`wrote ${writes}`);
    for (const [type, times] of [
      ["ChangeItemDone", 2],
      ["ChangeClosed", 2],
      ["ChangeDecided", 3],
    ] as const)
      if (count(world, type) !== times) found.push(`${type} ${count(world, type)} times`);
    if (world.tables.others.size > 0) found.push("left waiting");
    return found;
  }

  endsTheSame(story, flaws, 60);
});
