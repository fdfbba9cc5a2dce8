import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { adminId, dailyId, ROLES } from "../../local/seed.ts";
import { recordProblem } from "../../shared/crypto/audit-chain.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import {
  ADA_GLOBAL,
  HOUR_MS,
  HUGO_EXCHANGE,
  MINUTE_MS,
  RunningApp,
  type DirectoryGrant,
} from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { dumpTables, jsonOf, storedRows } from "../support/stored-rows.ts";

/** Reads of one account's rows; the comparison of all roles, on its own timer, asks without an account. */
const OF_ONE_ACCOUNT = "roleAssignmentScheduleInstances.*filter=principalId";
const DEV = 4; // in the identity team

describe("I7 to I12: what is granted, said and written down", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const minutes = async (count: number): Promise<void> => {
    await stack().clock.advance(count * MINUTE_MS);
  };

  it("I7: the assignment ends at its start plus what was granted, though the clock jumps past the end", async () => {
    const ticket = await app().hold(ADA_GLOBAL);
    const { state } = await app().activation(ticket);
    const [grant] = await app().grants(ticket);
    expect(state).toMatchObject({ status: "Active", startsAt: grant?.startsAt, endsAt: grant?.endsAt });
    expect(Date.parse(grant?.endsAt ?? "") - Date.parse(grant?.startsAt ?? "")).toBe(2 * HOUR_MS);
    await stack().clock.advance(30 * HOUR_MS);
    expect((await app().grants(ticket))[0]?.endedAt).toBe(grant?.endsAt);
    expect(await app().status(ticket)).toBe("Ended");
  });

  it("I7: less time than asked is what the directory gets", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    await app().decide("cora.lindt", ticket, "approve", { duration: String(30 * MINUTE_MS) });
    await stack().settle();
    const [grant] = await app().grants(ticket);
    expect(Date.parse(grant?.endsAt ?? "") - Date.parse(grant?.startsAt ?? "")).toBe(30 * MINUTE_MS);
    await minutes(32);
    expect(await app().status(ticket)).toBe("Ended");
  });

  it("I7: what starts later than it was asked for is removed and reported", async () => {
    const ticket = await app().askFor(HUGO_EXCHANGE);
    const late = { status: "PendingProvisioning", provisionAfterMs: 5 * MINUTE_MS };
    await stack().call("graph", "nextRequest", late);
    await app().decide("dev.patel", ticket);
    await minutes(20);
    expect((await app().activation(ticket)).state).toMatchObject({
      status: "Ended",
      closing: { reason: "GrantOutOfBounds" },
    });
    expect(await app().grants(ticket)).toMatchObject([{ ended: "removed" }]);
    expect((await app().mails("identity-team@contoso.example")).at(-1)?.content).toContain("It is removed");
  });

  it("I7: what the directory stretches is removed and reported", async () => {
    const ticket = await app().askFor(HUGO_EXCHANGE);
    await stack().call("graph", "nextRequest", { status: "PendingProvisioning", provisionAfterMs: 1_000 });
    await app().decide("dev.patel", ticket);
    await stack().settle();
    const stretched = await stretchedAnswer(9 * HOUR_MS);
    await stack().call("graph", "faults", { method: "GET", path: OF_ONE_ACCOUNT, fault: stretched });
    await minutes(20);
    expect((await app().activation(ticket)).state).toMatchObject({
      status: "Ended",
      closing: { reason: "GrantOutOfBounds" },
    });
    expect(await app().grants(ticket)).toMatchObject([{ ended: "removed" }]);
  });

  /** The list of active rows as it was read last time there was one, with the schedule of the newest request in it. */
  async function stretchedAnswer(ms: number): Promise<object> {
    const exchanges = await app().exchanges();
    const asked = exchanges.findLast(
      ({ method, requestBody }) => method === "POST" && requestBody.includes("adminAssign"),
    );
    const listed = exchanges.findLast(
      ({ method, path, responseBody }) =>
        method === "GET" && new RegExp(OF_ONE_ACCOUNT).test(path) && responseBody.includes("startDateTime"),
    );
    const { targetScheduleId } = JSON.parse(asked?.responseBody ?? "{}") as { readonly targetScheduleId: string };
    const list = JSON.parse(listed?.responseBody ?? "{}") as { readonly value: readonly object[] };
    const now = stack().clock.now();
    const row = {
      ...list.value[0],
      roleAssignmentScheduleId: targetScheduleId,
      startDateTime: new Date(now).toISOString(),
      endDateTime: new Date(now + ms).toISOString(),
    };
    const headers = { "content-type": "application/json" };
    return { kind: "status", status: 200, headers, body: JSON.stringify({ ...list, value: [row] }) };
  }

  it("I8: somebody else's row makes an activation fail, and is left alone", async () => {
    await minutes(90);
    const row = { principalId: adminId(8), roleDefinitionId: ROLES.exchangeAdministrator[0], how: "admin" };
    const ticket = await app().askFor(HUGO_EXCHANGE);
    await stack().call("graph", "addAssignment", { ...row, durationMs: HOUR_MS });
    await app().decide("dev.patel", ticket);
    await minutes(2);
    expect((await app().activation(ticket)).state).toMatchObject({
      status: "Failed",
      closing: { reason: "AlreadyActive" },
    });
    expect(await app().grants(ticket)).toEqual([]);
    const rows = (await stack().call("graph", "grants")) as readonly DirectoryGrant[];
    expect(rows.at(-1)).toMatchObject({ by: { kind: "user" }, ended: null });
    await minutes(11); // two rounds of the comparison
    const findings = (await app().audit("findings")).filter(
      ({ data }) => data["scheduleId"] === rows.at(-1)?.scheduleId,
    );
    expect(findings).toMatchObject([{ type: "FindingReported", data: { finding: "foreignAssignment" } }]);
    await minutes(79);
  });

  it("I9: a refusal at the door has its record, and noise is counted by the hour", async () => {
    const before = await app().audit();
    const token = (await stack().call("login", "mint", { oid: adminId(1) })) as string;
    const post = (authorization: string) =>
      fetch(`${stack().addresses.app}/api/activations`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: "{}",
      });
    expect((await post(`Bearer ${token}`)).status).toBe(400);
    for (let call = 0; call < 5; call++) expect((await post("Bearer nonsense")).status).toBe(401);
    const added = (await app().audit()).filter(({ hash }) => !before.some((one) => one.hash === hash));
    expect(added.map(({ type }) => type).toSorted()).toEqual(["RequestRefusedAtDoor", "UnauthenticatedCalls"]);
    expect(added.find(({ type }) => type === "RequestRefusedAtDoor")?.data).toMatchObject({
      account: adminId(1),
      reason: "InvalidRequest",
    });
    await minutes(61);
    const counts = (await app().audit()).filter(({ type, data }) => type === "UnauthenticatedCalls" && "calls" in data);
    expect(counts.map(({ data }) => [data["door"], data["calls"]])).toEqual([["api", 5]]);
  });

  it("I9: a changed record is found out", async () => {
    const [first, second] = await app().audit((await app().activations())[0]?.id);
    if (!first || !second) throw new Error("nothing was written down");
    expect(recordProblem(second, first)).toBeUndefined();
    expect(recordProblem({ ...second, at: first.at.replace("2", "1") }, first)).toBeDefined();
  });

  it("I11: GET and HEAD of every route change nothing", async () => {
    await minutes(90);
    const ticket = await app().askFor(ADA_GLOBAL);
    const { id } = await app().activation(ticket);
    const { app: base } = stack().addresses;
    const links = [await app().linkTo("ada.byron", ticket), await app().linkTo("cora.lindt", ticket)];
    const mint = async (oid: string) => `Bearer ${(await stack().call("login", "mint", { oid })) as string}`;
    const callers = [{}, "Bearer no-token", await mint(adminId(1)), await mint(dailyId(DEV))].map((one) =>
      typeof one === "string" ? { authorization: one } : one,
    );
    const { paths } = (await (await fetch(`${base}/api/openapi.json`)).json()) as { readonly paths: object };
    const routes = Object.keys(paths).map(
      (path) => `${base}${path.replace("{id}", id).replace("{token}", "A".repeat(55)).replace("{shelf}", "rejected")}`,
    );
    expect(routes.filter((url) => url.includes(id)).length).toBeGreaterThanOrEqual(3);
    const look = async () => ({
      tables: await dumpTables(stack()),
      mails: await app().mails(),
      notes: await app().notes(ticket),
      hub: await stack().call("host", "transactions"),
    });
    await stack().settle();
    const before = await look();
    for (const headers of callers)
      for (const method of ["GET", "HEAD"])
        for (const url of [...routes, ...links]) await fetch(url, { method, redirect: "manual", headers });
    await stack().settle();
    expect(await look()).toEqual(before);
    await app().decide("cora.lindt", ticket, "deny");
    await stack().settle();
  });

  it("I12: says Active only after the assignment was read back, and Ended only after its absence", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    await stack().call("graph", "settings", { readLagReads: 12 });
    await app().decide("cora.lindt", ticket);
    await stack().settle();
    expect(await app().grants(ticket)).toMatchObject([{ ended: null }]);
    expect(await app().status(ticket)).toBe("Granting");
    expect(await app().pageText("cora.lindt", ticket)).not.toContain("The role is active");
    await minutes(10);
    expect(await app().status(ticket)).toBe("Active");
    expect(await app().pageText("cora.lindt", ticket)).toContain("The role is active");

    await stack().call("graph", "settings", { readLagReads: 0, readLagMs: 15_000 });
    const { state } = await app().activation(ticket);
    const endsAt = state.status === "Active" ? Date.parse(state.endsAt) : 0;
    await stack().clock.to(endsAt + 3_000);
    expect((await app().grants(ticket))[0]?.ended).toBe("expired");
    expect(await app().status(ticket)).toBe("Ending");
    expect(await app().pageText("cora.lindt", ticket)).not.toContain("Ended");
    await minutes(15);
    expect(await app().status(ticket)).toBe("Ended");
    await stack().call("graph", "settings", { readLagMs: 0 });
    const { id } = await app().activation(ticket);
    const records = await app().audit(id);
    const [grant] = await app().grants(ticket);
    expect(records.find(({ type }) => type === "RoleGranted")?.data).toMatchObject({
      assignmentScheduleId: grant?.scheduleId,
      startsAt: new Date(grant?.startsAt ?? 0).toISOString(),
      endsAt: new Date(grant?.endsAt ?? 0).toISOString(),
    });
    const { absenceReadAt } = (records.find(({ type }) => type === "RoleEnded")?.data ?? {}) as {
      readonly absenceReadAt?: string;
    };
    expect(Date.parse(absenceReadAt ?? "")).toBeGreaterThanOrEqual(Date.parse(grant?.endedAt ?? ""));
  });

  it("keeps no token, link or secret in logs and records", async () => {
    const { secrets } = JSON.parse(readFileSync(join(stack().dataDirectory, "secrets.json"), "utf8")) as {
      readonly secrets: Readonly<Record<string, string>>;
    };
    const audit = (await storedRows(stack(), "audit")).map((row) => JSON.stringify(jsonOf(row, "record"))).join("\n");
    const logs = stack().hostLogs.map((file) => readFileSync(file, "utf8"));
    for (const text of [audit, ...logs]) {
      expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\./); // a nonce may have these letters too
      expect(text).not.toMatch(/\/api\/l\/[A-Za-z0-9_-]{50,}/);
      for (const [name, secret] of Object.entries(secrets)) expect(text.includes(secret), name).toBe(false);
    }
  });

  itKeptItsPromises(app);
});
