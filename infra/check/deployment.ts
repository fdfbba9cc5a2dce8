import { compiledFile } from "./sources.ts";
import type { ScenarioName } from "./scenarios.ts";

/** A resource as it would be made. What is known only in Azure is an expression in brackets. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly location?: string;
  readonly kind?: string;
  readonly sku?: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** What the template makes in one of its forms, as it was compiled. */
export const deployed = (scenario: ScenarioName): readonly Resource[] =>
  JSON.parse(compiledFile(`${scenario}.json`)) as readonly Resource[];

/** A property by its path; `undefined` where there is none. */
export const at = (resource: Resource, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      resource.properties,
    );

/** What an extension such as a role assignment or a diagnostic setting is put on. */
export function scopeOf({ id, type }: Resource): string {
  const [, unknown] = /^\[extensionResourceId\('([^']+)'/.exec(id) ?? [];
  return unknown ?? id.slice(0, id.indexOf(`/providers/${type}/`));
}
