/**
 * The fictitious tenant "Contoso Bank" of the local stack. Ids are fixed, so that tests, the demo, `policy/*.yaml` and
 * the simulators agree. Nobody here is real.
 */
export const TENANT_ID = "10000000-0000-4000-8000-000000000001";
export const DOMAIN = "contoso.example";

const hex = (n: number, width: number): string => n.toString(16).padStart(width, "0");
export const dailyId = (n: number): string => `d0000000-0000-4000-8000-${hex(n, 12)}`;
export const adminId = (n: number): string => `a0000000-0000-4000-8000-${hex(n, 12)}`;
export const snowUserId = (n: number): string => `5e0c${hex(n, 28)}`;
export const jiraAccountId = (n: number): string => `712020:${hex(n, 8)}-jira`;

/** One human being: a daily account with a mailbox, perhaps an admin account without one. */
export interface SeedPerson {
  readonly n: number;
  readonly key: string; // "ada.byron"
  readonly name: string;
  readonly title: string;
  readonly manager?: number;
  readonly admin: boolean;
}

const person = (n: number, name: string, title: string, manager: number | undefined, admin: boolean): SeedPerson => ({
  n,
  key: name.toLowerCase().replaceAll(" ", "."),
  name,
  title,
  ...(manager === undefined ? {} : { manager }),
  admin,
});

export const PEOPLE: readonly SeedPerson[] = [
  person(1, "Ada Byron", "Identity Engineer", 5, true),
  person(2, "Ben Okafor", "Site Reliability Engineer", 5, true),
  person(3, "Cora Lindt", "Security Lead", 9, true),
  person(4, "Dev Patel", "Directory Owner", 9, true),
  person(5, "Eva Marek", "Head of Platform", 9, false),
  person(6, "Finn Aalto", "Security Analyst", 3, true),
  person(7, "Grace Oduya", "Helpdesk Lead", 5, true),
  person(8, "Hugo Brandt", "Exchange Engineer", 5, true),
  person(9, "Iris Novak", "Chief Information Officer", undefined, false),
  person(10, "Jonas Weil", "Auditor", 9, false),
  person(11, "Kira Sato", "Helpdesk Engineer", 7, true),
  person(12, "Liam Dorsey", "Network Engineer", 5, true),
  ...[
    "Mara Quist",
    "Nils Peder",
    "Olga Reyes",
    "Pavel Horak",
    "Quinn Ames",
    "Rosa Bianchi",
    "Samir Nassar",
    "Tess Ward",
    "Uwe Lang",
    "Vera Costa",
    "Wim Bakker",
    "Xenia Park",
    "Yara Haddad",
    "Zane Holt",
    "Amy Stone",
    "Boris Lund",
    "Clio Papas",
    "Dina Roth",
    "Emil Voss",
    "Fay Ito",
    "Gil Moreno",
    "Hana Suzuki",
    "Ivo Kral",
    "Jana Fuchs",
    "Karl Beck",
    "Lena Orr",
    "Milo Grant",
    "Nora Dahl",
  ].map((name, index) => person(13 + index, name, "Analyst", index % 2 === 0 ? 5 : 7, false)),
];

/** Accounts that are no ordinary person's daily or admin account. */
export const ACCOUNTS = {
  breakGlass1: "b0000000-0000-4000-8000-000000000001",
  breakGlass2: "b0000000-0000-4000-8000-000000000002",
  /** A second admin account of Ada Byron, a member of the approver groups: the same person behind another account. */
  adaSecondAdmin: "a0000000-0000-4000-8000-0000000000f1",
  guest: "9e000000-0000-4000-8000-000000000001",
  disabled: "d1000000-0000-4000-8000-000000000001",
  /** Belongs to no person of the map. */
  orphan: "0f000000-0000-4000-8000-000000000001",
  syncAccount: "5c000000-0000-4000-8000-000000000001",
  /** The mailbox that messages are sent from. */
  mailSender: "3a110000-0000-4000-8000-000000000001",
} as const;

