import { describe, expect, it } from "vitest";
import { adminId } from "../../local/seed.ts";
import { wholeWave } from "../support/killed-wave.ts";
import { useStack } from "../support/stack.ts";

const HOLDERS = [2, 6, 7, 12].map(adminId);

describe("a wave whose host is killed after the second of four standing assignments was taken", () => {
  const stack = useStack({ split: false });

  it("makes everybody eligible before anything is taken, and puts back exactly that", async () => {
    const end = await wholeWave(stack(), { step: "standing taken", nth: 2 });
    expect(end).toEqual({
      converted: HOLDERS.map((holder) => `${holder} eligibility with an end`),
      restored: HOLDERS.map((holder) => `${holder} assignment for ever`),
      written: { "made eligible": 4, "standing taken": 4, "standing put back": 4, "eligibility taken": 4 },
      recorded: [4, 4],
      tooEarly: [],
    });
  });
});
