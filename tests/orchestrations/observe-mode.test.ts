import { HttpRequest, InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { handleTicketEvent } from "../../functions/activities/handle-ticket-event.ts";
import type { Handler } from "../../functions/http/handler.ts";
import type { Door } from "../../functions/door.ts";
import { openCampaign } from "../../functions/review/open-campaign.ts";
import { makePlan } from "../../functions/standing/make-plan.ts";
import { acceptPolicy } from "../../functions/triggers/accept-policy.http.ts";
import { changeEligibility } from "../../functions/triggers/change-eligibility.http.ts";
import { changeSettings } from "../../functions/triggers/change-settings.http.ts";
import { checkDaily } from "../../functions/triggers/check-drift.timer.ts";
import { endActivation } from "../../functions/triggers/end-activation.http.ts";
import { receiveRequest } from "../../functions/triggers/receive-request.servicebus.ts";
import { requestActivation } from "../../functions/triggers/request-activation.http.ts";
import { workWave } from "../../functions/triggers/work-wave.http.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Person } from "../../shared/domain/people.ts";
import { REASONS } from "../../shared/domain/reasons.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { DependencyError, type DependencyErrorCode } from "../../shared/ports/dependency-error.ts";
import { anItem, aUser, ChangeWorld, WAVE_1 } from "../support/change-world.ts";
import { Browser, MemoryFront, PUBLIC_URL } from "../support/memory-front.ts";
import {
  ACTIVATION,
  ADA,
  adminOf,
  APPROVE,
  aTicket,
  CORA,
  EVA,
  MemoryWorld,
  OWNERS,
  ROLE,
} from "../support/memory-world.ts";

const NO_CONTEXT = new InvocationContext();
const observe = (world: MemoryWorld): void => {
  world.policy = { ...world.policy, hash: "b".repeat(64), mode: "observe" };
};

const atTheDoor = (world: MemoryWorld): readonly AuditRecord[] =>
  [...world.tables.chains].filter(([subject]) => subject.startsWith("door-")).flatMap(([, records]) => records);

async function post(world: MemoryWorld, make: (door: Door) => Handler, by: Person, body: object, id = "") {
  const callers = { verify: async () => ({ caller: { account: by.dailyAccount, clientId: "cli" } }) as never };
  const request = new HttpRequest({
    method: "POST",
    url: "https://app.example/api/x",
    headers: { "content-type": "application/json" },
    params: { id },
    body: { string: JSON.stringify(body) },
  });
  const { status, body: text } = await make({ ...new MemoryFront(world).front, callers })(request, NO_CONTEXT);
  return { http: status, ...(JSON.parse(text as string) as { readonly code?: string }) };
}

describe("where a tenant is only watched, nobody is given a role", () => {
  let world: MemoryWorld;
  const ASKED = {
    role: "Global Administrator",
    duration: "PT2H",
    justification: "Rotate the signing key",
    ticket: { system: "servicenow", number: "CHG0030192" },
  };

  beforeEach(() => {
    world = new MemoryWorld();
    const ticketSystems = { servicenow: { numberPattern: "CHG\\d{7}" } as never };
    const senders = { chatbot: { people: "all" as const, roles: [ROLE], openAtMost: 2 } };
    world.policy = { ...world.policy, ticketSystems, senders };
  });

  it("through the API: refused, on the record, and nothing is claimed", async () => {
    observe(world);
    expect(await post(world, requestActivation, ADA, ASKED)).toMatchObject({ http: 403, code: "ObserveOnly" });
    expect(atTheDoor(world)).toMatchObject([{ type: "RequestRefusedAtDoor", data: { reason: "ObserveOnly" } }]);
    expect(world.tables.claims.size).toBe(0);
  });

  it("by message: rejected with the reason", async () => {
    observe(world);
    const rejected: string[] = [];
    const requests = {
      again: async () => undefined,
      reject: async (_: unknown, { reason }: { reason: string }) => void rejected.push(reason),
    };
    const message = { version: 1, requestId: "chat-2026-0001", person: "ada", ...ASKED };
    const door = { ...world.worker, requests, gatewayOf: () => ({}) as never };
    const context = new InvocationContext({ triggerMetadata: { messageId: "first-1" } });
    await receiveRequest(door, "chatbot")(Buffer.from(JSON.stringify(message)), context);
    expect(rejected).toEqual(["ObserveOnly"]);
    expect(atTheDoor(world)).toMatchObject([{ type: "MessageRejected", data: { reason: "ObserveOnly" } }]);
    expect(world.tables.claims.size).toBe(0);
  });

  it("by webhook: refused, on the record, and nothing is written into the ticket", async () => {
    world.ticket = aTicket({ asks: { role: "Global Administrator", duration: "PT2H", scope: undefined } });
    const started: string[] = [];
    const gateway = { start: async (id: string) => void started.push(id), ring: async () => undefined } as never;
    const delivered = async (deliveryId: string): Promise<void> => {
      const input = { ...ASKED.ticket, deliveryId, receivedAt: world.now };
      await handleTicketEvent(world.worker, () => gateway)(input, NO_CONTEXT);
    };
    observe(world);
    await delivered("1");
    expect(atTheDoor(world)).toMatchObject([{ type: "RequestRefusedAtDoor", data: { reason: "ObserveOnly" } }]);
    expect([world.notes, started, world.tables.claims.size]).toEqual([[], [], 0]);
    world.policy = { ...world.policy, mode: "enforce" };
    await delivered("2");
    expect(started).toHaveLength(1);
  });

  it("whatever was claimed, or approved, before", async () => {
    await world.claim();
    observe(world);
    expect(await world.run()).toMatchObject({ status: "Refused", closing: { reason: "ObserveOnly" } });

    const approved = new MemoryWorld();
    await approved.claim();
    await approved.run();
    await approved.stepUp();
    await approved.run();
    observe(approved);
    await approved.decide(CORA, APPROVE);
    expect(await approved.run()).toMatchObject({ status: "Failed", closing: { reason: "ObserveOnly" } });
    expect(approved.directory.writes).toEqual([]);
  });

  it("but who holds one can give it back", async () => {
    await world.claim();
    await world.run();
    await world.stepUp();
    await world.run();
    await world.decide(CORA, APPROVE);
    expect((await world.run()).status).toBe("Active");
    observe(world);
    world.now = plus(world.now, 10 * MINUTE_MS);
    expect(await post(world, endActivation, ADA, {}, ACTIVATION)).toMatchObject({ http: 202 });
    const state = await world.runUntil(plus(world.now, MINUTE_MS));
    expect(state).toMatchObject({ status: "Ended", closing: { reason: "EndedByPerson" } });
    expect(world.directory.live()).toEqual([]);
  });
});

describe("where a tenant is only watched, nothing is changed", () => {
  let world: ChangeWorld;
  beforeEach(() => {
    world = new ChangeWorld();
    world.directory.principals.set(adminOf(ADA), aUser(adminOf(ADA), { name: ADA.name }));
  });
  const because = "trying it";

  const waveBody = async (): Promise<object> => {
    world.stands(ADA);
    const { governance } = world.policy;
    if (!governance) throw new Error("no governance");
    const plan = await makePlan({ ...world.changeWorker, posture: world.directory }, { ...world.policy, governance });
    return { action: "apply", wave: 1, because, plan };
  };

  it.each<[string, (door: Door) => Handler, () => object | Promise<object>]>([
    ["a conversion wave", workWave, waveBody],
    ["settings", changeSettings, () => ({ action: "undo", change: "a".repeat(32), because })],
    [
      "eligibility",
      changeEligibility,
      () => ({ action: "add", holder: "ada", role: ROLE, scope: "/", duration: "P90D", because }),
    ],
  ])("%s is refused at the door, on the record", async (what, make, bodyOf) => {
    observe(world);
    const body = { ...(await bodyOf()), ...(what === "eligibility" ? {} : { execute: true }) };
    expect(await post(world, make, CORA, body)).toMatchObject({ http: 403, code: "ObserveOnly" });
    expect(atTheDoor(world)).toMatchObject([{ type: "RequestRefusedAtDoor", data: { reason: "ObserveOnly" } }]);
    expect(world.tables.changes.stored.size).toBe(0);
  });

  it("eligibility is refused on the page too, in words", async () => {
    observe(world);
    const memory = new MemoryFront(world);
    const browser = new Browser(memory);
    const page = `${PUBLIC_URL}/api/e`;
    const redirect = await browser.press(await browser.get(page), "signIn");
    await browser.signIn(redirect, CORA.dailyAccount);
    const fields = { action: "add", holder: "ada", role: "Global Administrator", scope: "/", days: "90", because };
    const answer = await browser.press(await browser.get(page), "ask", fields);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain(REASONS.ObserveOnly);
    expect(atTheDoor(world)).toMatchObject([{ type: "RequestRefusedAtDoor", data: { reason: "ObserveOnly" } }]);
    expect(world.tables.changes.stored.size).toBe(0);
  });

  it("but what a wave would do is still shown", async () => {
    observe(world);
    expect(await post(world, workWave, CORA, { ...(await waveBody()), execute: false })).toMatchObject({
      http: 200,
      dryRun: true,
    });
  });

  it("but the policy can be accepted, which ends the watching", async () => {
    observe(world);
    world.policyAccepted = false;
    expect(await post(world, acceptPolicy, CORA, { because })).toMatchObject({ http: 202, kind: "policy" });
    const id = await world.askFor(EVA, { kind: "policy", hash: world.policy.hash }, []);
    await world.runChange(id);
    await world.signsFor(id, EVA, { kind: "confirm" });
    await world.runChange(id);
    await world.signsFor(id, CORA, { kind: "approve" });
    expect((await world.runOn(id)).status).toBe("Done");
  });

  it("whatever was asked, or agreed to, before", async () => {
    world.stands(ADA);
    const asked = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    const agreed = await world.askFor(EVA, WAVE_1, [anItem(ADA)]);
    await world.runChange(agreed);
    await world.signsFor(agreed, EVA, { kind: "confirm" });
    await world.runChange(agreed);
    observe(world);
    expect(await world.runChange(asked)).toMatchObject({ status: "Refused", closing: { reason: "ObserveOnly" } });
    await world.signsFor(agreed, CORA, { kind: "approve" });
    expect(await world.runOn(agreed)).toMatchObject({ status: "Stopped", closing: { reason: "ObserveOnly" } });
    expect(world.directory.journal).toEqual([]);
  });

  describe("by a review", () => {
    beforeEach(async () => {
      const { governance } = world.policy;
      const reviews = {
        from: plus(world.now, -DAY_MS),
        everyMs: 90 * DAY_MS,
        withinMs: 14 * DAY_MS,
        remindAfterMs: 7 * DAY_MS,
        reviewers: [{ kind: "group" as const, group: OWNERS }],
        escalation: undefined,
        noAnswer: "remove" as const,
      };
      if (governance) world.policy = { ...world.policy, governance: { ...governance, reviews } };
      const writing = { durationMs: 365 * DAY_MS, justification: "", correlationId: "" };
      await world.directory.makeEligible(anItem(ADA), writing);
    });

    it("that does not begin, and is refused on the record once", async () => {
      observe(world);
      for (let hour = 0; hour < 3; hour += 1) {
        expect(await openCampaign(world.changeWorker)).toBeUndefined();
        world.now = plus(world.now, HOUR_MS);
      }
      const refused = [...world.tables.chains.values()].flat().filter(({ type }) => type === "RequestRefusedAtDoor");
      expect(refused).toMatchObject([{ data: { reason: "ObserveOnly" } }]);
      world.policy = { ...world.policy, mode: "enforce" };
      expect(await openCampaign(world.changeWorker)).toBeDefined();
    });

    it("that was open already: it stops, and removes nobody who was not answered for", async () => {
      const campaign = await openCampaign(world.changeWorker);
      const [review] = await world.changeWorker.changes.about(`campaign-${String(campaign)}`);
      if (!review) throw new Error("no review");
      await world.runChange(review);
      observe(world);
      world.now = plus(world.now, 15 * DAY_MS);
      expect(await world.runOn(review)).toMatchObject({ status: "Stopped", closing: { reason: "ObserveOnly" } });
      expect(world.directory.eligible).toHaveLength(1);
    });
  });

  describe("by the daily look", () => {
    const open = (): readonly string[] => [...world.tables.openFindings.values()].map(({ kind }) => kind);
    const mailFails = (code: DependencyErrorCode): unknown =>
      Object.assign(world.changeWorker, { notifier: { mail: () => Promise.reject(new DependencyError(code, "no")) } });

    it("which leaves the eligibility of accounts that are gone, and finds what it always finds", async () => {
      const writing = { durationMs: 90 * DAY_MS, justification: "", correlationId: "" };
      await world.directory.makeEligible(anItem(ADA), writing);
      world.directory.principals.delete(adminOf(ADA));
      world.stands(EVA);
      observe(world);
      await checkDaily(world.changeWorker)();
      expect(world.directory.eligible).toHaveLength(1);
      expect(open()).toContain("standing");
    });

    it("which counts its findings as told where it may not mail, but not where the mail is only down", async () => {
      world.stands(EVA);
      mailFails("Misconfigured");
      await expect(checkDaily(world.changeWorker)()).rejects.toThrow("Misconfigured");
      observe(world);
      mailFails("Unavailable");
      await expect(checkDaily(world.changeWorker)()).rejects.toThrow("Unavailable");
      const untold = (): number => [...world.tables.openFindings.values()].filter((one) => one.untold).length;
      expect(untold()).toBeGreaterThan(0);
      mailFails("Misconfigured");
      await checkDaily(world.changeWorker)();
      expect(open()).toContain("standing");
      expect(untold()).toBe(0);
    });
  });
});
