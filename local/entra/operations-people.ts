import { appRoleAssignmentsOf } from "./app-roles.ts";
import {
  APP_ROLE_ASSIGNMENTS,
  DIRECTORY_OBJECTS,
  FEDERATED_CREDENTIALS,
  directoryObject,
  groupEligibilities,
  groupEligibilitySet,
  groupEntity,
  groupSet,
  managerOf,
  PERMISSION_GRANTS,
  registrationEntity,
  registrationSet,
  servicePrincipalSet,
  transitiveMemberIds,
  userEntity,
  userSet,
} from "./directory-objects.ts";
import { badRequest, notFound } from "./errors.ts";
import type { DirectoryApp, DirectoryGroup, DirectoryUser, Entity } from "./facts.ts";
import { needs, type Directory, type GraphApp, type GraphContext } from "./graph-app.ts";
import { answerList, answerOne } from "./odata-query.ts";

const READ_USERS = needs("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All");
const READ_GROUPS = needs("GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All");
const READ_APPLICATIONS = needs("Application.Read.All", "Directory.Read.All");
const READ_DELEGATED = needs(
  "DelegatedPermissionGrant.Read.All",
  "Directory.Read.All",
  "DelegatedPermissionGrant.ReadWrite.All",
  "Directory.ReadWrite.All",
);
const READ_GROUP_ELIGIBILITIES = needs(
  "PrivilegedEligibilitySchedule.Read.AzureADGroup",
  "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
);
const READ_OBJECTS = needs("Directory.Read.All", "Directory.ReadWrite.All");

/** Users and who manages them, sign-in sessions, the groups somebody is in. */
export function mountUsers(graph: GraphApp, directory: Directory): void {
  const { state } = directory;
  const set = userSet(state);

  graph.get("/users", READ_USERS, (c) => answerList(c, directory, set, [...state.users.all()].map(userEntity)));
  graph.get("/users/:id", READ_USERS, (c) => {
    const user = userOf(directory, c);
    return answerOne(c, directory, set, userEntity(user), user.id);
  });
  graph.get("/users/:id/manager", READ_USERS, (c) => {
    const { id } = userOf(directory, c);
    return answerOne(c, directory, DIRECTORY_OBJECTS, managerOf(state, id) ?? undefined, "manager");
  });
  graph.get(
    "/users/:id/transitiveMemberOf",
    needs("User.Read.All", "GroupMember.Read.All", "Directory.Read.All"),
    (c) => {
      const { id } = userOf(directory, c);
      const groups = [...state.groups.all()].filter((group) => transitiveMemberIds(state, group.id).has(id));
      return answerList(c, directory, DIRECTORY_OBJECTS, objects(directory, groups.map((group) => group.id))); // prettier-ignore
    },
  );
  graph.post("/users/:id/revokeSignInSessions", needs("User.RevokeSessions.All", "Directory.ReadWrite.All"), (c) => {
    const user = userOf(directory, c);
    state.write(() => state.users.put(user.id, { ...user, signInSessionsValidFromDateTime: new Date().toISOString() }));
    return c.json({ "@odata.context": `${directory.baseUrl}/$metadata#Edm.Boolean`, value: true });
  });
}

