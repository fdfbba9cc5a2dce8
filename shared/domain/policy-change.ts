import type { Person } from "./people.ts";
import type { Policy } from "./policy.ts";
import { formatDuration } from "./time.ts";

/** What two persons accept: the policy with everybody it speaks of. */
export interface StatedPolicy {
  readonly policy: Omit<Policy, "hash">;
  readonly persons: readonly Person[];
}

/** What a new policy changes, a line each, by the place where it stands. Pure. */
export function policyDifferences(before: StatedPolicy, after: StatedPolicy): readonly string[] {
  const names = new Map(
    [...before.persons, ...after.persons].flatMap(({ name, dailyAccount, adminAccounts }) =>
      [dailyAccount, ...adminAccounts].map((account) => [account as string, `${account} (${name})`] as const),
    ),
  );
  const [was, is] = [before, after].map(({ policy, persons }) => ({ ...policy, people: persons }));
  return differences(was, is, { path: [], names });
}

interface Place {
  readonly path: readonly string[];
  /** How the accounts of persons are shown. */
  readonly names: ReadonlyMap<string, string>;
}

function differences(was: unknown, is: unknown, place: Place): readonly string[] {
  const line = (text: string): readonly string[] => [`${place.path.map(wordsOf).join(" / ")}: ${text}`];
  if (isNothing(was)) return isNothing(is) ? [] : line(`new, ${textOf(is, place)}`);
  if (isNothing(is)) return line(`gone, it was ${textOf(was, place)}`);
  if (isList(was) && isList(is)) return listed(was, is, place).flatMap(line);
  const [old, now] = [partsOf(was, place), partsOf(is, place)];
  if (!old || !now) {
    const [from, to] = [textOf(was, place), textOf(is, place)];
    return from === to ? [] : line(`${from} becomes ${to}`);
  }
  const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return keys.flatMap((key) => differences(old.get(key), now.get(key), { ...place, path: [...place.path, key] }));
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;

const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.every((one) => typeof one !== "object");

/** Values without an order: which came and which went. */
function listed(was: readonly unknown[], is: readonly unknown[], place: Place): readonly string[] {
  const text = (some: readonly unknown[], without: readonly unknown[]): string =>
    some
      .filter((one) => !without.includes(one))
      .map((one) => textOf(one, place))
      .join(", ");
  const [came, went] = [text(is, was), text(was, is)];
  const parts = [...(came === "" ? [] : [`now with ${came}`]), ...(went === "" ? [] : [`no longer with ${went}`])];
  return parts.length === 0 ? [] : [parts.join("; ")];
}

/** What is inside, by its place: what has a name stands under its name, so that an order says nothing. */
function partsOf(value: unknown, { names }: Place): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return new Map(placesOf(value, names).map((place, index) => [place, value[index]]));
  return new Map(Object.entries(value).map(([key, inner]) => [key, withUnit(key, inner)]));
}

const withUnit = (key: string, value: unknown): unknown =>
  key.endsWith("Ms") && typeof value === "number" && value > 0 ? formatDuration(value) : value;

/** By name, and by number where there is none; the second of a name has a place of its own, or it would hide the first. */
function placesOf(items: readonly unknown[], names: Place["names"]): readonly string[] {
  const places = new Set<string>();
  items.forEach((item, index) => {
    const name = nameOf(item, names) ?? `${index + 1}`;
    let place = name;
    for (let times = 2; places.has(place); times += 1) place = `${name} (${times})`;
    places.add(place);
  });
  return [...places];
}

function nameOf(item: unknown, names: Place["names"]): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { name, key, kind, group, account, principalId, system, type } = item as Readonly<Record<string, unknown>>;
  const named = name ?? key;
  if (typeof named === "string") return named;
  const parts = [kind, system, type, group, account, principalId].filter((part) => typeof part === "string");
  return parts.length > 0 ? parts.map((part) => names.get(part) ?? part).join(" ") : undefined;
}

/** `maximumDurationMs` is read as a maximum duration. */
const wordsOf = (key: string): string =>
  /^[a-z]+(?:[A-Z][a-z]+)+$/.test(key)
    ? key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/ ms$/, "")
    : key;

function textOf(value: unknown, place: Place): string {
  if (isList(value)) return value.length === 0 ? "none" : value.map((one) => textOf(one, place)).join(", ");
  const parts = partsOf(value, place);
  if (!parts) return place.names.get(String(value)) ?? String(value);
  const inside = [...parts].filter(([, inner]) => !isNothing(inner));
  return inside.map(([key, inner]) => `${wordsOf(key)} ${textOf(inner, place)}`).join("; ") || "none";
}
