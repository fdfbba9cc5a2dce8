import { HttpRequest } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { createNoise, type Noise } from "../../../../functions/http/noise.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import { START } from "../../../support/memory-directory.ts";
import { MemoryTables } from "../../../support/memory-ports.ts";

const SUBJECT = "noise-2026-11-24";

describe("calls of nobody", () => {
  let tables: MemoryTables;
  let now = START;
  let logged: string[];
  let noise: Noise;
  const another = (): Noise =>
    createNoise({
      audit: tables.audit,
      deliveries: tables.deliveries,
      clock: { now: () => now },
      log: (_level, message) => logged.push(message),
    });
  const from = (address?: string): HttpRequest =>
    new HttpRequest({
      method: "POST",
      url: "https://app.example/api/activations",
      ...(address === undefined ? {} : { headers: { "x-forwarded-for": address } }),
    });
  const records = () => (tables.chains.get(SUBJECT) ?? []).map(({ data }) => data);

  beforeEach(() => {
    tables = new MemoryTables();
    now = START;
    logged = [];
    noise = another();
  });

  it("have one record at the first, and one with their number when the hour is over", async () => {
    for (let call = 0; call < 7; call++) await noise.note(from(), "api");
    expect(records()).toEqual([{ door: "api", source: records()[0]?.["source"], hour: "2026-11-24T09" }]);
    expect(records()[0]?.["source"]).toMatch(/^[0-9a-f]{16}$/);
    now = plus(START, HOUR_MS - 1);
    await noise.close();
    expect(records()).toHaveLength(1);
    now = plus(START, HOUR_MS);
    await noise.close();
    await noise.close();
    expect(records()).toEqual([records()[0], { ...records()[0], calls: 7 }]);
  });

  it("are counted at the next call where no timer is near", async () => {
    await noise.note(from("203.0.113.1"), "api");
    await noise.note(from("203.0.113.1"), "api");
    now = plus(START, HOUR_MS + MINUTE_MS);
    await noise.note(from("203.0.113.9"), "api");
    expect(records().map(({ calls, hour }) => [hour, calls])).toEqual([
      ["2026-11-24T09", undefined],
      ["2026-11-24T10", undefined],
      ["2026-11-24T09", 2],
    ]);
  });

  it("are kept apart by source and by door", async () => {
    for (const address of ["203.0.113.1:4711", "evil, 203.0.113.1:4712", "203.0.113.1", "203.0.113.2:4711"])
      await noise.note(from(address), "api");
    for (const address of ["[2001:db8::1]:443", "2001:db8::1", "[2001:db8::2]:443"])
      await noise.note(from(address), "api");
    await noise.note(from("203.0.113.1"), "webhooks/jira");
    now = plus(START, HOUR_MS);
    await noise.close();
    const counts = records().flatMap(({ door, calls }) => (calls === undefined ? [] : [[door, calls]]));
    expect(counts).toEqual([
      ["api", 3],
      ["api", 1],
      ["api", 2],
      ["api", 1],
      ["webhooks/jira", 1],
    ]);
  });

  it("from ever new sources fill neither the memory nor the trail", async () => {
    for (let call = 0; call < 500; call++) await noise.note(from(`203.0.${call >> 8}.${call & 255}`), "api");
    await noise.note(from("203.0.0.0"), "api");
    now = plus(START, HOUR_MS);
    await noise.close();
    expect(records()).toHaveLength(2 * 201);
    const calls = records().flatMap((data) => (typeof data["calls"] === "number" ? [data["calls"]] : []));
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(501);
    expect(records().find((data) => data["source"] === "others" && "calls" in data)).toMatchObject({ calls: 300 });
  });

  it("are counted by each process, and begun once", async () => {
    const other = another();
    await Promise.all([noise.note(from(), "api"), other.note(from(), "api"), other.note(from(), "api")]);
    now = plus(START, HOUR_MS);
    await noise.close();
    await other.close();
    expect(records().map(({ calls }) => calls)).toEqual([undefined, 1, 2]);
  });

  it("change nothing for the caller when they cannot be written down", async () => {
    tables.audit.append = () => Promise.reject(new Error("[Unavailable] tables"));
    await noise.note(from(), "api");
    expect(logged).toEqual(["unauthenticated call", "unauthenticated calls not recorded"]);
  });
});