/** Groups with their direct, nested and owning objects; any object by id. */
export function mountGroups(graph: GraphApp, directory: Directory): void {
  const { state } = directory;
  const members = (ids: (group: DirectoryGroup) => Iterable<string>) => (c: GraphContext) =>
    answerList(c, directory, DIRECTORY_OBJECTS, objects(directory, ids(groupOf(directory, c))));

  graph.get("/groups", READ_GROUPS, (c) => answerList(c, directory, groupSet(state), [...state.groups.all()].map(groupEntity))); // prettier-ignore
  graph.get("/groups/:id", READ_GROUPS, (c) => {
    const group = groupOf(directory, c);
    return answerOne(c, directory, groupSet(state), groupEntity(group), group.id);
  });
  graph.get("/groups/:id/members", READ_GROUPS, members((group) => group.memberIds)); // prettier-ignore
  graph.get("/groups/:id/owners", READ_GROUPS, members((group) => group.ownerIds)); // prettier-ignore
  graph.get("/groups/:id/transitiveMembers", READ_GROUPS, members((group) => transitiveMemberIds(state, group.id))); // prettier-ignore

  graph.get(
    "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
    READ_GROUP_ELIGIBILITIES,
    (c) => {
      if (!/groupId eq|principalId eq/.test(c.req.query("$filter") ?? ""))
        throw badRequest("The filter must name groupId or principalId.");
      const all = [...state.groups.all()].flatMap(groupEligibilities);
      return answerList(c, directory, groupEligibilitySet(state), all);
    },
  );
  graph.get("/directoryObjects/:id", READ_OBJECTS, (c) => {
    const id = c.req.param("id");
    return answerOne(c, directory, DIRECTORY_OBJECTS, directoryObject(state, id) ?? undefined, id);
  });
}

/** App registrations with their secrets' ends and their owners; service principals, what of Graph they may do themselves and for people, and who owns them. */
export function mountApplications(graph: GraphApp, directory: Directory): void {
  const { state } = directory;
  const set = servicePrincipalSet(state);

  graph.get("/applications", READ_APPLICATIONS, (c) =>
    answerList(
      c,
      directory,
      registrationSet(state),
      [...state.apps.all()]
        .map((app) => registrationEntity(app, directory))
        .filter((registration) => registration !== null),
    ),
  );
  graph.get("/oauth2PermissionGrants", READ_DELEGATED, (c) =>
    answerList(
      c,
      directory,
      PERMISSION_GRANTS,
      [...state.permissionGrants.all()].map((one) => ({ ...one })),
    ),
  );
  graph.get("/applications/:id/federatedIdentityCredentials", READ_APPLICATIONS, (c) => {
    const id = c.req.param("id");
    const app = [...state.apps.all()].find(({ registration }) => registration?.id === id);
    if (!app?.registration) throw notFound(id);
    return answerList(c, directory, FEDERATED_CREDENTIALS, app.registration.federatedIdentityCredentials);
  });
  graph.get("/servicePrincipals", READ_APPLICATIONS, (c) =>
    answerList(
      c,
      directory,
      set,
      objects(
        directory,
        [...state.apps.all()].map(({ id }) => id),
      ),
    ),
  );
  graph.get("/servicePrincipals/:id", READ_APPLICATIONS, (c) => {
    const { id } = appOf(directory, c);
    return answerOne(c, directory, set, directoryObject(state, id) ?? undefined, id);
  });
  graph.get("/servicePrincipals/:id/appRoleAssignments", READ_APPLICATIONS, (c) =>
    answerList(c, directory, APP_ROLE_ASSIGNMENTS, appRoleAssignmentsOf(appOf(directory, c))),
  );
}

/** A user is named by object id or by user principal name. */
export function userOf({ state }: Directory, c: GraphContext): DirectoryUser {
  const name = c.req.param("id") ?? "";
  const user =
    state.users.get(name) ??
    [...state.users.all()].find(({ userPrincipalName }) => userPrincipalName.toLowerCase() === name.toLowerCase());
  if (!user) throw notFound(name);
  return user;
}

function groupOf({ state }: Directory, c: GraphContext): DirectoryGroup {
  const id = c.req.param("id") ?? "";
  const group = state.groups.get(id);
  if (!group) throw notFound(id);
  return group;
}

function appOf({ state }: Directory, c: GraphContext): DirectoryApp {
  const id = c.req.param("id") ?? "";
  const app = state.apps.get(id);
  if (!app) throw notFound(id);
  return app;
}

const objects = ({ state }: Directory, ids: Iterable<string>): Entity[] =>
  [...ids].map((id) => directoryObject(state, id)).filter((entity) => entity !== null);
