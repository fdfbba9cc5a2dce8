import { describe, expect, it } from "vitest";
import { contextGaps, type ContextPolicy } from "../../../../shared/domain/context-policy.ts";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";

const ADA = "a0000000-0000-4000-8000-000000000001" as PrincipalId;
const BEN = "a0000000-0000-4000-8000-000000000002" as PrincipalId;

const aPolicy = (changes: Partial<ContextPolicy> = {}): ContextPolicy => ({
  name: "step-up",
  state: "enabled",
  contexts: ["c1"],
  includes: { users: ["All"], groups: [] },
  excludes: { users: [], groups: [] },
  narrowedBy: [],
  combinations: ["fido2", "windowsHelloForBusiness"],
  hasAlternative: false,
  everyTime: true,
  ...changes,
});

const gaps = (policies: readonly ContextPolicy[], contexts: readonly string[] = ["c1"]): readonly string[] =>
  contextGaps(policies, {
    contexts,
    accounts: [
      { id: ADA, name: "Ada" },
      { id: BEN, name: "Ben" },
    ],
    members: new Map([["g-ben", new Set<string>([BEN])]]),
  }).map(({ id, text }) => `${id}: ${text}`);

describe("Conditional Access behind an authentication context", () => {
  it("has no gap where one policy that is on covers everybody, strictly and afresh", () => {
    expect(gaps([aPolicy()])).toEqual([]);
    expect(gaps([aPolicy({ includes: { users: [ADA], groups: ["g-ben"] } })])).toEqual([]);
  });

  it.each<[string, readonly ContextPolicy[], RegExp]>([
    ["no policy names it", [aPolicy({ contexts: ["c2"] })], /^context c1 none: .*a step-up proves nothing/],
    ["the policy is off", [aPolicy({ state: "disabled" })], /none: .*step-up: disabled/],
    ["it only reports", [aPolicy({ state: "enabledForReportingButNotEnforced" })], /none: .*enabledForReporting/],
    ["it includes some", [aPolicy({ includes: { users: [ADA], groups: [] } })], /uncovered: .* of: Ben\./],
    ["it excludes a person", [aPolicy({ excludes: { users: [ADA], groups: [] } })], /uncovered: .* of: Ada\./],
    ["it excludes a group", [aPolicy({ excludes: { users: [], groups: ["g-ben"] } })], /uncovered: .* of: Ben\./],
    ["it includes an unknown group", [aPolicy({ includes: { users: [ADA], groups: ["g-x"] } })], /uncovered: .* Ben/],
    [
      "it leaves sign-ins out",
      [aPolicy({ narrowedBy: ["locations"] })],
      /uncovered: .*limited by locations.* Ada, Ben/,
    ],
    ["any MFA will do", [aPolicy({ combinations: ["fido2", "password,sms"] })], /strength: .*Ada, Ben/],
    ["it demands no strength", [aPolicy({ combinations: [] })], /strength: /],
    ["something else is enough", [aPolicy({ hasAlternative: true })], /strength: /],
    ["an old sign-in is enough", [aPolicy({ everyTime: false })], /freshness: /],
  ])("has one where %s", (_what, policies, expected) => {
    expect(gaps(policies)).toEqual([expect.stringMatching(expected)]);
  });

  it("counts all policies together that apply to an account", () => {
    const strict = aPolicy({ everyTime: false });
    const fresh = aPolicy({ combinations: [] });
    expect(gaps([strict, fresh])).toEqual([]);
    expect(gaps([strict, { ...fresh, includes: { users: [ADA], groups: [] } }])).toEqual([
      expect.stringMatching(/freshness: .* of: Ben\./),
    ]);
  });

  it("is looked at for each context", () => {
    expect(gaps([aPolicy()], ["c1", "c2"])).toEqual([expect.stringMatching(/^context c2 none/)]);
  });

  it("names five accounts at most", () => {
    const accounts = Array.from({ length: 8 }, (_, n) => ({ id: `${n}` as PrincipalId, name: `P${n}` }));
    const [gap] = contextGaps([aPolicy({ everyTime: false })], { contexts: ["c1"], accounts, members: new Map() });
    expect(gap?.text).toContain("of: P0, P1, P2, P3, P4 and 3 more.");
  });
});
