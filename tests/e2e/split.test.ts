import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { adminId, ROLES } from "../../local/seed.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HOUR_MS, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { TakenOverPart } from "../support/split-app.ts";
import { useStack } from "../support/stack.ts";

interface Loaded {
  readonly name: string;
  readonly trigger: string;
}

/** What a service principal of somebody else would ask for. */
const grant = (action: string, principal: number) => ({
  action,
  principalId: adminId(principal),
  roleDefinitionId: ROLES.globalAdministrator[0],
  directoryScopeId: "/",
  justification: "nobody asked for this",
  scheduleInfo: { expiration: { type: "afterDuration", duration: "PT1H" } },
});

describe("the app in three processes, each with its own identity and rights", () => {
  const stack = useStack({ split: true });
  const app = (): RunningApp => new RunningApp(stack());

  const loaded = async (part: string): Promise<readonly Loaded[]> =>
    (await stack().call(part, "functions")) as readonly Loaded[];

  it("loads in each only what it is for", async () => {
    const [front, worker, sweeper] = await Promise.all(["front", "worker", "sweeper"].map(loaded));
    expect(new Set(front?.map(({ trigger }) => trigger))).toEqual(new Set(["httpTrigger", "timerTrigger"]));
    expect(front?.filter(({ trigger }) => trigger === "timerTrigger").map(({ name }) => name)).toEqual(["recordNoise"]);
    expect(new Set(worker?.map(({ trigger }) => trigger))).toEqual(
      new Set(["orchestrationTrigger", "activityTrigger", "serviceBusTrigger", "timerTrigger"]),
    );
    expect(worker?.filter(({ trigger }) => trigger === "timerTrigger").map(({ name }) => name)).toEqual([
      "ringDue",
      "tendCampaign",
      "examine",
    ]);
    expect(sweeper?.map(({ name }) => name).toSorted()).toEqual([
      "checkDaily",
      "examine",
      "reconcile",
      "sweep",
      "writeCheckpoint",
    ]);
  });

  it("goes from the webhook over step-up and approval to the grant and its end", async () => {
    const ticket = await app().hold(HUGO_EXCHANGE);
    expect(await app().status(ticket)).toBe("Active");
    expect(await app().grants(ticket)).toHaveLength(1);
    await stack().clock.advance(HOUR_MS + 2 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("Ended");
    expect((await app().auditTypes((await app().activation(ticket)).id)).toSorted()).toEqual([
      "ActivationRequested",
      "DecisionRecorded",
      "GrantIntended",
      "RoleEnded",
      "RoleGranted",
      "StepUpProven",
    ]);
  });

  it("takes requests while the worker is down, and goes on when it is back", async () => {
    await stack().kill("worker");
    const ticket = await app().openChange(ADA_GLOBAL);
    await stack().clock.advance(5 * MINUTE_MS);
    expect(await app().activations(ticket)).toEqual([]);
    await stack().start("worker");
    await stack().clock.advance(2 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("AwaitingStepUp");
  });

  it("ends access by the sweeper alone, and tells everybody, when the worker is gone for good", async () => {
    const ticket = await app().hold({ ...HUGO_EXCHANGE });
    const { id } = await app().activation(ticket);
    await stack().kill("worker");
    await stack().clock.advance(HOUR_MS + 6 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("Ended");
    expect(await app().auditTypes(id)).toContain("RoleEnded");
    expect(await app().notes(ticket)).toContainEqual(expect.stringContaining("Access ended"));
    await stack().start("worker");
    await stack().settle();
  });

  it("wakes an orchestration that somebody purged", async () => {
    const ticket = await app().openChange(HUGO_EXCHANGE, { short_description: "Purged meanwhile" });
    await stack().settle();
    const { id } = await app().activation(ticket);
    await app().hub("POST", `instances/activation-${id}/terminate`);
    await stack().settle();
    await app().confirm(HUGO_EXCHANGE, ticket);
    await stack().clock.advance(2 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("AwaitingApproval");
  });

  it("opens links and believes seals made before every part got new keys beside the old ones", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    const { secrets } = JSON.parse(readFileSync(join(stack().dataDirectory, "secrets.json"), "utf8")) as {
      readonly secrets: Readonly<Record<string, string>>;
    };
    const key = () => `2:${randomBytes(32).toString("base64")}`;
    await stack().stopProcess("host");
    stack().configure({
      LINK_KEYS: `${key()},1:${secrets["linkKey"] ?? ""}`,
      MAC_KEYS: `${key()},1:${secrets["macKey"] ?? ""}`,
    });
    await stack().start("host");
    for (const approver of ADA_GLOBAL.approvers) await app().decide(approver, ticket);
    await stack().settle();
    expect(await app().status(ticket)).toBe("Active");
    const next = await app().askFor(HUGO_EXCHANGE);
    const link = await app().linkTo(HUGO_EXCHANGE.approvers[0] ?? "", next);
    expect(Buffer.from(link.split("/l/")[1] ?? "", "base64url")[1]).toBe(2);
  });

  it.each([
    ["front", "adminAssign", 403],
    ["front", "adminRemove", 403],
    ["sweeper", "adminAssign", 403],
  ] as const)("gives whoever takes the %s over no way to %s a role", async (part, action, status) => {
    const requests = "roleManagement/directory/roleAssignmentScheduleRequests";
    const before = (await app().grants()).length;
    expect(await new TakenOverPart(stack(), part).graph("POST", requests, grant(action, 1))).toBe(status);
    expect(await app().grants()).toHaveLength(before);
    const eligibility = "roleManagement/directory/roleEligibilityScheduleRequests";
    expect(await new TakenOverPart(stack(), part).graph("POST", eligibility, grant("adminAssign", 1))).toBe(403);
  });

  it("lets nobody but the worker write who holds what, and nobody at all change the trail", async () => {
    const denied = { statusCode: 403 };
    const row = { partitionKey: "a", rowKey: "b" };
    await expect(new TakenOverPart(stack(), "front").table("holders")?.createEntity(row)).rejects.toMatchObject(denied);
    await expect(new TakenOverPart(stack(), "sweeper").table("controls")?.createEntity(row)).rejects.toMatchObject(
      denied,
    );
    expect(new TakenOverPart(stack(), "worker").table("checkpoints")).toBeUndefined();
    for (const part of ["front", "worker", "sweeper"] as const) {
      const trail = new TakenOverPart(stack(), part).table("audit");
      const [first] = await app().audit();
      const known = trail?.listEntities()[Symbol.asyncIterator]();
      const { value: record } = (await known?.next()) as { value: { partitionKey: string; rowKey: string } };
      await expect(trail?.updateEntity({ ...record, record: "{}" }, "Replace")).rejects.toMatchObject(denied);
      await expect(trail?.deleteEntity(record.partitionKey, record.rowKey)).rejects.toMatchObject(denied);
      expect((await app().audit())[0]).toEqual(first);
    }
  });

  it("lets whoever takes the front over add what stops, and take none of it away", async () => {
    const front = new TakenOverPart(stack(), "front");
    const ticket = await app().hold({ ...HUGO_EXCHANGE });
    const { id } = await app().activation(ticket);
    const freeze = { partitionKey: "freeze", rowKey: "freeze-0123" };
    await front.table("controls")?.createEntity(freeze);
    for (const [table, { partitionKey, rowKey }] of [
      ["controls", freeze],
      ["pending", { partitionKey: id, rowKey: "watch" }],
      ["activations", { partitionKey: id, rowKey: "state" }],
    ] as const) {
      const denied = { statusCode: 403 };
      const rows = front.table(table);
      await expect(rows?.getEntity(partitionKey, rowKey)).resolves.toMatchObject({ rowKey });
      await expect(rows?.deleteEntity(partitionKey, rowKey)).rejects.toMatchObject(denied);
      await expect(rows?.upsertEntity({ partitionKey, rowKey }, "Replace")).rejects.toMatchObject(denied);
    }
    await new TakenOverPart(stack(), "worker").table("controls")?.deleteEntity(freeze.partitionKey, freeze.rowKey);
    const claim = { partitionKey: "a", rowKey: "b" };
    await expect(new TakenOverPart(stack(), "sweeper").table("claims")?.createEntity(claim)).rejects.toMatchObject({
      statusCode: 403,
    });
  });

  itKeptItsPromises(app);
});
