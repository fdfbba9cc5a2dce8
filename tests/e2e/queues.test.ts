import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dailyId } from "../../local/seed.ts";
import type { keptMessageList, keptMessageView } from "../../shared/contracts/kept-message.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { z } from "zod";
import { RunningApp } from "../support/running-app.ts";
import { runZs, type ZsResult } from "../support/run-zs.ts";
import { RETRY_OPTIONS } from "../support/service-bus.ts";
import { useStack } from "../support/stack.ts";
import { dumpTables } from "../support/stored-rows.ts";

const [ADA, DEV] = [1, 4]; // Dev is in the identity team
const BODY = '{"version":1,"person":"nobody.here"}';

describe("messages that nobody works on any more", () => {
  const stack = useStack({ split: false, settings: { HANDOVER: "direct" } }); // nothing receives from ticket-events
  const app = (): RunningApp => new RunningApp(stack());
  const client = (): ServiceBusClient => bus ?? fail();
  let bus: ServiceBusClient | undefined;
  beforeAll(() => {
    bus = new ServiceBusClient(stack().addresses.serviceBus, { retryOptions: RETRY_OPTIONS });
  });
  afterAll(() => bus?.close());

  async function zs(n: number, ...words: string[]): Promise<ZsResult> {
    const token = (await stack().call("login", "mint", { oid: dailyId(n) })) as string;
    return runZs(["queue", ...words], { env: { ZS_API_URL: stack().addresses.app, ZS_ACCESS_TOKEN: token } });
  }
  async function json<T>(...words: string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await zs(DEV, ...words, "--json");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return JSON.parse(stdout) as T;
  }
  const listed = async (shelf: string) =>
    (await json<z.output<typeof keptMessageList>>(shelf, "list")).messages.map(({ id }) => id);
  const door = async () => app().audit(`door-${new Date(stack().clock.now()).toISOString().slice(0, 10)}`);

  async function send(messageId: string, body = BODY): Promise<void> {
    await client()
      .createSender("requests-chatbot")
      .sendMessages({ messageId, body: Buffer.from(body) });
    await stack().settle();
  }

  it("are shown with what was wrong with them, and looking changes nothing", async () => {
    await send("chat-1");
    const before = [
      await dumpTables(stack()),
      await stack().call("broker", "messages", { entity: "requests-rejected" }),
    ];
    const { messages } = await json<z.output<typeof keptMessageList>>("rejected", "list");
    expect(messages).toMatchObject([{ queue: "requests-chatbot", messageId: "chat-1", reason: "InvalidMessage" }]);
    const shown = await json<z.output<typeof keptMessageView>>("rejected", "show", messages[0]?.id ?? "");
    expect(shown).toMatchObject({ ...messages[0], body: BODY, encoding: "utf8", whole: true });
    expect((await zs(DEV, "rejected", "list")).stdout).toMatch(
      /^ID +SINCE +FROM +MESSAGE +REASON\nrequests-rejected\.\d+ /,
    );
    expect((await zs(DEV, "rejected", "show", shown.id)).stdout).toContain("InvalidMessage: ");
    expect([
      await dumpTables(stack()),
      await stack().call("broker", "messages", { entity: "requests-rejected" }),
    ]).toEqual(before);
  });

  it("are for the identity team only", async () => {
    const [id = ""] = await listed("rejected");
    for (const words of [["list"], ["show", id], ["resubmit", id], ["discard", id]]) {
      const { exitCode, stderr } = await zs(ADA, "rejected", ...words);
      expect([exitCode, stderr]).toEqual([1, "zs: You may not do this.\n"]);
    }
    expect(await listed("rejected")).toEqual([id]);
  });

  it("are looked at again when they are sent again, and come back with the reason", async () => {
    const [id = ""] = await listed("rejected");
    const { exitCode, stdout } = await zs(DEV, "rejected", "resubmit", id);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^Sent to requests-chatbot again, as chat-1~r\d+\.\n$/),
    ]);
    await stack().settle();
    const [back = "", ...others] = await listed("rejected");
    expect(others).toEqual([]);
    expect(back).not.toBe(id);
    const records = (await door()).filter(({ type }) => type.startsWith("Message"));
    const types = records.map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(["MessageRejected", "MessageResubmitIntended"]);
    expect(types.slice(2).toSorted()).toEqual(["MessageRejected", "MessageResubmitted"]); // the copy is quick
    expect(records.find(({ type }) => type === "MessageResubmitted")).toMatchObject({
      actor: { kind: "person", person: "dev.patel" },
      data: { id, queue: "requests-chatbot", message: sha256Hex("chat-1").slice(0, 32) },
    });
  });

  it("go away for good when they are discarded, once", async () => {
    const [id = ""] = await listed("rejected");
    expect((await zs(DEV, "rejected", "discard", id)).stdout).toBe(`${id} is discarded.\n`);
    expect(await listed("rejected")).toEqual([]);
    expect((await door()).at(-1)).toMatchObject({ type: "MessageDiscarded", data: { id } });
    for (const word of ["show", "resubmit", "discard"]) {
      const { exitCode, stderr } = await zs(DEV, "rejected", word, id);
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^zs: There is no such thing[^\n]*\n$/)]);
    }
  });

  const recordsOf = async (id: string): Promise<readonly string[]> =>
    (await door()).filter(({ data }) => data["id"] === id).map(({ type }) => type);

  it("are not said to be sent again while they are not", async () => {
    await send("chat-2");
    const [id = ""] = await listed("rejected");
    await stack().call("broker", "faults", { kind: "full", entity: "requests-chatbot", times: 1_000 });
    expect((await zs(DEV, "rejected", "resubmit", id)).exitCode).toBe(4);
    expect(await recordsOf(id)).toEqual(["MessageResubmitIntended"]);
    await stack().call("broker", "clearFaults");
    expect((await zs(DEV, "rejected", "resubmit", id)).exitCode).toBe(0);
    expect(await recordsOf(id)).toEqual(["MessageResubmitIntended", "MessageResubmitted"]);
  });

  it("are said to be discarded once they are, also if nobody heard of it at first", async () => {
    await stack().settle();
    const [id = ""] = await listed("rejected");
    await stack().call("broker", "faults", { kind: "loseSettlement", on: "settle", entity: "requests-rejected" });
    expect((await zs(DEV, "rejected", "discard", id)).exitCode).toBe(4);
    expect(await listed("rejected")).toEqual([]);
    expect(await recordsOf(id)).toEqual(["MessageDiscardIntended"]);
    expect((await zs(DEV, "rejected", "discard", id)).exitCode).toBe(0);
    expect(await recordsOf(id)).toEqual(["MessageDiscardIntended", "MessageDiscarded"]);
    expect((await zs(DEV, "rejected", "discard", id)).exitCode).toBe(1);
  });

  it("are dead letters too: a ticket event goes back to its queue", async () => {
    await client()
      .createSender("ticket-events")
      .sendMessages({ messageId: "ticket-1", body: Buffer.from("{}") });
    const receiver = client().createReceiver("ticket-events");
    const [message] = await receiver.receiveMessages(1);
    if (message)
      await receiver.deadLetterMessage(message, {
        deadLetterReason: "MaxDeliveryCountExceeded",
        deadLetterErrorDescription: "ten times",
      });
    await receiver.close();
    const { messages } = await json<z.output<typeof keptMessageList>>("dead-letters", "list");
    expect(messages).toMatchObject([{ queue: "ticket-events", reason: "MaxDeliveryCountExceeded" }]);
    const sent = await json<{ messageId: string }>("dead-letters", "resubmit", messages[0]?.id ?? "");
    const [copy] = await client().createReceiver("ticket-events").peekMessages(1);
    expect(copy?.messageId).toBe(sent.messageId);
    expect(await listed("dead-letters")).toEqual([]);
  });

  it("are not said to be none when the bus is away", async () => {
    await stack().kill("broker");
    const { exitCode, stderr } = await zs(DEV, "rejected", "list");
    expect([exitCode, stderr]).toEqual([4, expect.stringMatching(/^zs: A system that is needed[^\n]*\n$/)]);
    await stack().start("broker");
    expect(await listed("rejected")).toEqual([]);
  });
});

function fail(): never {
  throw new Error("the client is not there before the first test");
}
