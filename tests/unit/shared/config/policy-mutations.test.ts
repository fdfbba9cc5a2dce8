import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNode, isScalar, LineCounter, parseDocument, visit } from "yaml";
import { problemsOf, SAMPLE } from "../../../support/policy-text.ts";

interface Place {
  readonly kind: "key" | "scalar" | "collection";
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** Every key and every value of the file. */
function placesOf(text: string): readonly Place[] {
  const lineCounter = new LineCounter();
  const places: Place[] = [];
  visit(parseDocument(text, { lineCounter }), {
    Node(role, node) {
      if (!isNode(node) || !node.range || role === null) return;
      const [start, last] = node.range;
      const end = start + text.slice(start, last).trimEnd().length;
      const { line, col } = lineCounter.linePos(start);
      const kind = role === "key" ? "key" : isScalar(node) ? "scalar" : "collection";
      places.push({ kind, start, end, line, column: col });
    },
  });
  return places;
}

/** What is wrong for a place of each kind, whatever the file wants there. */
const MUTATIONS = {
  key: ['"not a key!"'],
  scalar: ["{ wrong: type }", "[wrong, type]", '""', "~", "-7"],
  collection: ["7", "true", '"wrong type"', "~"],
} as const;

/** A thousand files are read, one after the other: that takes its time where everything else runs at once. */
const PATIENCE_MS = 180_000;

const mutations = (text: string): readonly (readonly [name: string, mutated: string, place: Place])[] =>
  placesOf(text).flatMap((place) =>
    MUTATIONS[place.kind].map(
      (by) =>
        [
          `${place.line}:${place.column} ${text.slice(place.start, place.end).slice(0, 30)} as ${by}`,
          text.slice(0, place.start) + by + text.slice(place.end),
          place,
        ] as const,
    ),
  );

describe.each([
  ["roles.yaml", SAMPLE.roles, (text: string) => problemsOf(text)],
  ["people.yaml", SAMPLE.people, (text: string) => problemsOf(SAMPLE.roles, text)],
] as const)("a wrong %s", (file, text, problems) => {
  it("has its fault named with line and column, whichever key or value is wrong", { timeout: PATIENCE_MS }, () => {
    const all = mutations(text);
    const unnamed = all.filter(
      ([, mutated, { line, column }]) =>
        !problems(mutated).some((one) => one.file === file && one.line === line && one.column === column),
    );
    expect(all.length).toBeGreaterThan(200);
    expect(unnamed.map(([name, mutated]) => ({ name, problems: problems(mutated) }))).toEqual([]);
  });

  it("never makes the loader throw anything but its own error, whatever is cut out or put in", () => {
    const cut = fc.tuple(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 12 }));
    fc.assert(
      fc.property(cut, ([at, length, put]) => {
        for (const problem of problems(text.slice(0, at) + put + text.slice(at + length))) {
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.column).toBeGreaterThanOrEqual(1);
          expect(problem.message).not.toBe("");
        }
      }),
      { numRuns: 150 },
    );
  });
});
