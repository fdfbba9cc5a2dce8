import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clockNow, setClock } from "../../../../local/clock.ts";
import { LockKeeper } from "../../../../local/host/service-bus/lock-keeper.ts";

const LOCK_MS = 60_000;
const FIVE_MINUTES_MS = 300_000;
const START = Date.parse("2026-11-24T10:00:00Z");

let keeper: LockKeeper;
let failures: unknown[];
let renewedAt: number[];

const lockedUntil = (): Date => new Date(clockNow() + LOCK_MS);
const renew = (): Promise<Date> => {
  renewedAt.push((clockNow() - START) / 1_000);
  return Promise.resolve(lockedUntil());
};
/** In steps of a second, as if time passed. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    setClock({ mode: "manual", nowMs: clockNow() + 1_000 });
    await nextTurn();
  }
}

beforeEach(() => {
  setClock({ mode: "manual", nowMs: START });
  renewedAt = [];
  failures = [];
  keeper = new LockKeeper(FIVE_MINUTES_MS, (error) => failures.push(error));
});
afterEach(() => keeper.stop());

describe("a lock that is kept", () => {
  it("is renewed ten seconds before it ends, until the longest time", async () => {
    keeper.hold(lockedUntil(), renew);
    await pass(400);
    expect(renewedAt).toEqual([50, 100, 150, 200, 250]);
  });

  it("is not renewed any more when it is released", async () => {
    const release = keeper.hold(lockedUntil(), renew);
    await pass(60);
    release();
    await pass(200);
    expect(renewedAt).toEqual([50]);
  });

  it("is renewed at its own time, next to others", async () => {
    keeper.hold(lockedUntil(), renew);
    await pass(20);
    keeper.hold(lockedUntil(), renew);
    await pass(60);
    expect(renewedAt).toEqual([50, 70]);
  });

  it("is tried again after a refusal, while it still holds", async () => {
    let isRefused = true;
    keeper.hold(lockedUntil(), () => {
      if (!isRefused) return renew();
      isRefused = false;
      return Promise.reject(new Error("the connection is gone"));
    });
    await pass(60);
    expect(failures).toHaveLength(1);
    expect(renewedAt).toEqual([55]);
  });

  it("is given up when it has ended", async () => {
    keeper.hold(lockedUntil(), () => Promise.reject(new Error("the lock is lost")));
    await pass(60);
    const tried = failures.length;
    await pass(60);
    expect(failures).toHaveLength(tried);
  });

  it("is not renewed at all if it lasts longer than it is to be kept", async () => {
    new LockKeeper(0, () => undefined).hold(lockedUntil(), renew);
    await pass(60);
    expect(renewedAt).toEqual([]);
  });
});
