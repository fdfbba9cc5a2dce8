import { describe, expect, it } from "vitest";
import { adminId } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createPostureDirectory } from "../../shared/adapters/graph/posture-directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import { instant, plus } from "../../shared/domain/time.ts";
import { answering } from "../support/answering-server.ts";
import { MINUTE_MS, now, pass, tenantOfItsOwn } from "../support/graph-requests.ts";

describe("what an account did, over Graph", () => {
  const tenant = tenantOfItsOwn();
  const account = adminId(8) as PrincipalId;
  const directory = (url = tenant().url) =>
    createPostureDirectory(
      createGraph(url, {
        getToken: () => Promise.resolve({ token: "worker", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
      }),
    );

  it("is what the log has of that account between two instants, with one request", async () => {
    const from = instant(now());
    const activity = (byId: string, activityDisplayName: string): unknown =>
      tenant().control("addActivity", { byId, activityDisplayName, category: "UserManagement", at: instant(now()) });
    activity(account, "Reset user password");
    activity(adminId(1), "Delete user");
    const to = plus(from, MINUTE_MS);
    pass(2 * MINUTE_MS);
    activity(account, "Update user");
    pass(10 * MINUTE_MS);
    const before = (tenant().control("exchanges") as readonly unknown[]).length;
    expect(await directory().activitiesOf(account, from, to)).toEqual({
      activities: [{ name: "Reset user password", at: from }],
      more: false,
    });
    expect(tenant().control("exchanges")).toHaveLength(before + 1);
  });

  it("says when there is more than one page, and does not read it", async () => {
    const value = [{ activityDisplayName: null, activityDateTime: "2026-03-02T09:00:00.1234567Z" }, {}];
    const server = await answering(({ path }, self) => ({
      json: { value, "@odata.nextLink": `${self}${path}&$skiptoken=2` },
    }));
    const found = await directory(server.url).activitiesOf(account, instant(0), instant(now()));
    expect(found).toEqual({
      activities: [{ name: "an activity without a name", at: "2026-03-02T09:00:00.123Z" }],
      more: true,
    });
    expect(server.arrived).toHaveLength(1);
  });
});