export const GROUPS = {
  /** Approvers: Cora, Dev (daily accounts), Ada's second admin account. Role-assignable. */
  securityApprovers: "60000000-0000-4000-8000-000000000001",
  /** Approvers: Dev, Hugo (daily accounts). Role-assignable. */
  directoryOwners: "60000000-0000-4000-8000-000000000002",
  /** On-call people, holds `helpdeskTier2` nested: transitive members matter. */
  onCall: "60000000-0000-4000-8000-000000000003",
  helpdeskTier2: "60000000-0000-4000-8000-000000000004",
  /** Not role-assignable, has a dynamic rule: refused as a source of approvers. */
  everyone: "60000000-0000-4000-8000-000000000005",
  /** Identity team: may end activations and freeze. Role-assignable. Dev, Cora. */
  identityTeam: "60000000-0000-4000-8000-000000000006",
  /** The break-glass accounts. Role-assignable. */
  breakGlassAccounts: "60000000-0000-4000-8000-000000000008",
  /** Nobody in it. Role-assignable. */
  emptyApprovers: "60000000-0000-4000-8000-000000000007",
} as const;

export const ROLES = {
  globalAdministrator: ["62e90394-69f5-4237-9190-012177145e10", "Global Administrator"],
  privilegedRoleAdministrator: ["e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"],
  privilegedAuthenticationAdministrator: [
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "Privileged Authentication Administrator",
  ],
  securityAdministrator: ["194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator"],
  conditionalAccessAdministrator: ["b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator"],
  applicationAdministrator: ["9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"],
  userAdministrator: ["fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"],
  helpdeskAdministrator: ["729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"],
  exchangeAdministrator: ["29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"],
  securityReader: ["5d6b6bb7-de71-4623-b4af-96380a352509", "Security Reader"],
  globalReader: ["f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"],
  intuneAdministrator: ["3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator"],
} as const;

export const ADMINISTRATIVE_UNIT = "40000000-0000-4000-8000-000000000001";

/** Eligibility at the start: account, role, scope. */
export const ELIGIBILITIES: readonly (readonly [string, keyof typeof ROLES, string])[] = [
  [adminId(1), "globalAdministrator", "/"],
  [adminId(1), "exchangeAdministrator", "/"],
  [adminId(1), "userAdministrator", "/"],
  [adminId(2), "securityAdministrator", "/"],
  [adminId(2), "helpdeskAdministrator", "/"],
  [adminId(2), "userAdministrator", "/"],
  [adminId(2), "userAdministrator", `/administrativeUnits/${ADMINISTRATIVE_UNIT}`],
  [adminId(2), "globalReader", "/"],
  [adminId(3), "securityAdministrator", "/"],
  [adminId(3), "conditionalAccessAdministrator", "/"],
  [adminId(4), "globalAdministrator", "/"],
  [adminId(4), "privilegedRoleAdministrator", "/"],
  [adminId(6), "securityReader", "/"],
  [adminId(6), "securityAdministrator", "/"],
  [adminId(7), "helpdeskAdministrator", "/"],
  [adminId(7), "userAdministrator", "/"],
  [adminId(8), "exchangeAdministrator", "/"],
  [adminId(8), "globalAdministrator", "/"],
  [adminId(11), "helpdeskAdministrator", "/"],
  [adminId(12), "intuneAdministrator", "/"],
  [ACCOUNTS.guest, "securityReader", "/"],
  [ACCOUNTS.disabled, "helpdeskAdministrator", "/"],
  [ACCOUNTS.orphan, "helpdeskAdministrator", "/"],
];

/** Permanent active assignments at the start. */
export const STANDING: readonly (readonly [string, keyof typeof ROLES])[] = [
  [ACCOUNTS.breakGlass1, "globalAdministrator"],
  [ACCOUNTS.breakGlass2, "globalAdministrator"],
  [adminId(4), "globalReader"],
  [adminId(12), "globalAdministrator"],
];

