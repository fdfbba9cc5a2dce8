import { describe, expect, it } from "vitest";
import type { ActivationState } from "../../shared/domain/activation.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import type { PendingBody } from "../../shared/ports/activation-store.ts";
import { NO_ANSWER, refusedWith, START } from "../support/memory-directory.ts";
import {
  ACTIVATION,
  ADA,
  adminOf,
  APPROVE,
  APPROVERS,
  aRole,
  aTicket,
  CORA,
  DEV,
  manualRole,
  MemoryWorld,
  OWNERS,
} from "../support/memory-world.ts";

const reasonOf = (state: ActivationState): string | undefined =>
  "closing" in state ? state.closing.reason : undefined;

async function provenWorld(world = new MemoryWorld()): Promise<MemoryWorld> {
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
  return world;
}

async function activeWorld(world = new MemoryWorld()): Promise<MemoryWorld> {
  await provenWorld(world);
  await world.decide(CORA, APPROVE);
  expect((await world.run()).status).toBe("Active");
  return world;
}

const stop = (world: MemoryWorld, how: "end" | "disown") =>
  world.ask(`stop-${how}`, { kind: "stop", how, person: ADA.key, account: ADA.dailyAccount });

const ticketEvent = (world: MemoryWorld) => world.ask("ticket-1", { kind: "ticket", deliveryId: "1", notBefore: null });

