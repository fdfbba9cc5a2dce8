import { describe, expect, it } from "vitest";
import { adminId } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createPostureDirectory } from "../../shared/adapters/graph/posture-directory.ts";
import type { NativeActivation } from "../../shared/domain/native-activation.ts";
import { instant, plus } from "../../shared/domain/time.ts";
import { answering } from "../support/answering-server.ts";
import {
  HOUR_MS,
  lasting,
  MINUTE_MS,
  now,
  order,
  pass,
  removal,
  REQUESTS,
  role,
  tenantOfItsOwn,
} from "../support/graph-requests.ts";

describe("what people activate in PIM itself, over Graph", () => {
  const tenant = tenantOfItsOwn();
  const read = (since = instant(0), url = tenant().url): Promise<readonly NativeActivation[]> =>
    createPostureDirectory(
      createGraph(url, {
        getToken: () => Promise.resolve({ token: "sweeper", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
      }),
    ).nativeActivations(since);
  const mine = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> =>
    order({
      action: "selfActivate",
      principalId: adminId(8),
      roleDefinitionId: role("exchangeAdministrator"),
      ...changes,
    });
  const me = `user:${adminId(8)}`;

  it("reads who, what, for how long, why and the ticket, over small and empty pages", async () => {
    await tenant().post(REQUESTS, order()); // what an app assigns is nobody's own activation
    const at = instant(now());
    await tenant().post(REQUESTS, mine(), me);
    tenant().control("settings", { pageSize: 1, emptyPages: true });
    const found = await read();
    tenant().control("settings", { pageSize: 100, emptyPages: false });
    expect(found).toEqual([
      {
        id: expect.any(String) as string,
        principalId: adminId(8),
        roleDefinitionId: role("exchangeAdministrator"),
        directoryScopeId: "/",
        at,
        durationMs: 2 * HOUR_MS,
        justification: "CHG0030192: rotate a key",
        ticket: { system: "ServiceNow", number: "CHG0030192" },
        approved: false,
      },
    ]);
  });

  it("keeps it after the person gave the role back, and leaves it out when it is older than asked", async () => {
    const [{ at } = { at: "" }] = await read();
    pass(6 * MINUTE_MS);
    await tenant().post(REQUESTS, removal({ ...mine(), action: "selfDeactivate" }), me);
    expect(await read(at)).toHaveLength(1);
    expect(await read(plus(at, 1))).toEqual([]);
  });

  it("reckons the length of one that names an end", async () => {
    const since = instant(now());
    const endDateTime = instant(now() + 3 * HOUR_MS);
    const scheduleInfo = { startDateTime: since, expiration: { type: "afterDateTime", endDateTime } };
    await tenant().post(REQUESTS, mine({ scheduleInfo }), me);
    expect((await read(since)).map(({ durationMs }) => durationMs)).toEqual([3 * HOUR_MS]);
  });

  it("leaves out what is only checked, waits for an approver or failed", async () => {
    pass(4 * HOUR_MS);
    const since = instant(now());
    await tenant().post(REQUESTS, mine({ isValidationOnly: true, scheduleInfo: lasting("PT1H") }), me);
    for (const status of ["Failed", "PendingApproval"]) {
      tenant().control("nextRequest", { status, times: 1 });
      expect((await tenant().post(REQUESTS, mine(), me)).body["status"]).toBe(status);
    }
    expect(await read(since)).toEqual([]);
  });

  it("takes PIM's names in any letter case, and trips over no row that it does not need", async () => {
    const own = {
      id: "r1",
      status: "PROVISIONED",
      action: "SelfActivate",
      principalId: adminId(8),
      roleDefinitionId: role("exchangeAdministrator"),
      createdDateTime: "2026-03-02T09:00:00.1234567Z",
      approvalId: "a1",
    };
    const value = [
      { id: "r0", status: null, action: null, scheduleInfo: null, ticketInfo: null },
      own,
      { ...own, id: "r2", status: "Revoked" },
    ];
    const server = await answering(() => ({ json: { value } }));
    expect(await read(instant(0), server.url)).toMatchObject([
      { id: "r1", at: "2026-03-02T09:00:00.123Z", durationMs: undefined, justification: "", approved: true },
      { id: "r2" },
    ]);
    expect(server.arrived.map(({ path }) => path)).toEqual([`/v1.0${REQUESTS}`]);
  });
});
