import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from "yaml";

/** One thing wrong with a file, and where: lines and columns count from 1. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Such as `roles[2].approval`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export type YamlPath = readonly (string | number)[];

/** Something wrong with the value at a path, or with its key. */
export interface Finding {
  readonly path: YamlPath;
  readonly message: string;
  readonly about?: "key";
}

/** A YAML file as a plain value that still knows where each part stands. */
interface YamlSource {
  readonly value: unknown;
  /** Where nothing stands at the path, the problem is with the nearest thing around it. */
  readonly locate: (finding: Finding) => FileProblem;
}

/**
 * Reads one YAML 1.2 document. Duplicate keys, unknown tags and a second document are problems too, and so is what the
 * parser gives up on: too many aliases, or a depth that no policy has.
 */
export function readYaml(file: string, text: string): YamlSource | { readonly problems: readonly FileProblem[] } {
  try {
    return read(file, text);
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error;
    return { problems: [{ file, line: 1, column: 1, path: "", message: `is no valid YAML: ${error.message}` }] };
  }
}

function read(file: string, text: string): YamlSource | { readonly problems: readonly FileProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const at = (offset: number): Pick<FileProblem, "file" | "line" | "column"> => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...document.errors, ...document.warnings, ...repeatedKeys(document)];
  if (faults.length > 0)
    return {
      problems: faults.map(({ pos, message }) => ({
        ...at(pos[0]),
        path: "",
        message: `is no valid YAML: ${message}`,
      })),
    };
  return {
    value: document.toJS() as unknown,
    locate: ({ path, message, about }) => {
      const { key, value, depth } = find(document, path);
      return { ...at(about === "key" ? key : value), path: pathText(path.slice(0, depth)), message };
    },
  };
}

/** The parser's own look at keys compares each with each: a long file would hold everybody up. */
function repeatedKeys(
  document: Document.Parsed,
): readonly { readonly pos: readonly [number]; readonly message: string }[] {
  const faults: { readonly pos: readonly [number]; readonly message: string }[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) faults.push({ pos: [key.range?.[0] ?? 0], message: "Map keys must be unique" });
        seen.add(key.value);
      }
    },
  });
  return faults;
}

interface Place {
  readonly node: Node | undefined;
  /** Offsets of the value and of the key that leads to it. */
  readonly value: number;
  readonly key: number;
  /** How much of the path the file has: a missing key still counts, what lies below it does not. */
  readonly depth: number;
}

function find(document: Document.Parsed, path: YamlPath): Place {
  let place: Place = { node: document.contents ?? undefined, value: 0, key: 0, depth: 0 };
  for (const segment of path) {
    const parent = isAlias(place.node) ? place.node.resolve(document) : place.node;
    if (!isMap(parent) && !isSeq(parent)) return place;
    const next = stepInto(parent, segment, place);
    if (!next.node) return next;
    place = next;
  }
  return place;
}

function stepInto(parent: Node, segment: string | number, { value, depth }: Place): Place {
  const nothing = { node: undefined, value, key: value, depth: depth + 1 };
  if (isSeq<Node>(parent)) {
    const item = parent.items[Number(segment)];
    const offset = item?.range?.[0];
    return item && offset !== undefined ? { node: item, value: offset, key: offset, depth: depth + 1 } : nothing;
  }
  if (!isMap<Node, Node | null>(parent)) return nothing;
  const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
  const key = pair?.key.range?.[0];
  if (!pair || key === undefined) return nothing;
  const empty = !pair.value || (isScalar(pair.value) && pair.value.value === null && pair.value.source === "");
  return {
    node: pair.value ?? undefined,
    value: (empty ? undefined : pair.value?.range?.[0]) ?? key,
    key,
    depth: depth + 1,
  };
}

export const pathText = (path: YamlPath): string =>
  path
    .map((segment) => (typeof segment === "number" ? `[${segment}]` : `.${segment}`))
    .join("")
    .replace(/^\./, "");
