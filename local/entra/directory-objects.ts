import { ADMINISTRATIVE_UNIT } from "../seed.ts";
import { appRoleAssignmentsOf, appRolesOf } from "./app-roles.ts";
import type { DirectoryApp, DirectoryGroup, DirectoryUser, Entity } from "./facts.ts";
import type { EntitySet } from "./odata-query.ts";
import type { DirectoryState } from "./state.ts";

/** Users, groups and service principals as Graph shows them, and what may be asked of them. */

export function userEntity(user: DirectoryUser): Entity {
  const [givenName = "", ...surname] = user.displayName.split(" ");
  return {
    ...user,
    managerId: undefined, // a relation, read by a path of its own
    givenName,
    surname: surname.join(" "),
    businessPhones: [],
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    otherMails: [],
    mailNickname: user.userPrincipalName.split("@")[0],
    deletedDateTime: null,
  };
}

export const groupEntity = (group: DirectoryGroup): Entity => ({
  ...without(group, "memberIds", "ownerIds", "eligible"),
  description: null,
  deletedDateTime: null,
  classification: null,
  mail: null,
  mailEnabled: false,
  mailNickname: group.displayName.toLowerCase().replaceAll(" ", "-"),
  membershipRuleProcessingState: group.membershipRule === null ? null : "On",
  securityEnabled: true,
  visibility: null,
});

/** Relations are read by paths of their own, not as properties. */
const without = (object: object, ...names: readonly string[]): Entity =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

const servicePrincipalEntity = (app: DirectoryApp): Entity => ({
  ...without(app, "permissions", "ownerIds", "registration"),
  appDisplayName: app.displayName,
  appRoles: appRolesOf(app),
  keyCredentials: [],
  deletedDateTime: null,
});

/** Any object by its id, with its type. */
export function directoryObject(state: DirectoryState, id: string): Entity | null {
  const user = state.users.get(id);
  if (user) return { "@odata.type": "#microsoft.graph.user", ...userEntity(user) };
  const group = state.groups.get(id);
  if (group) return { "@odata.type": "#microsoft.graph.group", ...groupEntity(group) };
  const app = state.apps.get(id);
  if (app) return { "@odata.type": "#microsoft.graph.servicePrincipal", ...servicePrincipalEntity(app) };
  if (id !== ADMINISTRATIVE_UNIT) return null;
  return { "@odata.type": "#microsoft.graph.administrativeUnit", id, displayName: "Contoso branch", visibility: null };
}

export const DIRECTORY_OBJECTS: EntitySet = {
  type: "directoryObject",
  filterable: ["id", "displayName"],
  maximumTop: 999,
  advancedQueries: true,
};

const USER_DEFAULTS =
  "id businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName";

export const userSet = (state: DirectoryState): EntitySet => ({
  type: "user",
  filterable: [
    ..."id accountEnabled displayName employeeId givenName jobTitle mail surname userPrincipalName userType".split(" "),
    "createdDateTime",
    "onPremisesSyncEnabled",
  ],
  orderable: ["displayName", "userPrincipalName"],
  defaultProperties: USER_DEFAULTS.split(" "),
  maximumTop: 999,
  advancedQueries: true,
  expandable: { manager: { of: (user) => managerOf(state, String(user["id"])), set: DIRECTORY_OBJECTS } },
});

export const groupSet = (state: DirectoryState): EntitySet => ({
  type: "group",
  filterable: ["id", "displayName", "isAssignableToRole", "securityEnabled", "mailEnabled", "groupTypes"],
  orderable: ["displayName"],
  maximumTop: 999,
  advancedQueries: true,
  expandable: {
    owners: {
      of: (group) =>
        (state.groups.get(String(group["id"]))?.ownerIds ?? [])
          .map((id) => directoryObject(state, id))
          .filter((owner) => owner !== null)
          .slice(0, MOST_EXPANDED),
      set: DIRECTORY_OBJECTS,
    },
  },
});

export const groupEligibilitySet = (state: DirectoryState): EntitySet => ({
  type: "privilegedAccessGroupEligibilityScheduleInstance",
  filterable: ["groupId", "principalId", "accessId"],
  pim: true,
  expandable: {
    principal: { of: (item) => directoryObject(state, String(item["principalId"])), set: DIRECTORY_OBJECTS },
  },
});

