import { describe, expect, it } from "vitest";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createPostureDirectory } from "../../shared/adapters/graph/posture-directory.ts";
import type { Licences } from "../../shared/domain/standing-plan.ts";
import { answering } from "../support/answering-server.ts";
import { tenantOfItsOwn } from "../support/graph-requests.ts";

describe("the licences of the tenant, over Graph", () => {
  const tenant = tenantOfItsOwn();
  const read = (token = "worker", url = tenant().url): Promise<Licences> =>
    createPostureDirectory(
      createGraph(url, { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }),
    ).licences();

  it("are the service plans of its subscriptions", async () => {
    expect(await read()).toEqual({ kind: "read", plans: ["AAD_PREMIUM", "AAD_PREMIUM_P2"] });
  });

  it("are not known to who may not read them", async () => {
    expect(await read("sweeper")).toEqual({ kind: "notAllowed" });
  });

  it("leave out what has lapsed or is switched off, and count what is in grace", async () => {
    const plan = (servicePlanName: string, provisioningStatus = "Success"): object => ({
      servicePlanName,
      provisioningStatus,
    });
    const value = [
      { capabilityStatus: "Suspended", servicePlans: [plan("lapsed")] },
      { capabilityStatus: "Warning", servicePlans: [plan("grace"), plan("off", "Disabled")] },
      { capabilityStatus: "Enabled", servicePlans: [plan("on"), {}] },
      {},
    ];
    const server = await answering(() => ({ json: { value } }));
    expect(await read("worker", server.url)).toEqual({ kind: "read", plans: ["grace", "on"] });
  });
});
