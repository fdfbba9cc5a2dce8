import { describe, expect, it } from "vitest";
import { nativeFinding } from "../../../../shared/domain/finding.ts";
import type { DirectoryScopeId, RoleDefinitionId } from "../../../../shared/domain/ids.ts";
import { judgeNative, type NativeActivation } from "../../../../shared/domain/native-activation.ts";
import type { Policy, RolePolicy } from "../../../../shared/domain/policy.ts";
import { HOUR_MS, MINUTE_MS } from "../../../../shared/domain/time.ts";
import { ADA, adminOf, aRole, MemoryWorld, ROLE } from "../../../support/memory-world.ts";

const OTHER_ROLE = "00000000-0000-4000-8000-000000000777" as RoleDefinitionId;
const UNIT = "/administrativeUnits/40000000-0000-4000-8000-000000000001" as DirectoryScopeId;
const ticket = (system: string, number: string): Pick<NativeActivation, "ticket"> => ({ ticket: { system, number } });

/** One that nothing speaks against. */
const GOOD: NativeActivation = {
  id: "r1",
  principalId: adminOf(ADA),
  roleDefinitionId: ROLE,
  directoryScopeId: "/" as DirectoryScopeId,
  at: "2026-11-24T09:00:00.000Z", // a Tuesday
  durationMs: HOUR_MS,
  justification: "Rotate the signing key",
  ...ticket("ServiceNow", "CHG0030192"),
  approved: true,
};

const world = new MemoryWorld();
const POLICY: Policy = {
  ...world.policy,
  ticketSystems: {
    servicenow: {
      types: {},
      numberPattern: "CHG\\d{7}",
      fields: { role: "r", duration: "d", scope: "s" },
    },
  },
};
const judged = (changes: Partial<NativeActivation> = {}, role: Partial<RolePolicy> = {}): readonly string[] =>
  judgeNative(
    { ...GOOD, ...changes },
    { policy: { ...POLICY, roles: [aRole(role)] }, people: world.worker.policies.people },
  ).map(({ reason }) => reason);

describe("judging what was activated in PIM itself", () => {
  it("has nothing against what it would have allowed", () => {
    expect(judged()).toEqual([]);
    expect(judged({ durationMs: 4 * HOUR_MS, ...ticket(" service now ", " CHG0030192 ") })).toEqual([]);
    expect(judged({ approved: false }, { approval: { mode: "automatic", unlessSelfMade: undefined } })).toEqual([]);
  });

  it.each<[string, string, Partial<NativeActivation>, Partial<RolePolicy>]>([
    ["longer than the maximum", "DurationTooLong", { durationMs: 4 * HOUR_MS + 1 }, {}],
    ["of a length that the directory does not say", "DurationTooLong", { durationMs: undefined }, {}],
    ["shorter than the shortest", "DurationTooShort", { durationMs: 4 * MINUTE_MS }, {}],
    ["without a ticket", "NoTicket", ticket("ServiceNow", "  "), {}],
    ["with a ticket of no system", "TicketSystemNotAllowed", ticket("", "CHG0030192"), {}],
    ["with a ticket of a system that is none", "TicketSystemNotAllowed", ticket("Notes", "CHG0030192"), {}],
    ["with a ticket of a system that the policy does not list", "TicketSystemNotAllowed", ticket("Jira", "A-1"), {}],
    ["with a ticket of a system that the role does not take", "TicketSystemNotAllowed", {}, { tickets: [] }],
    ["with a number in another form", "TicketNumberInvalid", ticket("ServiceNow", "ask Dev"), {}],
    ["with a justification that says nothing", "JustificationTooShort", { justification: "  because     " }, {}],
    ["that nobody else approved", "NotApproved", { approved: false }, {}],
    ["at a scope that the policy does not allow", "ScopeNotAllowed", {}, { scopes: [UNIT] }],
    [
      "outside the hours of the role",
      "OutsideHours",
      {},
      { hours: { zone: "UTC", days: ["Mon"], from: "08:00", to: "18:00" } },
    ],
    ["of an account that belongs to nobody", "PersonUnknown", { principalId: world.policy.identityTeamGroup }, {}],
    ["of a person's daily account", "PersonUnknown", { principalId: ADA.dailyAccount }, {}],
  ])("would have refused one %s: %s", (_what, reason, changes, role) => {
    expect(judged(changes, role)).toEqual([reason]);
  });

  it("names everything that speaks against it", () => {
    const bad = { durationMs: 8 * HOUR_MS, ...ticket("", ""), justification: "", approved: false };
    expect(judged(bad)).toEqual(["DurationTooLong", "NoTicket", "JustificationTooShort", "NotApproved"]);
  });

  it("says nothing of roles that it does not list, and of break-glass accounts", () => {
    expect(judged({ roleDefinitionId: OTHER_ROLE, durationMs: undefined })).toEqual([]);
    for (const account of POLICY.breakGlassAccounts)
      expect(judged({ principalId: account, durationMs: undefined })).toEqual([]);
  });

  it("says it in words, and shows no long text of a stranger", () => {
    const one = { ...GOOD, durationMs: 8 * HOUR_MS + 30 * MINUTE_MS, ...ticket("x".repeat(300), "1") };
    const misses = judgeNative(one, { policy: POLICY, people: world.worker.policies.people });
    const { text, id } = nativeFinding(one, misses, { holder: "Ada", role: "Global Administrator" });
    expect(id).toBe("native r1");
    expect(text).toBe(
      "Ada activated Global Administrator at / for 8 h 30 min on 2026-11-24T09:00:00.000Z in PIM itself. " +
        "A request here would have been refused: The duration is longer than this role allows (at most 240 minutes). " +
        `This ticket system or ticket type may not open this role (${"x".repeat(40)}).`,
    );
  });
});
