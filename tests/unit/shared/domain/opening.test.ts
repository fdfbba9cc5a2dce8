import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../../../shared/domain/ids.ts";
import { decideOpening, isSelfMade, type OpeningFacts } from "../../../../shared/domain/opening.ts";
import type { RolePolicy, SenderPolicy } from "../../../../shared/domain/policy.ts";
import type { ReasonCode } from "../../../../shared/domain/reasons.ts";
import { HOUR_MS, MINUTE_MS } from "../../../../shared/domain/time.ts";
import { ACTIVATION, ADA, aRole, aTicket, ROLE } from "../../../support/memory-world.ts";

const NOW = "2026-11-24T09:00:00.000Z"; // a Tuesday
const TENANT = "/" as DirectoryScopeId;
const UNIT = "/administrativeUnits/40000000-0000-4000-8000-000000000001" as DirectoryScopeId;
const ACCOUNT = ADA.adminAccounts[0] as PrincipalId;

const CLAIM: OpeningFacts["claim"] = {
  activationId: ACTIVATION,
  door: "http",
  claimedAt: NOW,
  ticket: { system: "servicenow", number: "CHG0030192" },
  person: ADA.key,
  principalId: ACCOUNT,
  roleDefinitionId: ROLE,
  directoryScopeId: TENANT,
  use: 1,
  requestKey: null,
  durationMs: HOUR_MS,
  justification: "Rotate the signing key",
};

const eligible = (
  roleDefinitionId: RoleDefinitionId = ROLE,
  directoryScopeId: DirectoryScopeId = TENANT,
): OpeningFacts["eligibilities"][number] => ({
  principalId: ACCOUNT,
  roleDefinitionId,
  directoryScopeId,
  memberType: "Direct",
  endsAt: undefined,
});

/** A request that nothing speaks against. */
const GOOD: OpeningFacts = {
  claim: CLAIM,
  policy: {
    hash: "1",
    tenantId: "t",
    mode: "enforce",
    selfActivated: "report",
    breakGlassAccounts: ["b0000000-0000-4000-8000-000000000001" as PrincipalId],
    identityTeamGroup: "60000000-0000-4000-8000-000000000006" as PrincipalId,
    alertMail: "identity-team@contoso.example",
    caps: { openPerPerson: 3, openPerTicketCreator: 10 },
    breaker: { grants: 10, withinMs: 10 * MINUTE_MS },
    ticketSystems: {},
    senders: {},
    governance: undefined,
    roles: [],
  },
  role: aRole(),
  person: ADA,
  account: { id: ACCOUNT, enabled: true, userType: "Member" },
  eligibilities: [eligible()],
  ticket: aTicket(),
  openForPerson: 0,
  openForCreator: 0,
  openForSender: 0,
  heldAlready: false,
  blocked: false,
  frozen: false,
  policyAccepted: true,
};

const reasons = (changes: Partial<OpeningFacts>): readonly string[] =>
  decideOpening({ ...GOOD, ...changes }, NOW).map(({ reason }) => reason);

const withRole = (changes: Partial<RolePolicy>): Partial<OpeningFacts> => ({ role: aRole(changes) });
const withClaim = (changes: Partial<OpeningFacts["claim"]>): Partial<OpeningFacts> => ({
  claim: { ...CLAIM, ...changes },
});

