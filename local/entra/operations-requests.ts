import { ROLES } from "../seed.ts";
import { badRequest, GraphError, pimError } from "./errors.ts";
import { isInForce, isOpen, type Actor, type RowKind } from "./facts.ts";
import { denied, needs, permissionsOf, type Directory, type GraphApp, type GraphContext } from "./graph-app.ts";
import { PIM_KINDS } from "./pim-kinds.ts";
import { carryOut } from "./pim.ts";
import { parseOrder, type Order } from "./request-body.ts";
import { requestEntity } from "./role-entities.ts";
import type { DirectoryState } from "./state.ts";
import type { Caller } from "./tokens.ts";

const TIER_0: readonly string[] = [ROLES.privilegedRoleAdministrator[0], ROLES.globalAdministrator[0]];

/** The only writes of PIM: a schedule request, and taking one back. */
export function mountScheduleRequests(graph: GraphApp, directory: Directory, kind: RowKind): void {
  const { state } = directory;
  const { segment, permission } = PIM_KINDS[kind];
  const path = `/roleManagement/directory/${segment}Requests`;

  graph.post(path, async (c) => {
    if (!mayWrite(c.get("caller"), permission) && !mayRemove(c.get("caller"), permission)) throw denied(c.req.path);
    const order = parseOrder(await bodyOf(c));
    const by = actorFor(state, c, order, permission);
    const request = state.write(() => carryOut(state, kind, order, by));
    const context = `${directory.baseUrl}/$metadata#roleManagement/directory/${segment}Requests/$entity`;
    return c.json({ "@odata.context": context, ...requestEntity(request) }, 201);
  });
  graph.post(`${path}/:id/cancel`, needs(`${permission}.ReadWrite.Directory`), (c) => {
    cancel(state, kind, c.req.param("id"));
    return c.body(null, 204);
  });
}

export async function bodyOf(c: GraphContext): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    throw badRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."); // prettier-ignore
  }
}

/** Who asks. An app has no self-service; a person has only that, unless an administrator of roles. */
function actorFor(state: DirectoryState, c: GraphContext, order: Order, permission: string): Actor {
  const caller = c.get("caller");
  if (!mayWrite(caller, permission) && order.action !== "adminRemove") throw denied(c.req.path);
  const self = order.action.startsWith("self");
  const userId = caller.userObjectId;
  if (userId === undefined) {
    if (self) throw pimError("Request_BadRequest", `The action ${order.action} needs the token of a person.`);
    return { kind: "app", id: caller.objectId };
  }
  if (self ? order.principalId !== userId : !managesRoles(state, caller))
    throw new GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  return { kind: "user", id: userId };
}

const mayWrite = (caller: Caller, permission: string): boolean =>
  permissionsOf(caller).some(
    (held) => held === `${permission}.ReadWrite.Directory` || held === "RoleManagement.ReadWrite.Directory",
  );

const mayRemove = (caller: Caller, permission: string): boolean =>
  permissionsOf(caller).includes(`${permission}.Remove.Directory`);

const managesRoles = (state: DirectoryState, { userObjectId }: Caller): boolean =>
  [...state.rows.all()].some(
    (row) =>
      row.kind === "assignment" &&
      row.principalId === userObjectId &&
      TIER_0.includes(row.roleDefinitionId) &&
      isInForce(row, Date.now()),
  );

/** Only what waits can be cancelled: its window never opens. */
function cancel(state: DirectoryState, kind: RowKind, id: string): void {
  const request = state.requests.get(id);
  if (request?.kind !== kind) throw pimError("ResourceNotFound", undefined, 404);
  if (!isOpen(request)) throw pimError("RequestCannotBeCancelled");
  state.write(() => {
    const now = Date.now();
    state.requests.put(id, { ...request, status: "Canceled", completedAt: now });
    const row = state.rows.get(request.targetScheduleId ?? "");
    if (row) state.putRow({ ...row, removedAt: now, removedBy: request.by });
  });
}
