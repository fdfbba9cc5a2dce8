import type { Rule, SystemProperty } from "./settings.ts";

/** What rules look at. Custom properties as text, the way the emulator's `Config.json` can write them. */
export interface FilterFacts {
  readonly system: Readonly<Partial<Record<SystemProperty, string>>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** Whether a subscription takes a message: one rule is enough, none takes nothing. */
export const accepts = (rules: readonly Rule[], facts: () => FilterFacts): boolean =>
  rules.some((rule) => matches(rule, facts));

function matches(rule: Rule, facts: () => FilterFacts): boolean {
  switch (rule.kind) {
    case "all":
      return true;
    case "none":
      return false;
    case "correlation": {
      const { system, properties } = facts();
      return holds(rule.system, system) && holds(rule.properties, properties);
    }
  }
}

const holds = (wanted: Readonly<Record<string, string>>, present: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, value]) => Object.hasOwn(present, name) && present[name] === value);
