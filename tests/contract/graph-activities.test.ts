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
    const pages: unknown[] = [];
    await directory().visitActivities(account, from, to, (activities, more) => {
      pages.push({ activities, more });
      return undefined;
    });
    expect(pages).toEqual([{ activities: [{ name: "Reset user password", at: from }], more: false }]);
    expect(tenant().control("exchanges")).toHaveLength(before + 1);
  });

  it("is read page by page as long as somebody wants it, and no page more", async () => {
    const from = instant(now());
    for (let n = 0; n < 5; n += 1)
      tenant().control("addActivity", { byId: account, activityDisplayName: `activity ${n}`, at: instant(now()) });
    pass(10 * MINUTE_MS);
    tenant().control("settings", { pageSize: 2 });
    tenant().control("clearExchanges");
    const names: (readonly string[])[] = [];
    const seen: boolean[] = [];
    await directory().visitActivities(account, from, instant(now()), (activities, more) => {
      names.push(activities.map(({ name }) => name));
      seen.push(more);
      return names.length === 2 ? "enough" : undefined;
    });
    tenant().control("settings", { pageSize: 100 });
    expect(names).toEqual([
      ["activity 0", "activity 1"],
      ["activity 2", "activity 3"],
    ]);
    expect(seen).toEqual([true, true]);
    expect(tenant().control("exchanges")).toHaveLength(2);
  });

  it("passes over what the log says in an unknown way", async () => {
    const value = [{ activityDisplayName: null, activityDateTime: "2026-03-02T09:00:00.1234567Z" }, {}];
    const server = await answering(() => ({ json: { value } }));
    const found: unknown[] = [];
    await directory(server.url).visitActivities(account, instant(0), instant(now()), (some) => {
      found.push(...some);
      return undefined;
    });
    expect(found).toEqual([{ name: "an activity without a name", at: "2026-03-02T09:00:00.123Z" }]);
  });
});
