import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../../../local/broker/config/config-file.ts";

const config = (namespace: object, more: object = {}): string =>
  JSON.stringify({ UserConfig: { Namespaces: [{ Name: "ns", ...namespace }], Logging: { Type: "File" } }, ...more });
const queue = (properties: object, name = "q") => ({ Name: name, Properties: properties });
const rule = (properties: object) => ({
  Topics: [{ Name: "t", Subscriptions: [{ Name: "s", Rules: [{ Name: "r", Properties: properties }] }] }],
});
/** Queues that forward one to the next, so often. */
const chain = (forwards: number): string =>
  config({
    Queues: Array.from({ length: forwards + 1 }, (_, index) =>
      queue(index < forwards ? { ForwardTo: `q${index + 1}` } : {}, `q${index}`),
    ),
  });

describe("a Config.json of the official emulator", () => {
  it("sets up queues by its names", () => {
    const { namespace } = parseConfig(
      config({
        Queues: [
          queue({
            LockDuration: "PT30S",
            MaxDeliveryCount: 3,
            DefaultMessageTimeToLive: "P1DT1H",
            DeadLetteringOnMessageExpiration: true,
            RequiresSession: true,
            RequiresDuplicateDetection: true,
            DuplicateDetectionHistoryTimeWindow: "PT20S",
            ForwardTo: "",
            ForwardDeadLetteredMessagesTo: "q2",
            MaxMessageSizeInKilobytes: 1024,
          }),
          queue({}, "q2"),
        ],
      }),
    );
    expect(namespace.queues[0]).toMatchObject({
      lockMs: 30_000,
      maxDeliveryCount: 3,
      ttlMs: 90_000_000,
      deadLetterOnExpiration: true,
      requiresSession: true,
      duplicateWindowMs: 20_000,
      forwardTo: undefined,
      forwardDeadLettersTo: "q2",
      maxMessageBytes: 1_048_576,
    });
    expect(namespace.queues[1]).toMatchObject({ lockMs: 60_000, maxDeliveryCount: 10, ttlMs: Infinity });
  });

  it("lets a message be forwarded four times, as Service Bus does", () => {
    expect(parseConfig(chain(4)).namespace.queues).toHaveLength(5);
  });

  it("knows correlation filters with their own properties, and the constants of SQL", () => {
    const filter = { Label: "l", SessionId: "s", Properties: { colour: "red", size: 3, on: true } };
    const rules = [
      { FilterType: "Correlation", CorrelationFilter: filter },
      { FilterType: "Sql", SqlFilter: { SqlExpression: "1=1" } },
      { FilterType: "Sql", SqlFilter: { SqlExpression: "1 = 0" } },
    ].map((properties) => parseConfig(config(rule(properties))).namespace.topics[0]?.subscriptions[0]?.rules[0]);
    expect(rules).toEqual([
      {
        kind: "correlation",
        system: { subject: "l", sessionId: "s" },
        properties: { colour: "red", size: "3", on: "true" },
      },
      { kind: "all" },
      { kind: "none" },
    ]);
  });

  it.each([
    ["{", /^Config\.json is not JSON: /],
    ["{}", "Config.json: UserConfig is missing."],
    [config({ Queues: {} }), "Config.json: UserConfig.Namespaces[0].Queues is not a list."],
    [config({ Queues: [{}] }), "Config.json: UserConfig.Namespaces[0].Queues[0].Name is missing."],
    [
      config({ Queues: [queue({}), queue({}, "Q")] }),
      'Config.json: UserConfig.Namespaces[0].Queues[1].Name is taken already: "Q".',
    ],
    [
      config({ Queues: [queue({ LockDuration: "1 minute" })] }),
      'Config.json: UserConfig.Namespaces[0].Queues[0].Properties.LockDuration is no ISO 8601 duration like PT1M: "1 minute".',
    ],
    [config({ Queues: [queue({ LockDuration: "PT6M" })] }), /LockDuration is longer than five minutes \(PT5M\)\.$/],
    [config({ Queues: [queue({ MaxDeliveryCount: 0 })] }), /MaxDeliveryCount is not a whole number from 1 on\.$/],
    [config({ Queues: [queue({ RequiresSession: "yes" })] }), /RequiresSession is neither true nor false\.$/],
    [config({ Queues: [queue({ ForwardTo: "moon" })] }), /ForwardTo names no queue or topic of this file: "moon"\.$/],
    [
      config({ Queues: [queue({ ForwardTo: "b" }, "a"), queue({ ForwardTo: "a" }, "b")] }),
      /ForwardTo leads back to where it comes from\.$/,
    ],
    [
      config(rule({ FilterType: "Sql", SqlFilter: { SqlExpression: "colour = 'red'" } })),
      /SqlExpression is not supported: "colour = 'red'"; only 1=1 and 1=0 are/,
    ],
    [
      config({}, { Zs: { Keys: [{ Name: "k", Key: "x", Rights: ["Read"] }] } }),
      /Zs\.Keys\[0\]\.Rights\[0\] is not Send, Listen or Manage\.$/,
    ],
    [chain(5), /Queues\[0\]\.Properties\.ForwardTo leads over more than 4 forwards\.$/],
  ])("is refused with one sentence that names the place: %s", (text, sentence) => {
    expect(() => parseConfig(text)).toThrow(sentence);
  });
});
