import { describe, expect, it } from "vitest";
import { useStack } from "../support/stack.ts";

/** How long it takes and how much memory it needs is in the benchmarks. */
describe("the whole local stack", () => {
  const stack = useStack({ split: false });

  it("runs its parts in processes of their own, all ready", () => {
    const { processes } = stack().describe();
    expect(
      Object.entries(processes)
        .map(([name, { state }]) => `${name} ${state}`)
        .toSorted(),
    ).toEqual(["broker ready", "host ready", "storage ready", "world ready"]);
    expect(new Set(Object.values(processes).map(({ pid }) => pid)).size).toBe(4);
  });

  it.each(["ringDue", "sweep"])("asks the tables once when nothing is due for %s", async (name) => {
    await stack().call("host", "runTimer", { name }); // the tables are made when first needed
    await stack().settle();
    await stack().call("storage", "clearRequests");
    await stack().call("host", "runTimer", { name });
    expect(await stack().call("storage", "requests")).toMatchObject({ total: 1 });
  });

  it("runs the built app", async () => {
    const health = await fetch(`${stack().addresses.app}/api/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: "ok", packageHash: null });
  });
});