describe("decideOpening", () => {
  it("opens a request that meets every constraint", () => {
    expect(reasons({})).toEqual([]);
  });

  it.each<[string, Partial<OpeningFacts>, ReasonCode]>([
    [
      "a break-glass account",
      withClaim({ principalId: "b0000000-0000-4000-8000-000000000001" as PrincipalId }),
      "BreakGlassAccount",
    ],
    ["a role that is not listed", { role: undefined }, "RoleNotAllowed"],
    ["an account that belongs to no person", { person: undefined }, "PersonUnknown"],
    ["the person's daily account", withClaim({ principalId: ADA.dailyAccount }), "PersonUnknown"],
    ["an account the directory does not know", { account: undefined }, "PrincipalNotAllowed"],
    ["a disabled account", { account: { id: ACCOUNT, enabled: false, userType: "Member" } }, "PrincipalNotAllowed"],
    ["a guest", { account: { id: ACCOUNT, enabled: true, userType: "Guest" } }, "PrincipalNotAllowed"],
    ["an account without eligibility", { eligibilities: [] }, "NotEligible"],
    [
      "eligibility for another role",
      { eligibilities: [eligible("f2ef992c-3afb-46b9-b7cf-a126ee74c451" as RoleDefinitionId)] },
      "NotEligible",
    ],
    ["eligibility at another scope", { eligibilities: [eligible(ROLE, UNIT)] }, "NotEligible"],
    ["a scope that the policy does not list", withRole({ scopes: [UNIT] }), "NotEligible"],
    ["less than five minutes", withClaim({ durationMs: 5 * MINUTE_MS - 1 }), "DurationTooShort"],
    ["more than the role's maximum", withClaim({ durationMs: 4 * HOUR_MS + 1 }), "DurationTooLong"],
    ["a ticket that does not exist", { ticket: undefined }, "TicketNotFound"],
    [
      "a ticket of another system",
      withClaim({ ticket: { system: "jira", number: "OPS-1" } }),
      "TicketSystemNotAllowed",
    ],
    [
      "a day outside the hours",
      withRole({ hours: { zone: "UTC", days: ["Mon"], from: "00:00", to: "24:00" } }),
      "OutsideHours",
    ],
    ["a person who is blocked", { blocked: true }, "PersonBlocked"],
    ["a person with too many open requests", { openForPerson: 3 }, "TooManyOpenRequests"],
    ["a ticket of somebody whose tickets opened too many", { openForCreator: 10 }, "TooManyFromTicketCreator"],
    ["a role that is held already", { heldAlready: true }, "AlreadyActive"],
    ["a time when everything is frozen", { frozen: true }, "Frozen"],
  ])("refuses %s", (_, changes, reason) => {
    expect(reasons(changes)).toEqual([reason]);
  });

  it("names every constraint that is missed, the weightiest first", () => {
    const wrong = { ...withClaim({ durationMs: 5 * HOUR_MS }), eligibilities: [], frozen: true, blocked: true };
    expect(reasons(wrong)).toEqual(["NotEligible", "DurationTooLong", "PersonBlocked", "Frozen"]);
  });

  it("opens no request above the role's maximum or below five minutes, whatever the maximum", () => {
    const minutes = fc.integer({ min: 1, max: 600 });
    fc.assert(
      fc.property(minutes, minutes, (maximum, asked) => {
        const changes = {
          ...withRole({ maximumDurationMs: maximum * MINUTE_MS }),
          ...withClaim({ durationMs: asked * MINUTE_MS }),
        };
        expect(reasons(changes).length === 0).toBe(asked >= 5 && asked <= maximum);
      }),
    );
  });

  it("is never talked out of a refusal by another fact", () => {
    const faults: readonly Partial<OpeningFacts>[] = [
      { eligibilities: [] },
      { ticket: undefined },
      { blocked: true },
      { heldAlready: true },
      { frozen: true },
      { openForPerson: 9 },
    ];
    fc.assert(
      fc.property(fc.subarray([...faults], { minLength: 1 }), (some) => {
        const found = reasons(Object.assign({}, ...some) as Partial<OpeningFacts>);
        expect(found).toEqual(expect.arrayContaining(some.flatMap((fault) => reasons(fault))));
      }),
    );
  });
});

describe("a request by message", () => {
  const sent = withClaim({ door: "message", sender: "chatbot" });
  const allowing = (rules: Partial<SenderPolicy> | undefined, more: Partial<OpeningFacts> = {}): readonly string[] => {
    const chatbot: SenderPolicy = { people: "all", roles: [ROLE], openAtMost: 2, ...rules };
    return reasons({ ...sent, policy: { ...GOOD.policy, senders: rules ? { chatbot } : {} }, ...more });
  };

  it.each<[string, Partial<SenderPolicy>]>([
    ["for everybody", {}],
    ["for this person", { people: ["dev", ADA.key] }],
  ])("opens where its sender may ask %s", (_, rules) => {
    expect(allowing(rules)).toEqual([]);
  });

  it.each<[string, Partial<SenderPolicy> | undefined]>([
    ["is not known", undefined],
    ["may ask for others only", { people: ["dev"] }],
    ["may ask for nobody", { people: [] }],
    ["may ask for other roles only", { roles: ["f2ef992c-3afb-46b9-b7cf-a126ee74c451" as RoleDefinitionId] }],
  ])("is refused where its sender %s", (_, rules) => {
    expect(allowing(rules)).toEqual(["SenderNotAllowed"]);
  });

  it("is refused while its sender has too many open, whoever they are for", () => {
    expect(allowing({}, { openForSender: 1 })).toEqual([]);
    expect(allowing({}, { openForSender: 2 })).toEqual(["TooManyFromSender"]);
  });

  it("is the only one that senders are asked about", () => {
    expect(reasons({ openForSender: 99 })).toEqual([]);
  });
});

describe("isSelfMade", () => {
  it("compares users of the ticket's own system", () => {
    expect(isSelfMade(aTicket({ creator: "user-1" }), ADA)).toBe(true);
    expect(isSelfMade(aTicket({ creator: "user-9" }), ADA)).toBe(false);
    expect(isSelfMade(aTicket({ creator: undefined }), ADA)).toBe(false);
    expect(isSelfMade(aTicket({ system: "jira", creator: "user-1" }), ADA)).toBe(false);
  });
});
