import { describe, expect, it } from "vitest";
import {
  judgeClock,
  judgePolicy,
  judgeQueues,
  judgeSettings,
  judgeTables,
  judgeTickets,
  judgeTimers,
  type CheckResult,
} from "../../../../shared/domain/doctor.ts";
import { judgeSignInSecret, judgeExpiry } from "../../../../shared/domain/doctor-keys.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";

const NOW = "2026-11-24T09:00:00.000Z";
const HASH = "a".repeat(64);

/** The worst result of a check, and its words. */
const worst = (results: readonly CheckResult[]): string => {
  const one = ["fault", "warning", "fine"].flatMap((wanted) => results.filter(({ result }) => result === wanted))[0];
  return `${one?.result ?? "nothing"}: ${one?.text ?? ""}`;
};

describe("the judgement of a clock", () => {
  it.each([
    [0, "fine: The clock agrees with the directory's."],
    [59_999, "fine: The clock agrees with the directory's."],
    [MINUTE_MS, "warning: The clock is 1 min ahead of the directory's."],
    [-MINUTE_MS, "warning: The clock is 1 min behind the directory's."],
    [5 * MINUTE_MS - 1, "warning: The clock is 5 min ahead of the directory's."],
    [5 * MINUTE_MS, "fault: The clock is 5 min ahead of the directory's."],
    [-3 * DAY_MS, "fault: The clock is 3 days behind the directory's."],
  ])("of %i ms", (skewMs, expected) => {
    expect(worst(judgeClock({ value: skewMs }))).toBe(expected);
  });

  it("that was not compared is a fault", () => {
    expect(worst(judgeClock({ problem: "Graph: no answer" }))).toBe(
      "fault: The clock was not compared with the directory's: Graph: no answer.",
    );
  });
});

describe("the judgement of tables and queues", () => {
  it("names each that does not answer", () => {
    const results = judgeTables([
      { name: "claims", problem: undefined },
      { name: "audit", problem: "403" },
      { name: "holders", problem: "404" },
    ]);
    expect(results.map(({ text }) => text)).toEqual([
      "The table audit cannot be read: 403.",
      "The table holders cannot be read: 404.",
    ]);
  });

  it("names a queue that is gone and dead letters that wait, apart from each other", () => {
    const queue = (name: string, deadLetters = 0, problem?: string) => ({ name, deadLetters, problem });
    expect(judgeQueues([queue("a", 2), queue("b", 0, "MessagingEntityNotFound")]).map(({ text }) => text)).toEqual([
      "2 dead letters wait in a: messages that crashed their handler ten times.",
      "The queue or topic b cannot be used: MessagingEntityNotFound.",
    ]);
    expect(worst(judgeQueues([queue("a")]))).toMatch(/^fine/);
    expect(worst(judgeQueues(undefined))).toMatch(/^fine: There is no bus/);
  });
});

describe("the judgement of ticket systems", () => {
  it("names one that the policy needs and nobody configured", () => {
    expect(worst(judgeTickets([], ["jira"]))).toMatch(
      /^fault: The policy takes tickets of jira, and there are no settings/,
    );
  });

  it("says as whom we are known", () => {
    const systems = [{ name: "jira", problem: undefined, account: "Zero Standing" }];
    expect(worst(judgeTickets(systems, []))).toBe("fine: jira knows us as Zero Standing.");
  });
});

describe("the judgement of the policy", () => {
  const facts = {
    policyTenant: "t1",
    settingTenant: "t1",
    identityTenant: "t1",
    hash: HASH,
    accepted: { value: true },
  };

  it("is well when tenants agree and two persons accepted it", () => {
    expect(worst(judgePolicy(facts))).toBe("fine: Policy aaaaaaaaaaaa is in force.");
  });

  it.each([
    [{ settingTenant: "t2" }, "The policy is for tenant t1, the setting TENANT_ID is tenant t2."],
    [{ identityTenant: "t2" }, "The policy is for tenant t1, the identity of the app is tenant t2."],
    [
      { accepted: { value: false } },
      "Policy aaaaaaaaaaaa was not accepted by two persons: nothing is granted under it.",
    ],
    [{ accepted: { problem: "404" } }, "Whether policy aaaaaaaaaaaa was accepted cannot be read: 404."],
  ])("finds %j", (change, text) => {
    expect(worst(judgePolicy({ ...facts, ...change }))).toBe(`fault: ${text}`);
  });

  it("says nothing of a tenant that no token named", () => {
    expect(worst(judgePolicy({ ...facts, identityTenant: undefined }))).toMatch(/^fine/);
  });
});

