import { InvocationContext } from "@azure/functions";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { durableClient, gatewayOf } from "../../functions/workflow.ts";
import type { ActivationId } from "../../shared/domain/ids.ts";
import type { DirectGateway } from "../../shared/ports/workflow-gateway.ts";
import { answering } from "../support/answering-server.ts";

const ID = "a".repeat(32) as ActivationId;
const EVENT = { system: "jira", number: "OPS-1", kind: "changed", at: "2026-03-02T09:00:00.000Z" } as never;

/** The gateway over the real Durable client, before a task hub that takes no start and has the instance in this state. */
async function gateway(runtimeStatus: string | undefined, status = 409): Promise<DirectGateway> {
  const at = "2026-03-02T09:00:00Z";
  const names = { name: "story", instanceId: "i", input: null, output: null };
  const instance = { ...names, runtimeStatus, createdTime: at, lastUpdatedTime: at };
  const { url } = await answering(({ method }) => {
    if (method === "POST") return { status, text: "it is there already" };
    if (runtimeStatus === undefined) return { status: 404, text: "no such instance" };
    return { status: ["Running", "Pending"].includes(runtimeStatus) ? 202 : 200, json: instance };
  });
  const context = new InvocationContext({ options: { extraInputs: [durableClient] } });
  const hub = `${url}/runtime/webhooks/durabletask/`;
  context.extraInputs.set(durableClient, {
    taskHubName: "hub",
    creationUrls: { createNewInstancePostUri: `${hub}orchestrators/{functionName}[/{instanceId}]` },
    managementUrls: {
      id: "INSTANCEID",
      statusQueryGetUri: `${hub}instances/INSTANCEID`,
      sendEventPostUri: `${hub}instances/INSTANCEID/raiseEvent/{eventName}`,
    },
    baseUrl: hub,
    requiredQueryStringParameters: "",
    rpcBaseUrl: hub,
  });
  return gatewayOf(context);
}

describe("a start that the task hub does not take", () => {
  beforeAll(() => vi.stubEnv("WEBSITE_HOSTNAME", "127.0.0.1"));
  afterAll(() => vi.unstubAllEnvs());

  it.each(["Running", "Pending"])("is well where the instance is %s", async (status) => {
    const hub = await gateway(status);
    await expect(hub.start(ID)).resolves.toBeUndefined();
    await expect(hub.handleTicketEvent("key", EVENT)).resolves.toBeUndefined();
  });

  it("is well for an event of a ticket that was handled meanwhile, and not for an activation: it may have more to do", async () => {
    const hub = await gateway("Completed");
    await expect(hub.handleTicketEvent("key", EVENT)).resolves.toBeUndefined();
    await expect(hub.start(ID)).rejects.toThrow();
  });

  it.each(["Failed", "Terminated", undefined])("fails where the instance is %s", async (status) => {
    const hub = await gateway(status, 500);
    await expect(hub.start(ID)).rejects.toThrow();
    await expect(hub.handleTicketEvent("key", EVENT)).rejects.toThrow();
  });
});
