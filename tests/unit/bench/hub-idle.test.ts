import { describe, expect, it } from "vitest";
import { DEFAULT_POLLING, idleHubOperations, pollingOf } from "../../../bench/hub-idle.ts";

const HOURS = 24;
const hostJson = (storageProvider: object): unknown => ({ extensions: { durableTask: { storageProvider } } });

describe("what an idle task hub asks of its storage", () => {
  it("is 14,400 polls, 43,200 looks of the scale controller and 34,560 renewed leases a day by default", () => {
    expect(idleHubOperations(DEFAULT_POLLING) * HOURS).toBeCloseTo(14_400 + 43_200 + 34_560);
  });

  it("is about a third with one partition", () => {
    const one = idleHubOperations({ ...DEFAULT_POLLING, partitionCount: 1 });
    expect(one / idleHubOperations(DEFAULT_POLLING)).toBeCloseTo(0.34, 2);
  });

  it("is more than the default with one partition that is polled every two seconds", () => {
    const often = idleHubOperations({ partitionCount: 1, maxQueuePollingIntervalSeconds: 2 });
    expect(often).toBeGreaterThan(idleHubOperations(DEFAULT_POLLING));
  });

  it("is read from host.json, with the defaults where it says nothing", () => {
    expect(pollingOf({})).toEqual(DEFAULT_POLLING);
    expect(pollingOf(hostJson({ partitionCount: 2, maxQueuePollingInterval: "00:01:05" }))).toEqual({
      partitionCount: 2,
      maxQueuePollingIntervalSeconds: 65,
    });
    expect(() => pollingOf(hostJson({ maxQueuePollingInterval: "2" }))).toThrow("2 is not hh:mm:ss");
  });
});
