import { describe, expect, it } from "vitest";
import { judgeEntityRights } from "../../../../cli/doctor/azure/entity-rights.ts";
import type { Inventory, Right } from "../../../../cli/doctor/azure/inventory.ts";
import { readPermissionsFile } from "../../../../cli/doctor/permissions-file.ts";
import type { PartReport } from "../../../../shared/contracts/doctor.ts";

const FILE = readPermissionsFile(undefined);
const GROUP = "/subscriptions/s/resourceGroups/rg/providers";
const TABLES = `${GROUP}/Microsoft.Storage/storageAccounts/tables1`;
const BUS = `${GROUP}/Microsoft.ServiceBus/namespaces/bus1`;
const ENTITIES = "Microsoft.Storage/storageAccounts/tableServices/tables/entities";
const IDS = { front: "f0", worker: "a0", sweeper: "5e" } as const;
type Part = keyof typeof IDS;

const ROLES: Readonly<Record<string, readonly string[]>> = {
  read: [`${ENTITIES}/read`],
  append: [`${ENTITIES}/read`, `${ENTITIES}/add/action`],
  write: [`${ENTITIES}/read`, `${ENTITIES}/add/action`, `${ENTITIES}/update/action`, `${ENTITIES}/delete`],
  send: ["Microsoft.ServiceBus/namespaces/messages/send/action"],
  listen: ["Microsoft.ServiceBus/namespaces/messages/receive/action"],
};
const right = (part: Part, role: string, scope: string): Right => ({
  id: `${scope}/${part}/${role}`,
  scope,
  principalId: IDS[part],
  principalType: "ServicePrincipal",
  eligible: false,
  role: {
    roleName: `Zero Standing ${role}`,
    permissions: [{ actions: [], notActions: [], dataActions: [...(ROLES[role] ?? [])], notDataActions: [] }],
  },
});
const table = (name: string): string => `${TABLES}/tableServices/default/tables/${name}`;

/** What the template gives to every part: each right on each thing by itself. */
const asGiven = (Object.keys(IDS) as Part[]).flatMap((part) => [
  ...Object.entries(FILE.parts[part].tables).map(([name, level]) => right(part, level, table(name))),
  ...Object.entries(FILE.parts[part].queues).flatMap(([name, rights]) =>
    rights.map((one) => right(part, one, `${BUS}/queues/${name.replace("*", "chatbot")}`)),
  ),
]);
const reports = (Object.keys(IDS) as Part[]).map((part): Pick<PartReport, "part" | "identity"> => ({
  part,
  identity: { principalId: IDS[part], clientId: "", tenantId: "", inToken: [] },
}));
const found = (rights: readonly Right[]): readonly string[] => {
  const resources: Inventory["resources"] = [
    { id: TABLES, name: "tables1", type: "microsoft.storage/storageaccounts" },
    { id: BUS, name: "bus1", type: "microsoft.servicebus/namespaces" },
  ];
  return judgeEntityRights({ resources, rights, undelegated: [] }, reports, FILE)
    .filter(({ result }) => result === "fault")
    .map(({ text }) => text);
};

describe("rights on tables, queues and topics against the file", () => {
  it("are well as the template gives them", () => {
    expect(found(asGiven)).toEqual([]);
  });

  it("are too wide where the front may change the trail", () => {
    expect(found([...asGiven, right("front", "write", table("audit"))])).toEqual([
      `The front may write on the table audit (Zero Standing write at ${table("audit")}), which infra/permissions.yaml does not give it.`,
    ]);
  });

  it("are too wide on every table by a right at the account or above it", () => {
    const wide = found([...asGiven, right("worker", "read", TABLES)]);
    expect(wide).toEqual([
      expect.stringMatching(/^The worker may read on the table checkpoints \(.* at .*\/tables1\)/),
    ]);
    expect(found([...asGiven, right("worker", "read", "/")])).toHaveLength(1);
  });

  it("are too few without one of them", () => {
    expect(found(asGiven.filter(({ id }) => id !== `${table("audit")}/sweeper/append`))).toEqual([
      "The sweeper may not read on the table audit.",
      "The sweeper may not append on the table audit.",
    ]);
    const queue = `${BUS}/queues/ticket-events`;
    expect(found(asGiven.filter(({ id }) => id !== `${queue}/worker/listen`))).toEqual([
      "The worker may not listen on the queue or topic ticket-events.",
    ]);
  });

  it("are too wide where the sweeper may listen, by a name of many", () => {
    expect(found([...asGiven, right("sweeper", "listen", `${BUS}/queues/requests-chatbot`)])).toEqual([
      expect.stringMatching(/^The sweeper may listen on the queue or topic requests-chatbot/),
    ]);
  });

  it("say nothing where no right is given on one thing by itself", () => {
    expect(found([right("front", "write", TABLES)])).toEqual([]);
  });
});
