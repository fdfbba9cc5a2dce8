import fc from "fast-check";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { readPlanFile, writePlanFile } from "../../../cli/standing/plan-file.ts";
import type { StandingPlanView } from "../../../shared/contracts/standing.ts";
import { digestOf } from "../../../shared/crypto/digest.ts";
import { startFakeApi } from "../../support/fake-api.ts";
import { emptyFolder, runZs } from "../../support/run-zs.ts";

const folder = emptyFolder();
const file = join(folder, "plan.yaml");

function aPlan(holder = "Ada Byron", changes: Partial<StandingPlanView> = {}): StandingPlanView {
  const content = {
    version: 1 as const,
    tenantId: "10000000-0000-4000-8000-000000000001",
    policyHash: "a".repeat(64),
    takenAt: "2026-03-02T09:00:00.000Z",
    preflight: [{ check: "licence" as const, ok: true, text: holder }],
    roles: [],
    items: [
      {
        action: "convert" as const,
        wave: 1,
        risk: 1,
        role: "Global Administrator",
        holder,
        person: "ada.byron",
        reason: "Convert" as const,
        explanation: "Nothing speaks against it.",
        detail: holder,
        principalId: "a0000000-0000-4000-8000-000000000001",
        roleDefinitionId: "62e90394-69f5-4237-9190-012177145e10",
        directoryScopeId: "/",
        eligible: false,
        eligibleFor: "P365D",
      },
    ],
    ...changes,
  };
  return { ...content, id: digestOf(content) };
}

describe("a plan file", () => {
  it("gives back what was written, whatever people and roles are called", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (name) => {
        writePlanFile(file, aPlan(name));
        expect(readPlanFile(file)).toEqual(aPlan(name));
      }),
      {
        numRuns: 100,
        examples: [["~"], ["no"], ["- a\n# b\r\n"], [" "], ["0x1f"], ["2026-03-02"], ["\u2028\u0085'\""]],
      },
    );
  });

  type Edit = (plan: Record<string, unknown> & { items: Record<string, unknown>[] }) => void;

  it.each<[string, Edit, string]>([
    ["a holder", ({ items: [item] }) => Object.assign(item ?? {}, { holder: "Eve" }), "was changed after it was made: make it again with zs standing plan"], // prettier-ignore
    ["a count of the time before", (plan) => void (plan["takenAt"] = "2020-01-01T00:00:00.000Z"), "was changed after it was made: make it again with zs standing plan"], // prettier-ignore
    [
      "a wave",
      ({ items: [item] }) => Object.assign(item ?? {}, { wave: 9 }),
      "is no plan: items.0.wave must be 4 or less",
    ],
    ["a reason", ({ items: [item] }) => Object.assign(item ?? {}, { reason: "Because" }), "is no plan: items.0.reason is none of the reasons"], // prettier-ignore
    ["a time", (plan) => void (plan["takenAt"] = "yesterday"), "is no plan: takenAt must be a time such as 2026-03-02T09:00:00.000Z"], // prettier-ignore
    ["a member too many", (plan) => void (plan["more"] = 1), "is no plan: it has unknown members: more"],
    ["a member less", (plan) => delete plan["policyHash"], "is no plan: policyHash is missing"],
  ])("is not taken with %s edited by hand", (_what, edit, problem) => {
    const plan = parse(stringify(aPlan())) as Parameters<Edit>[0];
    edit(plan);
    writeFileSync(file, stringify(plan));
    expect(() => readPlanFile(file)).toThrow(`${file} ${problem}`);
  });

  it.each<[string, string | Buffer, string]>([
    ["nothing", "", "is no plan: it must be an object"],
    ["anything binary", Buffer.from(Array.from({ length: 999 }, (_, at) => (at * 7_919) % 256)), "is no plan: it"],
    ["a list", "[1, 2]", "is no plan: it must be an object"],
    ["half a plan", stringify(aPlan()).slice(0, 500), "is no plan: "],
    ["aliases", "a: &a [1]\nb: *a\n", "is no plan: it is not YAML"],
    ["a type of its own", "version: !!js/function 'x'\n", "is no plan: version must be 1"],
  ])("is not taken when it holds %s", (_what, text, problem) => {
    writeFileSync(file, text);
    expect(() => readPlanFile(file)).toThrow(`${file} ${problem}`);
  });

  it("is not read at all when it is far too large", () => {
    truncateSync(file, 40 * 1_048_576);
    expect(readFileSync(file).length).toBeGreaterThan(40_000_000);
    expect(() => readPlanFile(file)).toThrow(`${file} is larger than 33554432 bytes`);
  });

  it("of another tenant is no before of a report", async () => {
    const api = await startFakeApi();
    const empty = { groups: [], servicePrincipals: [], guests: [], ownIdentities: [], exceptions: [], roles: [] };
    const unread = { applications: { read: false }, delegated: { read: false } };
    const body = {
      tenantId: "another",
      readAt: "2026-03-02T09:00:00.000Z",
      policyHash: "a".repeat(64),
      ...empty,
      ...unread,
    };
    api.answers = { "GET /api/standing": [{ status: 200, body }] };
    writePlanFile(file, aPlan());
    const env = { ZS_API_URL: api.url, ZS_ACCESS_TOKEN: "token" };
    expect(await runZs(["standing", "report", "--before", file], { env })).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: `zs: ${file} is a plan of another tenant\n`,
    });
    writePlanFile(file, aPlan("Ada", { tenantId: "another" }));
    expect(await runZs(["standing", "report", "--before", file], { env })).toMatchObject({ exitCode: 0 });
    await api.stop();
  });
});
