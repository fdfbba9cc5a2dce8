import { describe, expect, it } from "vitest";
import { useTriggeredApp } from "../../support/triggered-app.ts";

interface Numbered {
  readonly session: string;
  readonly n: number;
}
const numbered = (session: string, count: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) => ({ body: { session, n, ...more }, sessionId: session }));

describe("a Service Bus trigger with sessions", () => {
  const app = useTriggeredApp({
    triggers: [{ name: "inSessions", queueName: "work", isSessionsEnabled: true }],
    queues: { work: { RequiresSession: true, LockDuration: "PT1S" } },
    serviceBus: { maxConcurrentSessions: 2, sessionIdleTimeout: "00:00:00.2" },
  });
  const seenOf = async (session: string): Promise<Numbered[]> =>
    (await app().report()).seen.map(({ body }) => body as Numbered).filter((body) => body.session === session);

  it("runs the messages of a session in order, one at a time, several sessions at once", async () => {
    await app().send("work", ...numbered("a", 3, { wait: "a" }), ...numbered("b", 3), ...numbered("c", 3));
    await app().holds("work", 3);
    expect((await seenOf("a")).map(({ n }) => n)).toEqual([0]);
    expect((await seenOf("b")).map(({ n }) => n)).toEqual([0, 1, 2]);
    expect((await seenOf("c")).map(({ n }) => n)).toEqual([0, 1, 2]);
    await app().open("a");
    await app().holds("work", 0);
    expect((await seenOf("a")).map(({ n }) => n)).toEqual([0, 1, 2]);
    const { seen, most } = await app().report();
    expect(seen[0]?.metadata).toMatchObject({ sessionId: "a", deliveryCount: 1 });
    expect(most).toBe(2);
  });

  it("keeps a session that waits for its function, and gives an idle one back", async () => {
    await app().send("work", ...numbered("long", 1, { takesMs: 2_500 }));
    await app().holds("work", 0);
    expect(await seenOf("long")).toHaveLength(1);
    const isFree = (): Promise<boolean> =>
      app()
        .client.acceptSession("work", "long")
        .then((session) => session.close())
        .then(
          () => true,
          () => false,
        );
    await expect.poll(isFree, { timeout: 5_000 }).toBe(true);
  });

  it("tries a message that failed again before the next of its session", async () => {
    const before = (await app().report()).seen.length;
    await app().send("work", { body: { session: "f", fail: true }, sessionId: "f" }, ...numbered("f", 1));
    const seen = (await app().seen(before + 11)).slice(before);
    expect(seen.map(({ metadata }) => metadata["deliveryCount"])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1]);
  });
});

describe("a Service Bus trigger with sessions and cardinality many", () => {
  const app = useTriggeredApp({
    triggers: [{ name: "inSessions", queueName: "work", isSessionsEnabled: true, cardinality: "many" }],
    queues: { work: { RequiresSession: true } },
    serviceBus: { sessionIdleTimeout: "00:00:00.2" },
  });

  it("gets the batches of one session after those of another", async () => {
    await app().send("work", ...numbered("a", 2), ...numbered("b", 3));
    await app().holds("work", 0);
    const { seen, most } = await app().report();
    expect(seen.map(({ metadata }) => metadata["sessionIdArray"])).toEqual([
      ["a", "a"],
      ["b", "b", "b"],
    ]);
    expect(most).toBe(1);
  });
});
