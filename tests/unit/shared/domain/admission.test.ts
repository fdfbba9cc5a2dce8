import { describe, expect, it } from "vitest";
import { admit } from "../../../../shared/domain/admission.ts";
import type { DirectoryScopeId, PrincipalId } from "../../../../shared/domain/ids.ts";

const TENANT = "/" as DirectoryScopeId;
const UNIT = "/administrativeUnits/40000000-0000-4000-8000-000000000001" as DirectoryScopeId;
const FIRST = "a0000000-0000-4000-8000-000000000001" as PrincipalId;
const SECOND = "a0000000-0000-4000-8000-0000000000f1" as PrincipalId;
const held = (principalId: PrincipalId, directoryScopeId: DirectoryScopeId) => ({ principalId, directoryScopeId });
const NOTHING_NAMED = { account: undefined, scope: undefined };

describe("admit", () => {
  it("takes the only eligibility there is", () => {
    expect(admit([held(FIRST, UNIT)], undefined, NOTHING_NAMED)).toEqual({ holding: held(FIRST, UNIT) });
  });

  it("refuses with the list of choices when more than one fits", () => {
    const scopes = [held(FIRST, TENANT), held(FIRST, UNIT)];
    expect(admit(scopes, undefined, NOTHING_NAMED)).toEqual({
      refusal: { reason: "ScopeAmbiguous", detail: `/ as ${FIRST}, ${UNIT} as ${FIRST}` },
    });
    expect(admit([held(FIRST, TENANT), held(SECOND, TENANT)], undefined, NOTHING_NAMED)).toMatchObject({
      refusal: { reason: "ScopeAmbiguous" },
    });
  });

  it("follows what the person named, character for character", () => {
    const all = [held(FIRST, TENANT), held(FIRST, UNIT), held(SECOND, TENANT)];
    const wish = (account?: PrincipalId, scope?: DirectoryScopeId): unknown =>
      admit(all, undefined, { account, scope });
    expect(wish(SECOND)).toEqual({ holding: held(SECOND, TENANT) });
    expect(wish(FIRST, UNIT)).toEqual({ holding: held(FIRST, UNIT) });
    expect(wish(SECOND, UNIT)).toEqual({ refusal: { reason: "NotEligible" } });
    expect(wish(undefined, UNIT.toUpperCase() as DirectoryScopeId)).toEqual({ refusal: { reason: "NotEligible" } });
  });

  it("looks only at the scopes that the policy lists", () => {
    const all = [held(FIRST, TENANT), held(FIRST, UNIT)];
    expect(admit(all, [UNIT], NOTHING_NAMED)).toEqual({ holding: held(FIRST, UNIT) });
    expect(admit(all, [], NOTHING_NAMED)).toEqual({ refusal: { reason: "NotEligible" } });
  });
});
