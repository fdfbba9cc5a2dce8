import { describe, expect, it } from "vitest";
import { wholeWave, type WaveEnd } from "../support/killed-wave.ts";
import { useStack } from "../support/stack.ts";

describe("kill -9 of the host in every step of a wave and of its way back", () => {
  const stack = useStack({ split: false });
  let undisturbed: WaveEnd | undefined;

  it.each([
    { step: "made eligible", nth: 1 },
    { step: "made eligible", nth: 3 },
    { step: "standing taken", nth: 1 },
    { step: "standing taken", nth: 4 },
    { step: "standing put back", nth: 2 },
    { step: "eligibility taken", nth: 1 },
    { step: "eligibility taken", nth: 4 },
  ] as const)("killed when it was $step ($nth): the same end", async (kill) => {
    undisturbed ??= await wholeWave(stack());
    await stack().reset();
    expect(await wholeWave(stack(), kill)).toEqual(undisturbed);
  });
});
