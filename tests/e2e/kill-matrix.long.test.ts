import { describe, expect, it } from "vitest";
import { wholeStory, type EndState } from "../support/killed-flow.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HUGO_EXCHANGE, RunningApp, type Wish } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";

const RECORDS = [1, 2, 3, 4, 5, 6];
const DELAYS_MS = [0, 3, 6, 10, 20, 40];
const STORIES = [HUGO_EXCHANGE, ADA_GLOBAL];

describe("kill -9 of the host at every audit record of the story", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());

  const undisturbed = new Map<Wish, EndState>();
  const points = RECORDS.flatMap((at) =>
    DELAYS_MS.flatMap((delayMs) => STORIES.map((wish) => ({ at, delayMs, wish }))),
  );

  it.each(points)("$wish.role, record $at, $delayMs ms after it: the same end", async ({ at, delayMs, wish }) => {
    const expected = undisturbed.get(wish) ?? (await wholeStory(app(), wish));
    undisturbed.set(wish, expected);
    expect(await wholeStory(app(), wish, { at, delayMs })).toEqual(expected);
  });

  itKeptItsPromises(app);
});
