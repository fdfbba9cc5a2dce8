import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { at, deployed, type Resource } from "../../../infra/check/deployment.ts";

const FUNCTIONS = resolve(import.meta.dirname, "../../../functions");
const code = readdirSync(FUNCTIONS, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(join(FUNCTIONS, file), "utf8"))
  .join("\n");

const resources = deployed("split");
const rules = resources.filter(({ type }) => type === "Microsoft.Insights/scheduledQueryRules");
const queryOf = (rule: Resource): string => (at(rule, "criteria.allOf") as readonly [{ query: string }])[0].query;
const nameOf = (rule: Resource): string => String(at(rule, "displayName"));
const ruleOf = (name: string): Resource => {
  const rule = rules.find((one) => nameOf(one) === name);
  if (!rule) throw new Error(`no alert ${name}`);
  return rule;
};
const quotedIn = (query: string, before: RegExp): readonly string[] =>
  [...query.matchAll(before)].flatMap(([, list = ""]) => [...list.matchAll(/"([^"]+)"/g)].map(([, text = ""]) => text));

describe("the alerts", () => {
  it("are these, and tell somebody", () => {
    expect(rules.map(nameOf).sort()).toEqual([
      "break-glass",
      "checkpoint",
      "checkpoint-silent",
      "drift",
      "errors",
      "pim-settings",
      "registrations",
      "role-given-outside",
      "stuck",
      "sweep",
      "sweeper-silent",
      "tampering",
      "worker-silent",
    ]);
    for (const rule of rules) expect(at(rule, "actions.actionGroups")).toHaveLength(1);
    expect(resources.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["Microsoft.Insights/metricAlerts", "Microsoft.Insights/activityLogAlerts"]),
    );
  });

  it("are all explained in infra/README.md", () => {
    const readme = readFileSync(join(FUNCTIONS, "../infra/README.md"), "utf8");
    const others = resources
      .filter(({ type }) => /\/(metricAlerts|activityLogAlerts)$/.test(type))
      .map(({ name }) => name.replace(/^alert-(.*)-\w+$/, "$1"));
    expect(others).toEqual(["dead-letters", "apps-changed"]);
    expect([...rules.map(nameOf), ...others].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it("look every five minutes, so that somebody is told within ten", () => {
    expect(rules.map((rule) => at(rule, "evaluationFrequency"))).toEqual(rules.map(() => "PT5M"));
    const metric = resources.find(({ type }) => type === "Microsoft.Insights/metricAlerts");
    expect(metric && at(metric, "evaluationFrequency")).toBe("PT1M");
  });

  it("wait for lines that the app really logs, word for word", () => {
    const lines = rules.flatMap((rule) => quotedIn(queryOf(rule), /message in \(([^)]*)\)/g));
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter((line) => !code.includes(`log("error", "${line}"`))).toEqual([]);
  });

  it.each(["the audit trail was cut or changed", "no CHECKPOINT_KEY: the audit trail gets no checkpoints"])(
    "know %s, which the app logs, as a matter of the checkpoints",
    (line) => {
      expect(code).toContain(`"${line}"`);
      expect(queryOf(ruleOf("checkpoint"))).toMatch(/"audit trail".*"gets no checkpoints"/);
    },
  );

  it("watch timers that the app really has", () => {
    const timers = rules.flatMap((rule) => quotedIn(queryOf(rule), /Name (?:in \(|== )([^)|]*)/g));
    expect([...new Set(timers)].sort()).toEqual([
      "checkDaily",
      "reconcile",
      "ringDue",
      "sweep",
      "tendCampaign",
      "writeCheckpoint",
    ]);
    for (const timer of timers) expect(code).toMatch(new RegExp(`timer\\(\\s*"${timer}"`));
  });

  it("are raised where a timer is silent: no line at all counts as nought", () => {
    const [criterion] = at(ruleOf("sweeper-silent"), "criteria.allOf") as readonly Readonly<Record<string, unknown>>[];
    expect(criterion).toMatchObject({ operator: "LessThan", threshold: 1, timeAggregation: "Count" });
    expect(at(ruleOf("sweeper-silent"), "windowSize")).toBe("PT10M");
  });

  it("name the break-glass accounts, and take as ours only the roles that the worker gives", () => {
    expect(queryOf(ruleOf("break-glass"))).toContain("b0000000-0000-4000-8000-000000000002");
    expect(queryOf(ruleOf("role-given-outside")).match(/func-\w+/g)).toEqual(["func-worker"]);
  });

  it("see changes of apps, rights, vaults and of the alerts themselves in Azure", () => {
    const changed = resources.find(({ type }) => type === "Microsoft.Insights/activityLogAlerts");
    expect(JSON.stringify(changed)).toMatch(/roleAssignments\/write.*scheduledQueryRules.*vaults\/write.*sites\/write/);
  });
});