/** The id is made of the three that it is about, as PIM for groups makes those of its schedules. */
export const groupEligibilities = ({ id, createdDateTime, eligible }: DirectoryGroup): readonly Entity[] =>
  eligible.map(({ principalId, accessId }) => ({
    id: `${id}_${accessId}_${principalId}`,
    groupId: id,
    principalId,
    accessId,
    memberType: "direct",
    eligibilityScheduleId: `${id}_${accessId}_${principalId}`,
    startDateTime: createdDateTime,
    endDateTime: null,
  }));

export const APP_ROLE_ASSIGNMENTS: EntitySet = { type: "appRoleAssignment", filterable: [], maximumTop: 999 };

export const PERMISSION_GRANTS: EntitySet = {
  type: "oAuth2PermissionGrant",
  filterable: ["clientId", "consentType", "principalId", "resourceId"],
  maximumTop: 999,
};

/** An expanded relationship of a directory object shows no more. */
const MOST_EXPANDED = 20;

export const servicePrincipalSet = (state: DirectoryState): EntitySet => {
  const related = (of: (app: DirectoryApp) => readonly (Entity | null)[]) => (item: Entity) => {
    const app = state.apps.get(String(item["id"]));
    return (app ? of(app) : []).filter((entity) => entity !== null).slice(0, MOST_EXPANDED);
  };
  return {
    type: "servicePrincipal",
    filterable: ["id", "appId", "displayName"],
    maximumTop: 999,
    advancedQueries: true,
    maximumExpansions: 1,
    expandable: {
      appRoleAssignments: { of: related(appRoleAssignmentsOf), set: APP_ROLE_ASSIGNMENTS },
      owners: {
        of: related(({ ownerIds }) => ownerIds.map((id) => directoryObject(state, id))),
        set: DIRECTORY_OBJECTS,
      },
    },
  };
};

export const FEDERATED_CREDENTIALS: EntitySet = {
  type: "federatedIdentityCredential",
  filterable: ["name", "issuer", "subject"],
};

/** An app registration as Graph shows it, with what the stack gave to the app: a secret, and where sign-ins are answered to. */
export function registrationEntity(
  app: DirectoryApp,
  { secretHint, redirectUri }: { readonly secretHint: string; readonly redirectUri: string },
): Entity | null {
  const { registration } = app;
  if (!registration) return null;
  return {
    id: registration.id,
    appId: app.appId,
    displayName: app.displayName,
    createdDateTime: app.createdDateTime,
    deletedDateTime: null,
    signInAudience: "AzureADMyOrg",
    keyCredentials: registration.keyCredentials,
    web: {
      redirectUris: registration.redirectUris ?? [redirectUri],
      implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
    },
    spa: { redirectUris: [] },
    publicClient: { redirectUris: [] },
    passwordCredentials: registration.passwordCredentials.map(({ hint, ...rest }) => ({
      ...rest,
      customKeyIdentifier: null,
      hint: hint ?? secretHint,
      secretText: null,
    })),
  };
}

export const registrationSet = (state: DirectoryState): EntitySet => ({
  type: "application",
  filterable: ["id", "appId", "displayName"],
  maximumTop: 999,
  advancedQueries: true,
  maximumExpansions: 1,
  expandable: {
    owners: {
      of: (item) =>
        (
          [...state.apps.all()].find(({ registration }) => registration?.id === item["id"])?.registration?.ownerIds ??
          []
        )
          .map((id) => directoryObject(state, id))
          .filter((entity) => entity !== null)
          .slice(0, MOST_EXPANDED),
      set: DIRECTORY_OBJECTS,
    },
  },
});

export function managerOf(state: DirectoryState, userId: string): Entity | null {
  const managerId = state.users.get(userId)?.managerId ?? null;
  return managerId === null ? null : directoryObject(state, managerId);
}

/** Ids of all direct and nested members, each once; a nested group is a member too. */
export function transitiveMemberIds(state: DirectoryState, groupId: string): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (id: string): void => {
    for (const memberId of state.groups.get(id)?.memberIds ?? []) {
      if (found.has(memberId)) continue;
      found.add(memberId);
      add(memberId);
    }
  };
  add(groupId);
  return found;
}
