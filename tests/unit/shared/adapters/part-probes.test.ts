import { describe, expect, it } from "vitest";
import { readPermissionsFile } from "../../../../cli/doctor/permissions-file.ts";
import type { Bus } from "../../../../shared/adapters/service-bus/client.ts";
import { createQueueProbe } from "../../../../shared/adapters/service-bus/queue-probe.ts";
import { createTableProbe } from "../../../../shared/adapters/tables/table-probe.ts";
import { createTables } from "../../../../shared/adapters/tables/tables.ts";
import { DependencyError } from "../../../../shared/ports/dependency-error.ts";

const { parts } = readPermissionsFile(undefined);
const PARTS = ["front", "worker", "sweeper"] as const;

/** The app's own tables, none of which is asked over a network. */
function tables(answer: (name: string) => Promise<undefined>) {
  const made = createTables({ connectionString: "UseDevelopmentStorage=true" });
  return Object.fromEntries(
    Object.entries(made).map(([name, table]) => [
      name,
      typeof table === "function" ? table : { ...table, get: () => answer(name) },
    ]),
  ) as unknown as typeof made;
}

/** A bus that notes what is peeked into and what is opened to send. */
function notingBus(used: Set<string>): Bus {
  const close = async (): Promise<void> => undefined;
  const client = {
    createReceiver: (name: string) => ({
      close,
      peekMessages: async () => {
        used.add(`listen ${name}`);
        return [];
      },
    }),
    createSender: (name: string) => ({ close, createMessageBatch: async () => void used.add(`send ${name}`) }),
  };
  return { client, send: close } as unknown as Bus;
}

describe("what a part looks into when it looks at itself", () => {
  it.each(PARTS)("is the tables that infra/permissions.yaml gives to the %s", async (part) => {
    const reached = await createTableProbe(tables(async () => undefined)).reach(part);
    expect(reached.map(({ name }) => name).toSorted()).toEqual(Object.keys(parts[part].tables).toSorted());
  });

  it("names a table that does not answer, and says nothing of an unknown error", async () => {
    const answer = async (name: string): Promise<undefined> => {
      if (name === "audit") throw new DependencyError("Misconfigured", "table storage, audit: 403");
      if (name === "claims") throw new Error("AccountKey=secret");
      return undefined;
    };
    const problems = (await createTableProbe(tables(answer)).reach("all")).filter(
      ({ problem }) => problem !== undefined,
    );
    expect(problems).toEqual([
      { name: "claims", problem: "it does not answer" },
      { name: "audit", problem: "[Misconfigured] table storage, audit: 403" },
    ]);
  });

  it.each(PARTS)("is the queues and topics on which infra/permissions.yaml gives the %s the right", async (part) => {
    const used = new Set<string>();
    await createQueueProbe(notingBus(used), ["chatbot"]).reach(part);
    const given = Object.entries(parts[part].queues).flatMap(([name, rights]) =>
      rights.map((right) => `${right} ${name.replace("*", "chatbot")}`),
    );
    expect([...used].filter((one) => !given.includes(one))).toEqual([]);
    const names = (some: readonly string[]) => [...new Set(some.map((one) => one.split(" ")[1]))].toSorted();
    expect(names([...used])).toEqual(names(given));
  });
});
