import type { HostJson } from "./app-package.ts";
import type { Binding, FunctionCallback, FunctionMetadata, RegisteredFunction } from "./functions-core.ts";

const TRIGGERS = [
  "httpTrigger",
  "timerTrigger",
  "serviceBusTrigger",
  "orchestrationTrigger",
  "activityTrigger",
  "entityTrigger",
] as const;
export type TriggerType = (typeof TRIGGERS)[number];

/** A function of the app that this host can run: checked, its settings filled in. */
export interface FunctionDefinition {
  readonly name: string;
  readonly trigger: Binding & { readonly type: TriggerType; readonly name: string };
  /** Names of the inputs that want a Durable client. */
  readonly durableClients: readonly string[];
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

type Environment = Readonly<Record<string, string | undefined>>;

const NAME = /^[a-z][a-z0-9_-]{0,127}$/i;
const WITHOUT_BUNDLE: readonly string[] = ["httpTrigger", "timerTrigger", "http"];

/** @throws Error with what the platform would say, for the first function that it would not run */
export function defineFunctions(
  registered: Iterable<RegisteredFunction>,
  hostJson: HostJson,
  environment: Environment,
): FunctionDefinition[] {
  const names = new Set<string>();
  const definitions: FunctionDefinition[] = [];
  for (const { metadata, callback } of registered) {
    const { name } = metadata;
    if (!NAME.test(name) || name.toLowerCase() === "host") throw new Error(`'${name}' is not a valid function name.`);
    if (names.has(name.toLowerCase())) throw new Error(`there are two functions named '${name}'`);
    names.add(name.toLowerCase());
    if (isDisabled(name, environment)) continue;
    definitions.push(define(metadata, callback, hostJson, environment));
  }
  return definitions;
}

function define(
  registered: FunctionMetadata,
  callback: FunctionCallback,
  hostJson: HostJson,
  environment: Environment,
): FunctionDefinition {
  const { name } = registered;
  const bindings = Object.fromEntries(
    Object.entries(registered.bindings).map(([key, binding]) => [key, resolveBinding(name, binding, environment)]),
  );
  for (const { type } of Object.values(bindings)) {
    const known = [...TRIGGERS, "http", "durableClient"].some((candidate) => same(candidate, type));
    const registeredType = known && (hostJson.extensionBundle || WITHOUT_BUNDLE.some((free) => same(free, type)));
    if (!registeredType)
      throw new Error(`The '${name}' function is in error: The binding type(s) '${type}' are not registered.`);
  }
  const triggers = Object.entries(bindings).filter(([, { type }]) => /trigger$/i.test(type));
  const [trigger] = triggers;
  if (!trigger || triggers.length > 1)
    throw new Error(`The '${name}' function is in error: it has ${triggers.length} triggers instead of one.`);
  const [triggerName, binding] = trigger;
  const type = TRIGGERS.find((candidate) => same(candidate, binding.type)) ?? "httpTrigger";
  const durableClients = Object.entries(bindings)
    .filter(([, candidate]) => same(candidate.type, "durableClient"))
    .map(([key]) => key);
  const metadata = { ...registered, bindings };
  return { name, trigger: { ...binding, type, name: triggerName }, durableClients, metadata, callback };
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const isDisabled = (name: string, environment: Environment): boolean =>
  /^(true|1)$/i.test(
    environment[`AzureWebJobs.${name}.Disabled`] ?? environment[`AzureWebJobs_${name}_Disabled`] ?? "",
  );

const resolveBinding = (functionName: string, binding: Binding, environment: Environment): Binding => ({
  ...binding,
  ...Object.fromEntries(
    Object.entries(binding).flatMap(([option, value]) =>
      typeof value === "string"
        ? [[option, resolveSettings(value, environment, `the '${functionName}' function`)]]
        : [],
    ),
  ),
});

/** Fills `%NAME%` from the environment. @throws Error naming what has no value */
export function resolveSettings(text: string, environment: Environment, where: string): string {
  return text.replace(/%([^%\s]+)%/g, (_, setting: string) => {
    const value = environment[setting];
    if (value === undefined) throw new Error(`'%${setting}%' of ${where} does not resolve to a value.`);
    return value;
  });
}