describe("the activation process", () => {
  it("goes from a claim over step-up and approval to a role that the directory ends by itself", async () => {
    const world = await activeWorld();
    expect(world.directory.live()).toHaveLength(1);
    const state = await world.runUntil(plus(START, 2 * HOUR_MS));
    expect(state.status).toBe("Ended");
    expect(reasonOf(state)).toBe("EndTimeReached");
    expect(world.directory.writes.map(({ action }) => action)).toEqual(["assign"]);
    expect(world.notes).toEqual([
      expect.stringContaining("requested"),
      expect.stringContaining("approved by cora"),
      expect.stringContaining("active from"),
      expect.stringContaining("ended"),
    ]);
    expect((await world.record()).pending).toEqual([]);
  });

  it("asks nobody to approve before the person proved the request", async () => {
    const world = new MemoryWorld();
    await world.claim();
    await world.run();
    expect(world.mails.map(({ to }) => to)).toEqual([ADA.mail]);
    await world.stepUp();
    await world.run();
    expect(world.mails.slice(1).map(({ to }) => to)).toEqual([CORA.mail, DEV.mail]);
  });

  it("grants without a second person where the policy says automatic", async () => {
    const world = new MemoryWorld(aRole({ approval: { mode: "automatic", unlessSelfMade: undefined } }));
    await world.claim();
    await world.run();
    await world.stepUp();
    expect((await world.run()).status).toBe("Active");
  });

  it("refuses an automatic role when the person made the ticket", async () => {
    const world = new MemoryWorld(aRole({ approval: { mode: "automatic", unlessSelfMade: undefined } }));
    world.ticket = aTicket({ creator: "user-1" });
    await world.claim();
    expect(reasonOf(await world.run())).toBe("TicketSelfMade");
  });

  it("needs every requirement to be met, one decision counting for all that name the person", async () => {
    const world = await provenWorld(
      new MemoryWorld(
        manualRole({
          requirements: [
            { name: "Security", count: 1, from: [{ kind: "group", group: APPROVERS }] },
            { name: "Owners", count: 1, from: [{ kind: "group", group: OWNERS }] },
          ],
        }),
      ),
    );
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("AwaitingApproval");
    await world.decide(DEV, APPROVE);
    expect((await world.run()).status).toBe("Active");
  });

  it("grants the shortest time that an approver allowed", async () => {
    const world = await provenWorld();
    await world.decide(CORA, { kind: "approve", durationMs: 30 * MINUTE_MS });
    expect(await world.run()).toMatchObject({ status: "Active", endsAt: plus(START, 30 * MINUTE_MS) });
  });

  it("reminds, escalates to the backups, and expires when nobody decides", async () => {
    const world = await provenWorld(new MemoryWorld(manualRole({ backups: [{ kind: "group", group: OWNERS }] })));
    const state = await world.runUntil(plus(START, 9 * HOUR_MS));
    expect(reasonOf(state)).toBe("ApprovalTimedOut");
    const reminded = world.mails.filter(({ subject }) => subject.startsWith("Reminder")).map(({ to }) => to);
    expect(reminded).toContain(CORA.mail);
    expect(reminded).toContain("eva@example.com");
  });

  it("denies with the approver's reason", async () => {
    const world = await provenWorld();
    await world.decide(CORA, { kind: "deny", reason: "use the reader role" });
    expect(await world.run()).toMatchObject({
      status: "Denied",
      closing: { detail: "use the reader role", by: CORA.key },
    });
  });

  it("waits for Start when the window lies ahead and grants only inside it", async () => {
    const world = new MemoryWorld(
      aRole({
        tickets: [
          {
            system: "servicenow",
            type: "change_request",
            window: "required",
            graceMs: 0,
            approved: true,
            namesRole: false,
          },
        ],
      }),
    );
    const opensAt = plus(START, 3 * HOUR_MS);
    world.ticket = aTicket({ window: { startsAt: opensAt, endsAt: plus(opensAt, 4 * HOUR_MS) } });
    await provenWorld(world);
    await world.decide(CORA, APPROVE);
    expect(await world.run()).toMatchObject({ status: "Ready", opensAt });
    await world.signIn({ account: adminOf(ADA), purpose: "start" });
    expect((await world.run()).status).toBe("Ready");
    world.now = plus(opensAt, MINUTE_MS);
    await world.signIn({ account: adminOf(ADA), purpose: "start" });
    expect((await world.run()).status).toBe("Active");
  });

  it("asks everybody again when the ticket changes before the grant", async () => {
    const world = await provenWorld();
    world.ticket = aTicket({ summary: "Something else" });
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("AwaitingStepUp");
    expect((await world.record()).requests).toHaveLength(2);
    await world.stepUp();
    expect((await world.run()).status).toBe("AwaitingApproval");
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("Active");
  });

  it.each([
    ["at once", { kind: "end" as const }, 0],
    ["after the grace", { kind: "grace" as const, ms: 20 * MINUTE_MS }, 20],
  ])("ends access %s when the ticket closes", async (_name, onTicketClosed, minutes) => {
    const world = await activeWorld(new MemoryWorld(aRole({ onTicketClosed })));
    world.now = plus(START, 10 * MINUTE_MS);
    world.ticket = aTicket({ status: "closed" });
    await ticketEvent(world);
    if (minutes > 0) expect((await world.run()).status).toBe("Active");
    const state = await world.runUntil(plus(START, (11 + minutes) * MINUTE_MS));
    expect(state).toMatchObject({ status: "Ended", closing: { reason: "TicketClosed" } });
  });

  it.each([
    ["only to be told", { kind: "notify" as const }],
    ["a grace past the end", { kind: "grace" as const, ms: 4 * HOUR_MS }],
  ])("warns once when the ticket closes and the policy says %s, however many events tell it", async (_name, rule) => {
    const world = await activeWorld(new MemoryWorld(aRole({ onTicketClosed: rule })));
    world.now = plus(START, 10 * MINUTE_MS);
    world.ticket = aTicket({ status: "closed" });
    for (const delivery of ["closed", "commented", "commented-again"]) {
      await world.ask(`ticket-${delivery}`, { kind: "ticket", deliveryId: delivery, notBefore: null });
      expect((await world.run()).status).toBe("Active");
    }
    expect(world.mails.filter(({ subject }) => subject.includes("your ticket changed"))).toHaveLength(1);
    expect(await world.runUntil(plus(START, 3 * HOUR_MS))).toMatchObject({
      status: "Ended",
      closing: { reason: "EndTimeReached" },
    });
  });

  it("keeps access when the ticket system is down, and still ends it on time", async () => {
    const world = await activeWorld();
    world.ticketSystemDown = true;
    await ticketEvent(world);
    expect((await world.run()).status).toBe("Active");
    expect((await world.runUntil(plus(START, 2 * HOUR_MS))).status).toBe("Ended");
  });

  it("grants nothing while the ticket system is down, and says why", async () => {
    const world = new MemoryWorld();
    world.ticketSystemDown = true;
    await world.claim();
    await expect(world.act("openActivation")).rejects.toThrow("[Unavailable]");
    world.now = plus(START, 31 * MINUTE_MS);
    expect(reasonOf(await world.run())).toBe("TicketSystemUnavailable");
  });

  it("waits out the five minutes in which the directory refuses a removal", async () => {
    const world = await activeWorld();
    world.now = plus(START, MINUTE_MS);
    await stop(world, "end");
    expect(await world.run()).toMatchObject({ status: "Ending", notBefore: plus(START, 5 * MINUTE_MS) });
    expect(world.directory.writes).toHaveLength(1);
    const state = await world.runUntil(plus(START, 6 * MINUTE_MS));
    expect(state).toMatchObject({ status: "Ended", closing: { reason: "EndedByPerson" } });
  });

  it("removes again and again until the absence is read back", async () => {
    const world = await activeWorld();
    world.now = plus(START, 10 * MINUTE_MS);
    for (let n = 0; n < 5; n += 1)
      world.directory.faults.push({ effect: false, answer: refusedWith("TooManyRequests", 429) });
    await stop(world, "end");
    const state = await world.runUntil(plus(START, HOUR_MS));
    expect(state.status).toBe("Ended");
    expect(world.directory.writes.filter(({ action }) => action === "remove")).toHaveLength(6);
  });

  it("adopts its own assignment when the reply was lost", async () => {
    const world = new MemoryWorld();
    world.directory.faults.push({ effect: true, answer: NO_ANSWER });
    await activeWorld(world);
    expect(world.directory.writes).toHaveLength(1);
  });

  it("takes away at once what was granted for a request whose seal is wrong when it comes back", async () => {
    const world = await provenWorld();
    world.directory.faults.push({ effect: true, answer: "throws" });
    await world.decide(CORA, APPROVE);
    await world.act("recordAsks");
    await expect(world.act("grantRole")).rejects.toThrow();
    const record = await world.record();
    const requests = record.requests.map((row) => ({ ...row, mac: "1.forged" }));
    world.tables.records.set(ACTIVATION, { ...record, requests });
    world.now = plus(world.now, 6 * MINUTE_MS);
    expect(await world.run()).toMatchObject({ status: "Failed", closing: { reason: "RecordTampered" } });
    expect(world.directory.live()).toHaveLength(1);
    await world.sweep();
    expect(world.directory.live()).toEqual([]);
    expect(world.findings().map(({ data }) => data["finding"])).toContain("leftOver");
    await world.sweep();
    expect((await world.record()).pending.filter(({ body }) => body.kind === "watch")).toEqual([]);
  });

  it.each([
    [ADA, "CancelledByRequester"],
    [CORA, "StoppedByOther"],
  ])("names who stopped a request before it was granted", async ({ key, dailyAccount }, reason) => {
    const world = await provenWorld();
    await world.ask("stop-withdraw", { kind: "stop", how: "withdraw", person: key, account: dailyAccount });
    expect(await world.run()).toMatchObject({ status: "Cancelled", closing: { reason, by: key } });
  });

  it.each([undefined, "Revoked", "Canceled"])(
    "never asks twice for what was accepted once and then taken away (%s) before it looked",
    async (status) => {
      const world = await provenWorld();
      world.directory.faults.push({ effect: true, answer: "throws" });
      await world.decide(CORA, APPROVE);
      await world.act("recordAsks");
      await expect(world.act("grantRole")).rejects.toThrow();
      for (const row of world.directory.rows) row.removed = true;
      world.directory.statusOfTaken = status;
      const state = await world.runUntil(plus(START, HOUR_MS));
      expect(state).toMatchObject({ status: "Failed", closing: { reason: "DirectoryRefused" } });
      expect(world.directory.writes.map(({ action }) => action)).toEqual(["assign"]);
      expect(await world.tables.holders.holder((await world.record()).claim)).toBeUndefined();
    },
  );

  it("cancels and blocks when the person says they did not ask", async () => {
    const world = new MemoryWorld();
    await world.claim();
    await world.run();
    await stop(world, "disown");
    expect(reasonOf(await world.run())).toBe("NotRequestedByPerson");
    expect(await world.tables.controls.isBlocked(ADA.key, plus(START, HOUR_MS))).toBe(true);
    expect(world.mails.map(({ to }) => to)).toContain("identity@example.com");
  });

  it("stops all grants when too many came within the breaker's time", async () => {
    const world = await provenWorld();
    world.tables.grants.push(START, START, START);
    await world.decide(CORA, APPROVE);
    expect(reasonOf(await world.run())).toBe("BreakerOpen");
    expect(world.tables.freezeRow?.by).toBe("breaker");
    expect(world.tables.freezeRow?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(world.tables.chains.get("controls")?.map(({ type }) => type)).toEqual(["GrantsFrozen"]);
    expect(world.mails.at(-1)).toMatchObject({ to: world.policy.alertMail });
  });

  it("counts only the grants since two persons resumed them", async () => {
    const world = await provenWorld();
    world.tables.grants.push(START, START, START);
    world.tables.lifts.push({ body: JSON.stringify({ at: plus(START, -MINUTE_MS) }), mac: "" });
    world.now = plus(START, 2 * MINUTE_MS);
    await world.decide(CORA, APPROVE);
    expect(reasonOf(await world.run())).toBe("BreakerOpen");
    const again = await provenWorld();
    again.tables.grants.push(START, START, START, plus(START, 2 * MINUTE_MS));
    again.tables.lifts.push({ body: JSON.stringify({ at: plus(START, MINUTE_MS) }), mac: "" });
    again.now = plus(START, 3 * MINUTE_MS);
    await again.decide(CORA, APPROVE);
    expect((await again.run()).status).toBe("Active");
  });

  it("ends what is held when everything is frozen", async () => {
    const world = await activeWorld();
    world.now = plus(START, 10 * MINUTE_MS);
    await world.ask("freeze-1", { kind: "freeze", freezeId: "freeze-1" });
    expect(reasonOf(await world.run())).toBe("Frozen");
  });

  it("lets the sweeper end access when the orchestration is gone", async () => {
    const world = await activeWorld();
    world.now = plus(START, 2 * HOUR_MS + 3 * MINUTE_MS);
    await world.sweep();
    expect((await world.record(ACTIVATION)).row?.state.status).toBe("Ended");
  });

  it("has the sweeper report what is stuck, in the trail once however often it sweeps", async () => {
    const world = await activeWorld();
    await ticketEvent(world);
    world.now = plus(START, 20 * MINUTE_MS);
    await world.sweep();
    await world.sweep();
    expect(world.findings().map(({ data }) => data)).toMatchObject([{ finding: "stuck", activationId: ACTIVATION }]);
  });

  it("sends what was left of a finished activation only when nobody did for minutes that it watched", async () => {
    const world = await activeWorld();
    world.now = plus(START, 2 * HOUR_MS + 3 * MINUTE_MS);
    await world.run();
    expect((await world.record(ACTIVATION)).row?.state.status).toBe("Ended");
    const mail: PendingBody = {
      kind: "send",
      message: { channel: "mail", to: ["late@contoso.example"], subject: "Late", html: "Late" },
      attempts: 0,
    };
    await world.ask("send-late", mail);
    const sent = (): number => world.mails.filter(({ to }) => to === "late@contoso.example").length;
    world.now = plus(world.now, HOUR_MS); // everything was down
    await world.sweep();
    world.now = plus(world.now, 2 * MINUTE_MS);
    await world.sweep();
    expect(sent()).toBe(0);
    world.now = plus(world.now, MINUTE_MS);
    await world.sweep();
    expect(sent()).toBe(1);
  });

  it("needs no right to grant to sweep what is asked for, held and over", async () => {
    const world = await provenWorld();
    const asked: unknown[] = [];
    const assign = async (...words: unknown[]) => {
      asked.push(words);
      throw new Error("the sweeper may not grant");
    };
    await world.decide(CORA, APPROVE);
    const granting = world.worker.directory.assign.bind(world.worker.directory);
    const sweepWithoutIt = async () => {
      Object.assign(world.worker.directory, { assign });
      await world.sweep();
      Object.assign(world.worker.directory, { assign: granting });
    };
    world.now = plus(START, MINUTE_MS);
    await sweepWithoutIt();
    expect((await world.run()).status).toBe("Active");
    world.now = plus(START, 3 * HOUR_MS);
    await sweepWithoutIt();
    expect((await world.record()).row?.state.status).toBe("Ended");
    expect(asked).toEqual([]);
  });

  it("has the sweeper start a claim whose winner died before it wrote the activation", async () => {
    const world = new MemoryWorld();
    await world.claim();
    const { claim, pending } = await world.record(ACTIVATION);
    world.tables.records.delete(ACTIVATION);
    for (const row of pending) world.tables.others.set(`${ACTIVATION} ${row.key}`, row);
    world.now = plus(START, 2 * MINUTE_MS);
    await world.sweep();
    expect(world.started).toEqual([ACTIVATION]);
    expect((await world.record(ACTIVATION)).claim).toEqual(claim);
  });

  it("reports a row that no activation stands behind once, and its own rows never (I8)", async () => {
    const world = await activeWorld();
    await world.reconcile();
    expect(world.findings()).toEqual([]);
    await world.directory.assign(
      { ...(await world.record()).claim, principalId: adminOf(DEV) },
      {
        durationMs: HOUR_MS,
        justification: "",
        ticketNumber: "",
        ticketSystem: "",
        startsAt: world.now,
        correlationId: "",
      },
    );
    await world.reconcile();
    await world.reconcile();
    expect(world.findings()).toMatchObject([{ data: { finding: "foreignAssignment", principalId: adminOf(DEV) } }]);
    expect(world.mails.filter(({ subject }) => subject.includes("outside"))).toHaveLength(1);
  });

  it("makes a forged decision row loud, and counts it for nothing (I13)", async () => {
    const world = await provenWorld();
    const record = await world.record();
    world.tables.records.set(ACTIVATION, { ...record, verdicts: [...record.verdicts, { body: "{}", mac: "1.AAAA" }] });
    await ticketEvent(world);
    expect((await world.run()).status).toBe("AwaitingApproval");
    await ticketEvent(world);
    await world.run();
    expect(world.findings()).toMatchObject([{ type: "TamperingFound", data: { what: "verdict" } }]);
    expect(world.mails.filter(({ to }) => to === "identity@example.com")).toHaveLength(1);
  });

  it("refuses a request when too many are open from tickets of the same creator", async () => {
    const world = new MemoryWorld();
    world.policy = { ...world.policy, caps: { openPerPerson: 9, openPerTicketCreator: 1 } };
    await world.claim();
    await world.run();
    const second = "f".repeat(32) as typeof ACTIVATION;
    await world.claim({ activationId: second, ticket: { system: "servicenow", number: "CHG0030999" } });
    expect(reasonOf(await world.run(second))).toBe("TooManyFromTicketCreator");
  });
});
