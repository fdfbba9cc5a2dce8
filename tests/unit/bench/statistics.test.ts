import { describe, expect, it } from "vitest";
import { interleaved, median, percentile } from "../../../bench/statistics.ts";

describe("the statistics of the benchmarks", () => {
  it("takes the middle sample, or the mean of the two in the middle", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it("places a percentile between two neighbours in proportion", () => {
    expect(percentile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it("refuses to make a number of nothing", () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it("measures the subjects in turn", async () => {
    const order: string[] = [];
    const subject = (name: string) => async () => order.push(name);
    const samples = await interleaved(2, { a: subject("a"), b: subject("b") });
    expect(order).toEqual(["a", "b", "a", "b"]);
    expect(samples).toEqual({ a: [1, 3], b: [2, 4] });
  });
});
