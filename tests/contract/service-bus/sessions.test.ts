import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aMessage, QUEUE, receiveAll, receiveNothing, receiveOne, useServiceBus } from "../../support/service-bus.ts";

describe("a session", () => {
  const client = useServiceBus();
  const send = async (sessionId: string, count: number, queue: string = QUEUE.sessions): Promise<string[]> => {
    const messages = Array.from({ length: count }, () => aMessage({ sessionId }));
    await client().createSender(queue).sendMessages(messages);
    return messages.map(({ messageId }) => messageId);
  };

  it("hands over its own messages only, in order", async () => {
    const [mine, other] = [randomUUID(), randomUUID()];
    const ids = await send(mine, 3);
    await send(other, 1);
    const receiver = await client().acceptSession(QUEUE.sessions, mine);
    expect(receiver.sessionId).toBe(mine);
    expect((await receiveAll(receiver, 3)).map(({ messageId }) => messageId)).toEqual(ids);
    expect(await receiveNothing(receiver)).toEqual([]);
    await receiver.close();
    const rest = await client().acceptSession(QUEUE.sessions, other);
    await receiveAll(rest, 1);
    await rest.close();
  });

  it("is held by one receiver at a time, and free again when that one closes it", async () => {
    const id = randomUUID();
    await send(id, 1);
    const receiver = await client().acceptSession(QUEUE.sessions, id);
    await expect(client().acceptSession(QUEUE.sessions, id)).rejects.toMatchObject({ code: "SessionCannotBeLocked" });
    const held = await receiveOne(receiver);
    expect(held.deliveryCount).toBe(0);
    await receiver.close();
    const next = await client().acceptSession(QUEUE.sessions, id);
    const [again] = await receiveAll(next, 1);
    expect(again).toMatchObject({ messageId: held.messageId, deliveryCount: 0 });
    await next.close();
  });

  it("keeps a state", async () => {
    const id = randomUUID();
    const receiver = await client().acceptSession(QUEUE.sessions, id);
    expect(await receiver.getSessionState()).toBeFalsy();
    await receiver.setSessionState("half done");
    await receiver.close();
    const next = await client().acceptSession(QUEUE.sessions, id);
    expect(String(await next.getSessionState())).toBe("half done");
    await next.setSessionState(null);
    expect(await next.getSessionState()).toBeFalsy();
    await next.close();
  });

  it("is given to who asks for any, also when it comes up later", async () => {
    const waiting = client().acceptNextSession(QUEUE.sessions);
    const id = randomUUID();
    await send(id, 1);
    const receiver = await waiting;
    expect(receiver.sessionId).toBe(id);
    await receiveAll(receiver, 1);
    await receiver.close();
  });

  it("lasts longer when it is renewed", async () => {
    const receiver = await client().acceptSession(QUEUE.sessions, randomUUID());
    const before = Number(receiver.sessionLockedUntilUtc);
    expect(Number(await receiver.renewSessionLock())).toBeGreaterThanOrEqual(before);
    await receiver.close();
  });

  it("is lost when its lock ends, and its message counts as tried", async () => {
    const id = randomUUID();
    const [messageId] = await send(id, 1, QUEUE.shortSessions);
    const slow = await client().acceptSession(QUEUE.shortSessions, id, { maxAutoLockRenewalDurationInMs: 0 });
    const late = await receiveOne(slow);
    const next = await client().acceptNextSession(QUEUE.shortSessions);
    expect(next.sessionId).toBe(id);
    const again = await receiveOne(next);
    expect(again).toMatchObject({ messageId, deliveryCount: 1 });
    await expect(slow.completeMessage(late)).rejects.toMatchObject({ code: "SessionLockLost" });
    await next.completeMessage(again);
    await next.close();
  });

  it("must be named by what is sent, and by who receives", async () => {
    await expect(client().createSender(QUEUE.sessions).sendMessages(aMessage())).rejects.toThrow(/SessionId/);
    await expect(client().createReceiver(QUEUE.sessions).receiveMessages(1)).rejects.toMatchObject({
      code: "GeneralError",
    });
  });
});