/** App registrations and identities: client id, object id of the service principal, Graph application permissions. */
export const APPS = {
  api: {
    clientId: "c1000000-0000-4000-8000-000000000001",
    objectId: "e1000000-0000-4000-8000-000000000001",
    permissions: [],
  },
  /** Public client of `zs` and other callers of the API; redirect on loopback, device code. */
  cli: {
    clientId: "c2000000-0000-4000-8000-000000000002",
    objectId: "e2000000-0000-4000-8000-000000000002",
    permissions: [],
  },
  /** A public client that the API does not list. */
  stranger: {
    clientId: "c3000000-0000-4000-8000-000000000003",
    objectId: "e3000000-0000-4000-8000-000000000003",
    permissions: [],
  },
  /** Confidential client of the sign-in behind the signed links. */
  signIn: {
    clientId: "c4000000-0000-4000-8000-000000000004",
    objectId: "e4000000-0000-4000-8000-000000000004",
    permissions: [],
  },
  /** A daemon that gets app-only tokens for the API: refused on routes for people. */
  daemon: {
    clientId: "c5000000-0000-4000-8000-000000000005",
    objectId: "e5000000-0000-4000-8000-000000000005",
    permissions: [],
  },
  /** System-assigned identity of the function app. */
  worker: {
    clientId: "c6000000-0000-4000-8000-000000000006",
    objectId: "e6000000-0000-4000-8000-000000000006",
    permissions: [
      "RoleAssignmentSchedule.ReadWrite.Directory",
      "RoleEligibilitySchedule.ReadWrite.Directory",
      "RoleManagement.Read.Directory",
      "RoleManagementPolicy.ReadWrite.Directory",
      "Policy.Read.All",
      "LicenseAssignment.Read.All",
      "User.Read.All",
      "GroupMember.Read.All",
      "AuditLog.Read.All",
      "Application.Read.All",
      "DelegatedPermissionGrant.Read.All",
      "PrivilegedEligibilitySchedule.Read.AzureADGroup",
      "Mail.Send",
    ],
  },
  /** Reads and removes. */
  sweeper: {
    clientId: "c7000000-0000-4000-8000-000000000007",
    objectId: "e7000000-0000-4000-8000-000000000007",
    permissions: ["RoleAssignmentSchedule.Remove.Directory", "RoleAssignmentSchedule.Read.Directory", "Mail.Send"],
  },
  /** Reads, where the app is split. */
  front: {
    clientId: "c9000000-0000-4000-8000-000000000009",
    objectId: "e9000000-0000-4000-8000-000000000009",
    permissions: ["RoleManagement.Read.Directory", "User.Read.All"],
  },
} as const;

/** What is in every tenant with the API itself: application permissions are app roles of it. */
export const MICROSOFT_GRAPH = {
  appId: "00000003-0000-0000-c000-000000000000",
  objectId: "e0000000-0000-4000-8000-000000000001",
} as const;

/** The identity of the deployment pipeline: signs in by federation, so nobody holds a secret of it. */
export const PIPELINE = {
  appId: "ca000000-0000-4000-8000-00000000000a",
  objectId: "ea000000-0000-4000-8000-00000000000a",
  name: "zero-standing-pipeline",
  trusts: {
    id: "f7000000-0000-4000-8000-00000000000a",
    name: "production",
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:contoso/zero-standing:environment:production",
    audiences: ["api://AzureADTokenExchange"],
    description: null,
  },
} as const;

/** Where the installation would be in Azure. */
export const SUBSCRIPTION_ID = "5b000000-0000-4000-8000-000000000001";
export const RESOURCE_GROUP = "zero-standing";

/** An application that nobody looked at for years: it may do everything, and an analyst owns it. Gets no token here. */
export const LEGACY_SYNC = {
  appId: "c8000000-0000-4000-8000-000000000008",
  objectId: "e8000000-0000-4000-8000-000000000008",
  name: "Legacy sync tool",
  permissions: ["RoleManagement.ReadWrite.Directory", "Directory.ReadWrite.All", "User.Read.All"],
  ownerIds: [dailyId(40)],
} as const;