describe("the judgement of settings", () => {
  const facts = { keyed: [], signsCheckpoints: true, policyOverridden: false };

  it.each([
    [{}, "fine"],
    [{ keyed: ["STORAGE_CONNECTION"] }, "fault"],
    [{ signsCheckpoints: false }, "fault"],
    [{ policyOverridden: true }, "warning"],
  ])("of %j is %s", (change, result) => {
    expect(worst(judgeSettings({ ...facts, ...change }))).toMatch(new RegExp(`^${result}: `));
  });
});

describe("the judgement of timers", () => {
  const times = { now: NOW, startedAt: plus(NOW, -HOUR_MS) };
  const timer = (silentMs: number, lastRanAt?: string) => ({ value: [{ name: "sweep", silentMs, lastRanAt }] });

  it.each([
    ["ran in time", timer(5 * MINUTE_MS, plus(NOW, -5 * MINUTE_MS)), /^fine/],
    [
      "is silent",
      timer(5 * MINUTE_MS, plus(NOW, -6 * MINUTE_MS)),
      /^fault: The timer sweep last ran 6 min ago; it should within 5 min\.$/,
    ],
    ["never ran and should have", timer(5 * MINUTE_MS), /^fault: The timer sweep never ran/],
    ["never ran and need not have", timer(2 * HOUR_MS), /^fine/],
  ])("finds one that %s", (_name, facts, expected) => {
    expect(worst(judgeTimers(facts, times))).toMatch(expected);
  });

  it("believes a noted run, however young the process is that looks", () => {
    const young = { now: NOW, startedAt: NOW };
    expect(worst(judgeTimers(timer(5 * MINUTE_MS, plus(NOW, -HOUR_MS)), young))).toMatch(/^fault/);
  });
});

describe("the judgement of secrets", () => {
  const next = "renew it";

  it.each([
    [undefined, "fine: K has no end."],
    [plus(NOW, 31 * DAY_MS), "fine: K is good until 2026-12-25."],
    [plus(NOW, 30 * DAY_MS), "warning: K expires on 2026-12-24."],
    [NOW, "fault: K expired on 2026-11-24."],
  ])("that ends at %s", (endsAt, expected) => {
    expect(worst([judgeExpiry("K", endsAt, { now: NOW, next })])).toBe(expected);
  });

  it("without an end goes by its age", () => {
    const aged = (ms: number): string =>
      worst([judgeExpiry("K", undefined, { now: NOW, next, madeAt: plus(NOW, -ms) })]);
    expect(aged(365 * DAY_MS)).toBe("fine: K has no end.");
    expect(aged(366 * DAY_MS)).toBe("warning: K has no end and is in use since 2025-11-23.");
  });

  it("goes by the secret in use, not by an old one beside it", () => {
    const old = { hint: "old", endsAt: plus(NOW, -DAY_MS) };
    const inUse = { hint: "new", endsAt: plus(NOW, 90 * DAY_MS) };
    const facts = { hint: "new", now: NOW };
    expect(worst(judgeSignInSecret({ value: [old, inUse] }, facts))).toMatch(/^fine/);
    expect(worst(judgeSignInSecret({ value: [old] }, facts))).toMatch(/^fault: .* is not a secret of its app/);
    expect(worst(judgeSignInSecret({ value: undefined }, facts))).toMatch(
      /^fault: The directory has no app registration/,
    );
  });
});
