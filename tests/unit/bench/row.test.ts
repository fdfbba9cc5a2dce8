import { describe, expect, it } from "vitest";
import { rowText, toRow } from "../../../bench/row.ts";

const measured = { id: "load.time", what: "time to load", value: 0.90004, unit: "x", baseline: "100 ms" };

describe("a row of the benchmarks", () => {
  it("has the same seven members whatever was measured", () => {
    const row = toRow({ id: "load.memory", what: "memory", value: 12.34567, unit: "MB" });
    expect(row).toEqual({
      id: "load.memory",
      what: "memory",
      value: 12.35,
      unit: "MB",
      baseline: null,
      goal: null,
      met: null,
    });
  });

  it("judges the measured value, not the rounded one", () => {
    const row = toRow({ ...measured, goal: { atMost: 0.9 } });
    expect(row).toMatchObject({ value: 0.9, goal: "at most 0.9", met: false });
  });

  it("meets a goal that is reached exactly", () => {
    expect(toRow({ ...measured, value: 0.4, goal: { atLeast: 0.4 } })).toMatchObject({
      goal: "at least 0.4",
      met: true,
    });
  });

  it("says in its text that a goal is not met", () => {
    expect(rowText(toRow({ ...measured, goal: { atMost: 0.9 } }))).toMatch(/^NOT MET/);
  });
});
