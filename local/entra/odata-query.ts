import { badRequest, GraphError, notFound, pimError } from "./errors.ts";
import type { Entity } from "./facts.ts";
import type { Directory, GraphContext } from "./graph-app.ts";
import { dig, parseFilter } from "./odata-filter.ts";

type Related = Entity | readonly Entity[] | null;

/** What may be asked of a list or of one of its items. */
export interface EntitySet {
  /** The type without its namespace. */
  readonly type: string;
  readonly filterable: readonly string[];
  readonly orderable?: readonly string[];
  readonly expandable?: Readonly<Record<string, Expansion>>;
  /** At most this many properties may be expanded at once. */
  readonly maximumExpansions?: number;
  /** Without it `$top` is taken and ignored, as the lists of PIM do. */
  readonly maximumTop?: number;
  /** What is answered without `$select`. */
  readonly defaultProperties?: readonly string[];
  /** Users and groups: `ne`, `not`, `endsWith` and `$count` only with `ConsistencyLevel: eventual` and `$count=true`. */
  readonly advancedQueries?: boolean;
  readonly caseSensitive?: boolean;
  /** PIM has an own code for a filter on what it cannot filter. */
  readonly pim?: boolean;
}

interface Expansion {
  readonly of: (item: Entity) => Related;
  readonly set: EntitySet;
  /** The only properties that a nested `$select` may name. */
  readonly selectable?: readonly string[];
}

interface Options {
  readonly select: string | undefined;
  readonly expand: string | undefined;
}

const KNOWN_OPTIONS = ["$filter", "$select", "$expand", "$top", "$orderby", "$count", "$skiptoken"];
/**
 * Answers a list: filtered, ordered, shaped and cut into pages. `shows` is asked last, for items that matched, and may
 * hide one.
 */
export function answerList(
  c: GraphContext,
  directory: Directory,
  set: EntitySet,
  items: Iterable<Entity>,
  shows: (item: Entity) => boolean = () => true,
): Response {
  refuseUnknownOptions(c);
  const token = c.req.query("$skiptoken");
  if (token !== undefined) {
    const { items: rest, page } = directory.pages.rest(token);
    return answerPage(c, directory, set, rest, page);
  }
  const matching = [...filtered(c, set, items)].filter(shows);
  const shaped = ordered(c, set, matching).map((item) => shape(item, set, optionsOf(c)));
  return answerPage(c, directory, set, shaped, 0, c.req.query("$count") === "true" ? shaped.length : undefined);
}

/** Answers one item. */
export function answerOne(
  c: GraphContext,
  directory: Directory,
  set: EntitySet,
  item: Entity | undefined,
  id: string,
): Response {
  refuseUnknownOptions(c);
  if (!item) throw set.pim ? pimError("ResourceNotFound", undefined, 404) : notFound(id);
  const context = `${directory.baseUrl}/$metadata#microsoft.graph.${set.type}`;
  return c.json({ "@odata.context": context, ...shape(item, set, optionsOf(c)) });
}

function answerPage(
  c: GraphContext,
  { state, pages, baseUrl }: Directory,
  set: EntitySet,
  items: readonly Entity[],
  page: number,
  count?: number,
): Response {
  const { pageSize, emptyPages } = state.settings;
  const top = set.maximumTop === undefined ? undefined : topOf(c, set.maximumTop);
  const size = emptyPages && page % 2 === 0 ? 0 : Math.min(pageSize, top ?? pageSize);
  const rest = items.slice(size);
  const next = rest.length === 0 ? undefined : nextLink(c, baseUrl, pages.keep(rest, page + 1));
  return c.json({
    "@odata.context": `${baseUrl}/$metadata#Collection(microsoft.graph.${set.type})`,
    ...(count === undefined ? {} : { "@odata.count": count }),
    ...(next === undefined ? {} : { "@odata.nextLink": next }),
    value: items.slice(0, size),
  });
}

function nextLink(c: GraphContext, baseUrl: string, token: string): string {
  const url = new URL(c.req.url);
  const link = new URL(url.pathname, baseUrl);
  for (const [name, value] of url.searchParams) if (name !== "$skiptoken") link.searchParams.set(name, value);
  link.searchParams.set("$skiptoken", token);
  return link.href;
}

function* filtered(c: GraphContext, set: EntitySet, items: Iterable<Entity>): Generator<Entity> {
  const text = c.req.query("$filter");
  const filter = text === undefined ? undefined : parseFilter(text, set.caseSensitive);
  const refused = filter?.fields.find((field) => !set.filterable.includes(field));
  if (refused !== undefined) throw unsupported(set, `Filtering on '${refused}' is not supported.`);
  const advanced = ["ne", "not", "endswith"].some((name) => filter?.operators.has(name)) || c.req.query("$count");
  if (set.advancedQueries && advanced) requireEventual(c);
  for (const item of items) {
    const resolve = (path: readonly string[]): unknown => {
      const expansion = set.expandable?.[path[0] ?? ""];
      return expansion ? dig(expansion.of(item), path.slice(1)) : dig(item, path);
    };
    if (!filter || filter.test(resolve)) yield item;
  }
}

