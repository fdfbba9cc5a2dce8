import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, instant, msOf, plus, SECOND_MS } from "../../../../shared/domain/time.ts";
import { takeWrites } from "../../../../shared/domain/write-pace.ts";

const START = "2026-11-24T09:00:00.000Z";
const WINDOW_MS = 150 * SECOND_MS;

interface Granted {
  readonly atMs: number;
  readonly granted: number;
}

/** Asks for so many, each so long after the one before. */
function asked(asks: readonly (readonly [afterMs: number, wanted: number])[]): readonly Granted[] {
  let usedUntil: string | undefined;
  let atMs = msOf(START);
  return asks.map(([afterMs, wanted]) => {
    atMs += afterMs;
    const taken = takeWrites(usedUntil, wanted, instant(atMs));
    usedUntil = taken.usedUntil;
    return { atMs, granted: taken.granted };
  });
}

const mostInAWindow = (all: readonly Granted[]): number =>
  Math.max(
    ...all.map(({ atMs }) =>
      all
        .filter((one) => one.atMs >= atMs && one.atMs < atMs + WINDOW_MS)
        .reduce((sum, { granted }) => sum + granted, 0),
    ),
  );

describe("the pace of bulk writes", () => {
  it("is at most half of Graph's quota in any 150 seconds, whoever asks when for how many", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.oneof({ weight: 50, arbitrary: fc.nat({ max: 1_000 }) }, fc.nat({ max: 60_000 })),
            fc.integer({ min: 1, max: 400 }),
          ),
          { minLength: 300, maxLength: 400 },
        ),
        (asks) => {
          expect(mostInAWindow(asked(asks))).toBeLessThanOrEqual(1_500);
        },
      ),
    );
  });

  it("lets all of its share be used where somebody always asks", () => {
    const busy = asked(Array.from({ length: 1_000 }, () => [SECOND_MS, 20] as const));
    const last = busy.slice(-150).reduce((sum, { granted }) => sum + granted, 0);
    expect(last).toBe(1_200);
  });

  it("says when half of what goes at once is free again", () => {
    const { granted, usedUntil, again } = takeWrites(undefined, 400, START);
    expect(granted).toBe(300);
    expect(takeWrites(usedUntil, 1, START).granted).toBe(0);
    expect(takeWrites(usedUntil, 400, again).granted).toBe(150);
  });

  it("waits for what is kept no longer than it ever would, however far ahead somebody set it", () => {
    const { granted, again } = takeWrites(plus(START, DAY_MS), 20, START);
    expect({ granted, again }).toEqual({ granted: 0, again: plus(START, 18_750) });
    expect(takeWrites("2020-01-01T00:00:00.000Z", 400, START).granted).toBe(300);
  });
});
