import { describe, expect, it } from "vitest";
import type { Inventory, Right } from "../../../../cli/doctor/azure/inventory.ts";
import { judgeOwnRights } from "../../../../cli/doctor/azure/own-rights.ts";
import type { PartReport } from "../../../../shared/contracts/doctor.ts";

const GROUP = "/subscriptions/s/resourceGroups/rg";
const resource = (type: string, name: string): Inventory["resources"][number] => ({
  id: `${GROUP}/providers/${type}/${name}`,
  name,
  type: type.toLowerCase(),
});
const VAULT = resource("Microsoft.KeyVault/vaults", "kv-worker");
const HUB = resource("Microsoft.DurableTask/schedulers", "dts");
const HOST = resource("Microsoft.Storage/storageAccounts", "stworker");

const GET_SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
const WRITE_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write";
const ON_HUB = "Microsoft.DurableTask/schedulers/taskhubs/*";

const right = (principalId: string, scope: string, action: string, eligible = false): Right => ({
  id: `${principalId}@${scope}`,
  scope,
  principalId,
  principalType: "ServicePrincipal",
  eligible,
  role: {
    roleName: "A role",
    permissions: [{ actions: [], notActions: [], dataActions: [action], notDataActions: [] }],
  },
});
const reports = (["front", "worker", "sweeper"] as const).map((part): Pick<PartReport, "part" | "identity"> => ({
  part,
  identity: { principalId: part.toUpperCase(), clientId: "", tenantId: "", inToken: [] },
}));
const found = (...rights: readonly Right[]): readonly string[] =>
  judgeOwnRights({ resources: [VAULT, HUB, HOST], rights, undelegated: [] }, reports).map(({ text }) => text);

describe("what belongs to one part", () => {
  it("is well with one of our identities on it", () => {
    expect(found(right("worker", VAULT.id, GET_SECRET), right("worker", HUB.id, ON_HUB))).toEqual([]);
  });

  it("is a fault with two, by a right above or below it too", () => {
    const own = right("worker", VAULT.id, GET_SECRET);
    for (const scope of [VAULT.id, GROUP, "/", `${VAULT.id}/secrets/MAC-KEYS`])
      expect(found(own, right("front", scope, GET_SECRET))).toEqual([
        "The identities of the front and the worker may read the secrets in kv-worker, which belongs to one part.",
      ]);
    expect(found(right("worker", HOST.id, WRITE_BLOB), right("sweeper", HOST.id, WRITE_BLOB))).toEqual([
      "The identities of the worker and the sweeper may write blobs in stworker, which belongs to one part.",
    ]);
  });

  it("is the worker's where it is the task hub", () => {
    expect(found(right("sweeper", `${HUB.id}/taskHubs/h`, ON_HUB))).toEqual([
      "The identities of the sweeper may work with the task hub in dts, which belongs to one part.",
    ]);
  });

  it("is nobody else's business: other principals are named elsewhere, eligible ones too", () => {
    const own = right("worker", VAULT.id, GET_SECRET);
    expect(found(own, right("hugo", VAULT.id, GET_SECRET), right("front", VAULT.id, GET_SECRET, true))).toEqual([]);
  });
});