function requireEventual(c: GraphContext): void {
  if (c.req.header("ConsistencyLevel")?.toLowerCase() === "eventual" && c.req.query("$count") === "true") return;
  throw new GraphError(
    400,
    "Request_UnsupportedQuery",
    "Unsupported query: set the header ConsistencyLevel to eventual and $count to true.",
  );
}

function ordered(c: GraphContext, set: EntitySet, items: readonly Entity[]): readonly Entity[] {
  const text = c.req.query("$orderby");
  if (text === undefined) return items;
  const [property = "", direction = "asc", ...more] = text.trim().split(/\s+/);
  if (more.length > 0 || !(set.orderable ?? []).includes(property))
    throw unsupported(set, `Sorting by '${text}' is not supported.`);
  const sign = direction === "desc" ? -1 : 1;
  return items.toSorted((a, b) => sign * String(a[property]).localeCompare(String(b[property])));
}

const unsupported = (set: EntitySet, message: string): GraphError =>
  set.pim ? pimError("InvalidFilter", message) : new GraphError(400, "Request_UnsupportedQuery", message);

function topOf(c: GraphContext, maximum: number): number | undefined {
  const text = c.req.query("$top");
  if (text === undefined) return undefined;
  const top = Number(text);
  if (!Number.isInteger(top) || top < 1 || top > maximum)
    throw badRequest(`Invalid page size specified: '${text}'. Must be between 1 and ${maximum} inclusive.`);
  return top;
}

function refuseUnknownOptions(c: GraphContext): void {
  const unknown = Object.keys(c.req.query()).find((name) => name.startsWith("$") && !KNOWN_OPTIONS.includes(name));
  if (unknown !== undefined) throw badRequest(`The query parameter '${unknown}' is not supported.`);
}

const optionsOf = (c: GraphContext): Options => ({ select: c.req.query("$select"), expand: c.req.query("$expand") });

function shape(item: Entity, set: EntitySet, { select, expand }: Options): Entity {
  const names = select?.split(",").map((name) => name.trim());
  const unknown = names?.find((name) => !(name in item) && !(name in (set.expandable ?? {})));
  if (unknown !== undefined)
    throw badRequest(`Could not find a property named '${unknown}' on type 'microsoft.graph.${set.type}'.`);
  const kept = names ?? set.defaultProperties ?? Object.keys(item);
  const own = Object.entries(item).filter(([name]) => name === "@odata.type" || kept.includes(name));
  return { ...Object.fromEntries(own), ...expanded(item, set, expand) };
}

function expanded(item: Entity, set: EntitySet, text: string | undefined): Entity {
  const clauses = text === undefined ? [] : splitOutside(text, ",");
  if (clauses.length > (set.maximumExpansions ?? Infinity))
    throw badRequest(`Only ${set.maximumExpansions ?? 0} property can be expanded in a single query.`);
  return Object.fromEntries(
    clauses.map((clause) => {
      const { name = "", inner } = /^(?<name>\w+)(?:\((?<inner>.*)\))?$/.exec(clause.trim())?.groups ?? {};
      const expansion = set.expandable?.[name];
      if (!expansion)
        throw badRequest(`Could not find a property named '${name}' on type 'microsoft.graph.${set.type}' to expand.`);
      const options = nestedOptions(inner, expansion);
      const related = expansion.of(item);
      if (related === null) return [name, null];
      const inShape = (one: Entity): Entity => shape(one, expansion.set, options);
      return [name, isMany(related) ? related.map(inShape) : inShape(related)];
    }),
  );
}

const isMany = (related: Related): related is readonly Entity[] => Array.isArray(related);

function nestedOptions(text: string | undefined, { selectable }: Expansion): Options {
  const options = new Map(
    (text === undefined ? [] : splitOutside(text, ";")).map((option) => {
      const [name = "", ...value] = option.trim().split("=");
      return [name, value.join("=")] as const;
    }),
  );
  const select = options.get("$select");
  if (selectable && select !== undefined && !select.split(",").every((name) => selectable.includes(name.trim())))
    throw badRequest(`Only ${selectable.join(", ")} can be selected here.`);
  return { select, expand: options.get("$expand") };
}

/** Splits at a separator that stands outside all parentheses. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    const sign = text.charAt(index);
    if (sign === "(") depth++;
    if (sign === ")") depth--;
    if (sign !== separator || depth > 0) continue;
    parts.push(text.slice(start, index));
    start = index + 1;
  }
  return [...parts, text.slice(start)];
}
