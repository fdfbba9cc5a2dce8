import { HttpRequest, InvocationContext, type HttpResponseInit } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import type { Front } from "../../../../functions/front/front.ts";
import type { Handler } from "../../../../functions/http/handler.ts";
import { endActivation } from "../../../../functions/triggers/end-activation.http.ts";
import { listActivations } from "../../../../functions/triggers/list-activations.http.ts";
import { showActivation } from "../../../../functions/triggers/show-activation.http.ts";
import type { Person } from "../../../../shared/domain/people.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import { START } from "../../../support/memory-directory.ts";
import { MemoryFront } from "../../../support/memory-front.ts";
import { ACTIVATION, ADA, APPROVE, CORA, DEV, EVA, MemoryWorld, TEAM } from "../../../support/memory-world.ts";

let world: MemoryWorld;
let memory: MemoryFront;

beforeEach(async () => {
  world = new MemoryWorld();
  memory = new MemoryFront(world);
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
});

async function call(make: (front: Front) => Handler, who: Person, id: string = ACTIVATION, method = "GET") {
  const callers = { verify: async () => ({ caller: { account: who.dailyAccount, clientId: "cli" } }) as never };
  const url = `https://app.example/api/activations/${id}`;
  const request = new HttpRequest({ method, url, params: { id } });
  const answer = await make({ ...memory.front, callers })(request, new InvocationContext());
  return { http: answer.status, ...bodyOf(answer) };
}

const bodyOf = ({ body }: HttpResponseInit) => JSON.parse(body as string) as Readonly<Record<string, unknown>>;
const end = (who: Person, id?: string) => call(endActivation, who, id, "POST");

const inTheTeam = (who: Person): void => {
  world.directory.groups.set(TEAM, {
    ...(world.directory.groups.get(TEAM) ?? ({} as never)),
    members: [who.dailyAccount],
  });
};

async function hold(): Promise<void> {
  await world.decide(CORA, APPROVE);
  expect((await world.run()).status).toBe("Active");
  world.now = plus(START, 10 * MINUTE_MS);
}

describe("an activation in the API", () => {
  it("is there for who asked, for who decides and for the identity team, and for nobody else", async () => {
    expect(await call(showActivation, ADA)).toMatchObject({ http: 200, id: ACTIVATION, status: "AwaitingApproval" });
    expect(await call(showActivation, CORA)).toMatchObject({ http: 200, id: ACTIVATION });
    expect(await call(showActivation, EVA)).toMatchObject({ http: 404, code: "NotFound" });
    inTheTeam(EVA);
    expect(await call(showActivation, EVA)).toMatchObject({ http: 200, id: ACTIVATION });
  });

  it.each(["", "x", "0123456789abcdef0123456789abcdee", "../claims"])("is not there under the id %j", async (id) => {
    expect(await call(showActivation, ADA, id)).toMatchObject({ http: 404, code: "NotFound" });
    expect(await end(ADA, id)).toMatchObject({ http: 404, code: "NotFound" });
  });

  it("is in the list of who asked, and of who decides as long as there is something to decide", async () => {
    expect(await call(listActivations, ADA)).toMatchObject({ own: [{ id: ACTIVATION }], waitingForMe: [] });
    expect(await call(listActivations, CORA)).toMatchObject({ own: [], waitingForMe: [{ id: ACTIVATION }] });
    expect(await call(listActivations, EVA)).toMatchObject({ own: [], waitingForMe: [] });
    await hold();
    expect(await call(listActivations, CORA)).toMatchObject({ own: [], waitingForMe: [] });
  });

  it.each([
    ["the requester", ADA],
    ["an approver", CORA],
  ])("is ended early by %s, whom the trail names", async (_who, who) => {
    await hold();
    expect(await end(who)).toMatchObject({ http: 202, id: ACTIVATION });
    expect(memory.rung).toContain(ACTIVATION);
    const state = await world.runUntil(plus(world.now, MINUTE_MS));
    expect(state).toMatchObject({ status: "Ended", closing: { reason: "EndedByPerson" } });
    const actors = (world.tables.chains.get(ACTIVATION) ?? []).slice(-3).map(({ actor }) => actor);
    expect(actors).toContainEqual({ kind: "person", person: who.key, account: who.dailyAccount });
  });

  it("is ended early by the identity team", async () => {
    await hold();
    inTheTeam(EVA);
    expect(await end(EVA)).toMatchObject({ http: 202 });
    expect((await world.runUntil(plus(world.now, MINUTE_MS))).status).toBe("Ended");
  });

  it("is not ended by anybody else, who is told nothing and written down", async () => {
    await hold();
    expect(await end(EVA)).toMatchObject({ http: 404, code: "NotFound" });
    expect((await world.record(ACTIVATION)).pending.map(({ key }) => key)).not.toContain("stop-end-eva");
    const [day = ""] = [...world.tables.chains.keys()].filter((subject) => subject.startsWith("door-"));
    expect(world.tables.chains.get(day)).toMatchObject([
      { type: "RequestRefusedAtDoor", data: { account: EVA.dailyAccount, reason: "NotFound" } },
    ]);
  });

  it("that is over is not ended again", async () => {
    await hold();
    await world.runUntil(plus(world.now, 3 * HOUR_MS));
    expect(await end(ADA)).toMatchObject({ http: 409, code: "Conflict" });
    expect(await end(DEV)).toMatchObject({ http: 409 });
  });
});
