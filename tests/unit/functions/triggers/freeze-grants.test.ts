import { HttpRequest, InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { freezeGrants } from "../../../../functions/triggers/freeze-grants.http.ts";
import { MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import { DependencyError } from "../../../../shared/ports/dependency-error.ts";
import { START } from "../../../support/memory-directory.ts";
import { MemoryFront } from "../../../support/memory-front.ts";
import { ACTIVATION, APPROVE, CORA, MemoryWorld } from "../../../support/memory-world.ts";

let world: MemoryWorld;
let memory: MemoryFront;

/** A role is held. */
beforeEach(async () => {
  world = new MemoryWorld();
  memory = new MemoryFront(world);
  await world.claim();
  await world.run();
  await world.stepUp();
  await world.run();
  await world.decide(CORA, APPROVE);
  expect((await world.run()).status).toBe("Active");
  world.now = plus(START, 10 * MINUTE_MS);
});

const freeze = async () => {
  const callers = { verify: async () => ({ caller: { account: CORA.dailyAccount, clientId: "cli" } }) as never };
  const request = new HttpRequest({
    method: "POST",
    url: "https://app.example/api/freeze",
    headers: { "content-type": "application/json" },
    body: { string: JSON.stringify({ because: "a lost laptop" }) },
  });
  return freezeGrants({ ...memory.front, callers })(request, new InvocationContext());
};

describe("a freeze", () => {
  it("is written down, and ends what is held", async () => {
    expect((await freeze()).status).toBe(202);
    expect(world.tables.chains.get("controls")?.map(({ type }) => type)).toEqual(["GrantsFrozen"]);
    expect(memory.rung).toEqual([ACTIVATION]);
    expect(await world.run()).toMatchObject({ status: "Ended", closing: { reason: "Frozen" } });
  });

  it("ends what is held also where the trail cannot be written, and says that this is missing", async () => {
    const { audit } = memory.front;
    const append = audit.append.bind(audit);
    Object.assign(audit, {
      append: async () => {
        throw new DependencyError("Unavailable", "table storage, audit: 503");
      },
    });
    await expect(freeze()).rejects.toThrow("table storage, audit: 503");
    Object.assign(audit, { append });
    expect(world.tables.freezeRow?.by).toBe(CORA.key);
    expect(await world.run()).toMatchObject({ status: "Ended", closing: { reason: "Frozen" } });
    expect((await freeze()).status).toBe(202);
    expect(world.tables.chains.get("controls")?.map(({ type }) => type)).toEqual(["GrantsFrozen"]);
  });

  it("asks everybody before it fails for a bell that cannot be rung", async () => {
    memory.bellFails = true;
    await freeze().catch(() => undefined);
    expect((await world.record()).pending.filter(({ body }) => body.kind === "freeze")).toHaveLength(1);
  });
});
