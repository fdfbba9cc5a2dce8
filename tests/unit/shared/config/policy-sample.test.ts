import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPolicy } from "../../../../shared/config/compiled-policy.ts";
import { HOUR_MS, MINUTE_MS } from "../../../../shared/domain/time.ts";
import type { RolePolicy } from "../../../../shared/domain/policy.ts";
import {
  ACCOUNTS,
  adminId,
  dailyId,
  ELIGIBILITIES,
  GROUPS,
  jiraAccountId,
  PEOPLE,
  ROLES,
  snowUserId,
  TENANT_ID,
} from "../../../../local/seed.ts";
import { parsePrincipalId, type PrincipalId } from "../../../../shared/domain/ids.ts";

const { policy, people } = await loadPolicy(join(import.meta.dirname, "../../../../policy"), "nothing compiled");

const principal = (text: string): PrincipalId => {
  const id = parsePrincipalId(text);
  if (!id) throw new Error(`${text} is no object id`);
  return id;
};

const role = (key: keyof typeof ROLES): RolePolicy | undefined =>
  policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === ROLES[key][0]);

describe("the sample policy", () => {
  it("is the policy of the sample tenant", () => {
    expect(policy).toMatchObject({
      tenantId: TENANT_ID,
      breakGlassAccounts: [ACCOUNTS.breakGlass1, ACCOUNTS.breakGlass2],
      identityTeamGroup: GROUPS.identityTeam,
    });
    expect(policy.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("names roles as the directory does", () => {
    const seeded = new Map<string, string>(Object.values(ROLES).map(([id, name]) => [id, name]));
    expect(policy.roles.map(({ roleDefinitionId }) => seeded.get(roleDefinitionId))).toEqual(
      policy.roles.map(({ name }) => name),
    );
  });

  it("knows the named people under all their accounts, and nobody else's", () => {
    for (const { n, key, name, admin } of PEOPLE.slice(0, 12)) {
      const accounts = [...(admin ? [adminId(n)] : []), ...(n === 1 ? [ACCOUNTS.adaSecondAdmin] : [])];
      expect(people.byKey(key)).toEqual({
        key,
        name,
        mail: `${key}@contoso.example`,
        dailyAccount: dailyId(n),
        adminAccounts: accounts,
        servicenowUser: snowUserId(n),
        jiraAccount: jiraAccountId(n),
      });
    }
    const nobodys = [ACCOUNTS.orphan, ACCOUNTS.guest, ACCOUNTS.breakGlass1, ACCOUNTS.syncAccount];
    expect(nobodys.map((account) => people.byAccount(principal(account)))).toEqual(nobodys.map(() => undefined));
  });

  it("lets every person who is eligible for a listed role be found by the account", () => {
    const strangers: readonly string[] = [ACCOUNTS.guest, ACCOUNTS.disabled, ACCOUNTS.orphan];
    const eligible = ELIGIBILITIES.map(([account]) => account).filter((account) => !strangers.includes(account));
    expect(eligible.filter((account) => people.byAccount(principal(account)) === undefined)).toEqual([]);
  });

  it("asks one approver of two groups for Global Administrator, and a change that names the role", () => {
    expect(role("globalAdministrator")).toMatchObject({
      tier0: true,
      maximumDurationMs: 2 * HOUR_MS,
      tickets: [
        {
          system: "servicenow",
          type: "change_request",
          window: "required",
          graceMs: 10 * MINUTE_MS,
          approved: true,
          namesRole: true,
        },
      ],
      approval: {
        mode: "manual",
        requirements: [
          {
            count: 1,
            from: [
              { kind: "group", group: GROUPS.securityApprovers },
              { kind: "group", group: GROUPS.directoryOwners },
            ],
          },
        ],
      },
      start: "immediate",
      usesPerTicket: 1,
    });
  });

  it("asks Security and the directory owners for Privileged Role Administrator", () => {
    expect(role("privilegedRoleAdministrator")?.approval).toMatchObject({
      requirements: [
        { name: "Security", count: 1, from: [{ group: GROUPS.securityApprovers }] },
        { name: "Directory owners", count: 1, from: [{ group: GROUPS.directoryOwners }] },
      ],
    });
  });

  it("asks Security and the manager for Security Administrator", () => {
    expect(role("securityAdministrator")?.approval).toMatchObject({
      requirements: [{ from: [{ group: GROUPS.securityApprovers }] }, { from: [{ kind: "manager" }] }],
      backups: [{ group: GROUPS.directoryOwners }],
    });
  });

  it("grants Helpdesk Administrator without a second person, unless the ticket is self-made", () => {
    expect(role("helpdeskAdministrator")).toMatchObject({
      tickets: [{ system: "servicenow", type: "incident", window: "ignored", approved: false, namesRole: false }],
      approval: {
        mode: "automatic",
        unlessSelfMade: { requirements: [{ from: [{ group: GROUPS.securityApprovers }] }] },
      },
      onTicketClosed: { kind: "grace", ms: 10 * MINUTE_MS },
    });
  });

  it("ends Exchange Administrator with its ticket, starts Conditional Access Administrator by hand and by day", () => {
    expect(role("exchangeAdministrator")).toMatchObject({
      tickets: [{ type: "change_request" }, { system: "jira", type: "Change" }, { system: "jira", type: "Task" }],
      onTicketClosed: { kind: "end" },
    });
    expect(role("conditionalAccessAdministrator")).toMatchObject({
      start: "onStart",
      hours: { zone: "Europe/Berlin", days: ["Mon", "Tue", "Wed", "Thu", "Fri"], from: "07:00", to: "19:00" },
      stepUp: { authenticationContext: "c1", maxAgeMs: 2 * MINUTE_MS, withinMs: 30 * MINUTE_MS },
    });
  });

  it("leaves Intune Administrator out", () => {
    expect(role("intuneAdministrator")).toBeUndefined();
  });
});
