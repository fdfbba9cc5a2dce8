import { describe, expect, it } from "vitest";
import { order, REQUESTS } from "../support/graph-requests.ts";
import { validateExchange, type GraphExchange } from "../support/graph-contract.ts";

const json = JSON.stringify;
const posted = (changes: Partial<GraphExchange> = {}): GraphExchange => ({
  method: "POST",
  path: `/v1.0${REQUESTS}`,
  requestBody: json(order()),
  status: 201,
  responseBody: json({ id: "1", status: "Provisioned" }),
  ...changes,
});
const read = (path: string, body: unknown): GraphExchange =>
  posted({ method: "GET", path: `/v1.0${path}`, requestBody: "", status: 200, responseBody: json(body) });
const policies = (rule: object): GraphExchange =>
  read("/policies/roleManagementPolicyAssignments?$filter=x", {
    value: [{ policyId: "p", scopeId: "/", scopeType: "DirectoryRole", policy: { rules: [rule] } }],
  });

describe("validateExchange", () => {
  it("finds nothing wrong with what Graph documents", () => {
    expect(validateExchange(posted())).toEqual([]);
    expect(validateExchange(read("/groups/g/owners?$select=id", { value: [{ id: "u" }] }))).toEqual([]);
  });

  it("names a value that the request schema does not allow", () => {
    const problems = validateExchange(posted({ requestBody: json(order({ action: "AdminAssign" })) }));
    expect(problems.join()).toContain("request /action must be equal to one of the allowed values");
  });

  it("names a property that Graph does not know, however deep", () => {
    const scheduleInfo = { startDateTime: "2026-01-05T09:00:00Z", expiration: { kind: "afterDuration" } };
    expect(validateExchange(posted({ requestBody: json(order({ scheduleInfo })) })).join()).toContain(
      "/scheduleInfo/expiration/kind is not in the contract",
    );
  });

  it("knows the properties of the type that a request says it is of, and no others", () => {
    const type = "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule";
    const patch = (changes: object): GraphExchange =>
      posted({
        method: "PATCH",
        path: "/v1.0/policies/roleManagementPolicies/p/rules/r",
        status: 200,
        requestBody: json({ "@odata.type": type, id: "r", maximumDuration: "PT4H", ...changes }),
        responseBody: json({ "@odata.type": type, id: "r" }),
      });
    expect(validateExchange(patch({}))).toEqual([]);
    expect(validateExchange(patch({ enabledRules: [] })).join()).toContain("/enabledRules is not in the contract");
  });

  it("lets a refused request be as wrong as it likes, but not the refusal", () => {
    const refused = posted({ requestBody: "{", status: 400, responseBody: json({ error: { code: "BadRequest" } }) });
    expect(validateExchange(refused)).toEqual([expect.stringContaining("response /error must have required property")]);
  });

  it("judges a value by the type that it says it is of", () => {
    const type = "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule";
    expect(validateExchange(policies({ "@odata.type": type, maximumDuration: "PT4H" }))).toEqual([]);
    expect(validateExchange(policies({ "@odata.type": type, maximumDuration: "4 hours" })).join()).toContain(
      "/value/0/policy/rules/0/maximumDuration must match",
    );
  });

  it("names another status than the documented one, an unknown path and an unknown option", () => {
    expect(validateExchange(posted({ status: 200 })).join()).toContain("the documentation says 201");
    expect(validateExchange(read("/me", {})).join()).toContain("the contract has no such operation");
    expect(validateExchange(read("/users?$fitler=x", { value: [] })).join()).toContain(
      "$fitler is not in the contract",
    );
  });

  it("leaves out what was kept in part only", () => {
    expect(validateExchange(posted({ requestBody: "{", truncated: true }))).toEqual([]);
  });
});
