import { describe, expect, it } from "vitest";
import { parseRouteTemplate } from "../../../../local/host/http/route-template.ts";

const match = (template: string, path: string) => parseRouteTemplate(template).match(path);

describe("route templates", () => {
  it.each([
    ["items", "items", {}],
    ["Items/All", "items/ALL", {}],
    ["items/{id}", "items/a%20b", { id: "a b" }],
    ["items/{id}/", "items/7/", { id: "7" }],
    ["items/{id?}", "items", {}],
    ["items/{id?}", "items/7", { id: "7" }],
    ["items/{id=3}", "items", { id: "3" }],
    ["items/{id:int?}", "items", {}],
    ["items/{id:int}", "items/-12", { id: "-12" }],
    ["items/{id:guid}", "items/10000000-0000-4000-8000-000000000001", { id: "10000000-0000-4000-8000-000000000001" }],
    ["items/{id:length(2,3)}", "items/abc", { id: "abc" }],
    ["items/{id:regex(^a{{2}}$)}", "items/aa", { id: "aa" }],
    ["files/{*path}", "files/a/b/c.txt", { path: "a/b/c.txt" }],
    ["files/{*path}", "files", {}],
    ["files/{name}.{extension}", "files/report.pdf", { name: "report", extension: "pdf" }],
    ["v{version}/items", "v2/items", { version: "2" }],
  ])("%s takes %s", (template, path, parameters) => {
    expect(match(template, path)).toEqual(parameters);
  });

  it.each([
    ["items", "items/7"],
    ["items/{id}", "items"],
    ["items/{id}", "items/7/8"],
    ["items/{id:int}", "items/seven"],
    ["items/{id:int:min(5)}", "items/4"],
    ["items/{id:range(1,3)}", "items/4"],
    ["items/{id:alpha}", "items/a1"],
    ["files/{name}.{extension}", "files/report"],
    ["items", "item.s"],
  ])("%s does not take %s", (template, path) => {
    expect(match(template, path)).toBeUndefined();
  });

  it("ranks a literal before a constraint, a plain parameter and a catch-all", () => {
    const ranked = ["a/{*all}", "a/{id}", "a/{id:int}", "a/b"].sort((one, other) =>
      parseRouteTemplate(one).precedence < parseRouteTemplate(other).precedence ? -1 : 1,
    );
    expect(ranked).toEqual(["a/b", "a/{id:int}", "a/{id}", "a/{*all}"]);
  });

  it.each(["items/{id", "items/{}", "items/{id:odd}"])("refuses %s", (template) => {
    expect(() => parseRouteTemplate(template)).toThrow(/route/);
  });
});
