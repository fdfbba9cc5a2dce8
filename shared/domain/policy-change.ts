import type { Person } from "./people.ts";
import type { Policy } from "./policy.ts";
import { formatDuration } from "./time.ts";

/** What two persons accept: the policy with everybody it speaks of. */
export interface StatedPolicy {
  readonly policy: Omit<Policy, "hash">;
  readonly persons: readonly Person[];
}

/** What a new policy changes, a line each, in the words of the policy. Pure. */
export function policyDifferences(before: StatedPolicy, after: StatedPolicy): readonly string[] {
  const [old, now] = [flatten(before), flatten(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) return [];
    if (was === undefined) return [`${path}: new, ${is ?? ""}`];
    return [is === undefined ? `${path}: gone, it was ${was}` : `${path}: ${was} becomes ${is}`];
  });
}

/** Every value under its place; what has a name stands under its name, so that an order says nothing. */
function flatten(
  value: unknown,
  path: readonly string[] = [],
  into = new Map<string, string>(),
): ReadonlyMap<string, string> {
  if (Array.isArray(value)) {
    placesOf(value).forEach((place, index) => flatten(value[index], [...path, place], into));
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, [...path, key], into);
  } else if (value !== undefined) into.set(path.join(" / "), textOf(path.at(-1) ?? "", value));
  return into;
}

/** By name, and by number where there is none; the second of a name has a place of its own, or it would hide the first. */
function placesOf(items: readonly unknown[]): readonly string[] {
  const places = new Set<string>();
  items.forEach((item, index) => {
    const name = nameOf(item) ?? `${index + 1}`;
    let place = name;
    for (let times = 2; places.has(place); times += 1) place = `${name} (${times})`;
    places.add(place);
  });
  return [...places];
}

function nameOf(item: unknown): string | undefined {
  if (typeof item === "string") return item;
  if (typeof item !== "object" || item === null) return undefined;
  const { name, key, kind, group, account, principalId, system, type } = item as Readonly<Record<string, unknown>>;
  const named = name ?? key;
  if (typeof named === "string") return named;
  const parts = [kind, system, type, group, account, principalId].filter((part) => typeof part === "string");
  return parts.length > 0 ? parts.join(" ") : undefined;
}

const textOf = (key: string, value: unknown): string =>
  key.endsWith("Ms") && typeof value === "number" && value > 0 ? formatDuration(value) : String(value);
