import { randomUUID } from "node:crypto";
import { z } from "zod";
import { LocalServer } from "../http/server.ts";
import type { ControlOperations, LocalService, StackSettings } from "../service.ts";
import { mountResourceManager } from "./arm-api.ts";
import { AzureState, keyOf, type Document } from "./state.ts";

const Assignment = z.strictObject({
  scope: z.string().startsWith("/"),
  role: z.string(),
  principalId: z.string(),
  principalType: z.enum(["User", "Group", "ServicePrincipal"]).default("User"),
  eligible: z.boolean().optional(),
});
const texts = z.array(z.string()).default([]);
const NewRole = z.strictObject({
  name: z.string(),
  actions: texts,
  notActions: texts,
  dataActions: texts,
  notDataActions: texts,
});
const ById = z.strictObject({ id: z.string() });
const Change = z.strictObject({
  id: z.string(),
  properties: z.record(z.string(), z.unknown()).default({}),
  identity: z.record(z.string(), z.unknown()).optional(),
  /** Not added to those that were there. */
  whole: z.boolean().default(false),
});

const propertiesOf = (document: Document | undefined): Document => (document?.["properties"] ?? {}) as Document;

/** `Microsoft.Web/sites/config` of `…/providers/Microsoft.Web/sites/<name>/config/<name>`. */
function typeOf(id: string): string {
  const [namespace = "", ...rest] = id.slice(id.lastIndexOf("/providers/") + "/providers/".length).split("/");
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join("/");
}
const Settings = z.strictObject({ pageSize: z.int().positive() });

/** Azure Resource Manager over the subscription of the local stack: part `azure`. See README.md. */
export function createAzure(
  settings: StackSettings,
  authenticate: (header: string | undefined) => string | undefined,
): LocalService {
  const server = new LocalServer(settings.addresses.azure);
  const state = new AzureState(Date.now());
  mountResourceManager(server.app, state, authenticate);
  return {
    name: "azure",
    control: { ...server.control, ...azureControl(state) },
    start: () => server.start(),
    stop: () => server.stop(),
  };
}

const azureControl = (state: AzureState): ControlOperations => ({
  state: () => ({ documents: [...state.documents.values()], assignments: state.assignments }),
  settings: (parameters) => {
    state.pageSize = Settings.parse(parameters).pageSize;
  },
  assign: (parameters) => state.assign(Assignment.parse(parameters)),
  defineRole: (parameters) => {
    const { name, ...actions } = NewRole.parse(parameters);
    state.roles.set(name, { id: randomUUID(), ...actions });
  },
  unassign: (parameters) => {
    const { id } = ById.parse(parameters);
    const index = state.assignments.findIndex((one) => one.id === id);
    if (index === -1) throw new Error(`there is no assignment ${id}`);
    state.assignments.splice(index, 1);
  },
  /** Changes properties of a document, or makes it. Answers the document as it was; `null`: there was none. */
  change: (parameters) => {
    const { id, properties, identity, whole } = Change.parse(parameters);
    const before = state.documents.get(keyOf(id));
    const name = id.slice(id.lastIndexOf("/") + 1);
    state.documents.set(keyOf(id), {
      ...(before ?? { id, name, type: typeOf(id) }),
      ...(identity && { identity }),
      properties: { ...(whole ? {} : propertiesOf(before)), ...properties },
    });
    return before ?? null;
  },
  remove: (parameters) => void state.documents.delete(keyOf(ById.parse(parameters).id)),
});
