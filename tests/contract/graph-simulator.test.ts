import { describe, expect, it } from "vitest";
import { dailyId, GROUPS } from "../../local/seed.ts";
import {
  ELIGIBILITIES,
  REQUESTS,
  codeOf,
  instancesOf,
  now,
  order,
  removal,
  tenantOfItsOwn,
  values,
} from "../support/graph-requests.ts";

describe("the doors of the directory", () => {
  const directory = tenantOfItsOwn();

  it("refuses a caller without a valid token", async () => {
    const answer = await directory().get("/users", "nobody");
    expect([answer.status, codeOf(answer)]).toEqual([401, "InvalidAuthenticationToken"]);
  });

  it("refuses an app that lacks the least permission of a call", async () => {
    const reading = await directory().get("/users", "sweeper");
    expect([reading.status, codeOf(reading)]).toEqual([403, "Authorization_RequestDenied"]);
    const granting = await directory().post(REQUESTS, order(), "signIn");
    expect([granting.status, codeOf(granting)]).toEqual([403, "PermissionScopeNotGranted"]);
    const eligibility = await directory().post(`${ELIGIBILITIES}Requests`, order(), "sweeper");
    expect([eligibility.status, codeOf(eligibility)]).toEqual([403, "PermissionScopeNotGranted"]);
  });

  it("lets an app with the removal permission remove and nothing else", async () => {
    const refused = await directory().post(REQUESTS, order(), "sweeper");
    expect([refused.status, codeOf(refused)]).toEqual([403, "PermissionScopeNotGranted"]);
    const allowed = await directory().post(REQUESTS, removal(), "sweeper");
    expect(codeOf(allowed)).toBe("RoleAssignmentDoesNotExist");
  });

  it("says the time of its own clock and repeats the client's request id", async () => {
    const answer = await directory().post(REQUESTS, removal());
    expect(answer.headers.get("date")).toBe(new Date(now()).toUTCString());
    expect(answer.headers.get("client-request-id")).toBe("7");
    expect(answer.headers.get("request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("words an injected 429 as Graph does and says when to come back", async () => {
    directory().control("faults", { fault: { kind: "status", status: 429 } });
    const answer = await directory().get("/users");
    expect([answer.status, codeOf(answer), answer.headers.get("retry-after")]).toEqual([429, "TooManyRequests", "1"]);
    directory().control("faults", { fault: { kind: "status", status: 429, headers: {} } });
    expect((await directory().get("/users")).headers.get("retry-after")).toBeNull();
  });

  it("refuses what it does not know", async () => {
    expect((await directory().get("/me/messages")).status).toBe(400);
  });
});

describe("batches", () => {
  const directory = tenantOfItsOwn();

  it("answers every part for itself", async () => {
    directory().control("faults", { path: "/users/", fault: { kind: "status", status: 429 } });
    const answer = await directory().post("/$batch", {
      requests: [
        { id: "1", method: "GET", url: `/users/${dailyId(1)}` },
        { id: "2", method: "GET", url: `/groups/${GROUPS.onCall}?$select=id` },
        { id: "3", method: "GET", url: `/groups/${GROUPS.onCall}`, dependsOn: ["1"] },
        { id: "4", method: "POST", url: REQUESTS, headers: { "Content-Type": "application/json" }, body: order() },
      ],
    });
    const responses = answer.body["responses"] as readonly Record<string, unknown>[];
    expect(responses.map(({ id, status }) => [id, status])).toEqual([
      ["1", 429],
      ["2", 200],
      ["3", 424],
      ["4", 201],
    ]);
    expect(responses[0]?.["headers"]).toMatchObject({ "retry-after": "1" });
  });

  it("takes at most twenty parts with ids of their own", async () => {
    const parts = (count: number, id: (n: number) => string): object => ({
      requests: Array.from({ length: count }, (_, n) => ({ id: id(n), method: "GET", url: "/users" })),
    });
    expect((await directory().post("/$batch", parts(21, String))).status).toBe(400);
    expect(
      (
        await directory().post(
          "/$batch",
          parts(2, () => "1"),
        )
      ).status,
    ).toBe(400);
  });
});

describe("a directory that is started again", () => {
  const directory = tenantOfItsOwn();

  it("knows everything it knew", async () => {
    await directory().post(REQUESTS, order());
    directory().control("settings", { pageSize: 3 });
    directory().control("setUser", { id: dailyId(4), accountEnabled: false });
    const before = directory().control("state");
    const link = (await directory().get("/users")).body["@odata.nextLink"];
    await directory().restart();
    expect(directory().control("state")).toEqual(before);
    expect(values(await instancesOf(directory(), order()))).toHaveLength(1);
    expect(codeOf(await directory().get(String(link)))).toBe("Directory_ExpiredPageToken");
  });
});
