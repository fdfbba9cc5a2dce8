import { HttpRequest, InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { requestActivation } from "../../../../functions/triggers/request-activation.http.ts";
import type { ActivationId } from "../../../../shared/domain/ids.ts";
import { DAY_MS, HOUR_MS, plus } from "../../../../shared/domain/time.ts";
import { MemoryFront } from "../../../support/memory-front.ts";
import { ADA, adminOf, APPROVE, aRole, aTicket, CORA, EVA, MemoryWorld } from "../../../support/memory-world.ts";

const GOOD = {
  role: "Global Administrator",
  duration: "PT2H",
  justification: "Rotate the signing key",
  ticket: { system: "servicenow", number: "CHG0030192" },
};

let world: MemoryWorld;
let memory: MemoryFront;

function worldWith(usesPerTicket: number): void {
  world = new MemoryWorld(aRole({ usesPerTicket }));
  const numberPattern = "CHG\\d{7}";
  world.policy = { ...world.policy, ticketSystems: { servicenow: { numberPattern } as never } };
  memory = new MemoryFront(world);
}
beforeEach(() => worldWith(1));

async function ask(changes: object = {}, key?: string, who = ADA) {
  const callers = {
    verify: async () => ({ caller: { account: who.dailyAccount, clientId: "cli" } }) as never,
  };
  const request = new HttpRequest({
    method: "POST",
    url: "https://app.example/api/activations",
    headers: { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }) },
    body: { string: JSON.stringify({ ...GOOD, ...changes }) },
  });
  const answer = await requestActivation({ ...memory.front, callers })(request, new InvocationContext());
  const body = JSON.parse(answer.body as string) as { readonly id: ActivationId; readonly code?: string };
  return { ...body, http: answer.status };
}

describe("a request through the API", () => {
  it("is one activation, however often the same is asked", async () => {
    const [first, again] = [await ask(), await ask()];
    expect(first).toMatchObject({ http: 202 });
    expect(again.id).toBe(first.id);
    expect((await ask({}, "another-key")).id).toBe(first.id); // it is not over yet
  });

  it.each([
    ["PT4M", "DurationTooShort"],
    ["PT4H1M", "DurationTooLong"],
    ["P1D", "DurationTooLong"],
  ])("for %s is refused at the door, and claims nothing", async (duration, code) => {
    expect(await ask({ duration })).toMatchObject({ http: 422, code });
    expect(world.tables.claims.size).toBe(0);
    expect((await ask()).http).toBe(202);
  });

  it("uses a ticket as often as the policy says, each time with a new key", async () => {
    worldWith(2);
    const first = await ask();
    await live(first.id);
    expect((await ask()).id).toBe(first.id);
    const second = await ask({}, "second-use");
    expect(second.id).not.toBe(first.id);
    expect((await ask({}, "second-use")).id).toBe(second.id);
    await live(second.id);
    expect(await ask({}, "third-use")).toMatchObject({ http: 409, code: "TicketUsedUp" });
    expect((await ask({}, "second-use")).id).toBe(second.id);
  });

  it("that was refused does not use the ticket up", async () => {
    world.ticket = aTicket({ onHold: true });
    const refused = await ask();
    expect((await world.run(refused.id)).status).toBe("Refused");
    world.ticket = aTicket();
    expect((await ask()).id).toBe(refused.id);
    const second = await ask({}, "now-it-goes");
    expect(second.http).toBe(202);
    expect(second.id).not.toBe(refused.id);
    await live(second.id);
    expect(await ask({}, "once-more")).toMatchObject({ http: 409, code: "TicketUsedUp" });
  });

  it("that an approver denied, or that nobody answered, does use it up", async () => {
    const { id } = await ask();
    await world.run(id);
    await world.stepUp({ activation: id });
    await world.run(id);
    await world.decide(CORA, { kind: "deny", reason: "no" }, { activation: id });
    expect((await world.run(id)).status).toBe("Denied");
    expect(await ask({}, "until-somebody-agrees")).toMatchObject({ http: 409, code: "TicketUsedUp" });
    const other = await ask({ ticket: { ...GOOD.ticket, number: "CHG0030193" } });
    await world.runUntil(plus(world.now, DAY_MS), other.id);
    expect(await ask({ ticket: { ...GOOD.ticket, number: "CHG0030193" } }, "once-again")).toMatchObject({
      code: "TicketUsedUp",
    });
  });

  it("is of who holds the token: somebody else's is another activation, or none", async () => {
    const own = await ask();
    world.directory.eligible.push({
      ...(world.directory.eligible[0] ?? ({} as never)),
      principalId: adminOf(EVA),
    });
    expect((await ask({}, undefined, EVA)).id).not.toBe(own.id);
    expect(await ask({}, undefined, CORA)).toMatchObject({ http: 403, code: "NotEligible" });
  });
});

/** From the request to the end of the role. */
async function live(id: ActivationId): Promise<void> {
  await world.run(id);
  await world.stepUp({ activation: id });
  await world.run(id);
  await world.decide(CORA, APPROVE, { activation: id });
  expect((await world.run(id)).status).toBe("Active");
  expect((await world.runUntil(plus(world.now, 3 * HOUR_MS), id)).status).toBe("Ended");
}
