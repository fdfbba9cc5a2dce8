import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfigFile } from "../../local/broker/config/config-file.ts";
import { createBroker, type BrokerService } from "../../local/broker/service.ts";
import { createBus, type Bus } from "../../shared/adapters/service-bus/client.ts";
import { createEventPublisher } from "../../shared/adapters/service-bus/event-publisher.ts";
import { activationEvent } from "../../shared/contracts/activation-event.ts";
import { chainRecord } from "../../shared/crypto/audit-chain.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import { instant } from "../../shared/domain/time.ts";

const CONFIG = join(import.meta.dirname, "../../local/broker/config.json");
const ACTIVATION = "0123456789abcdef0123456789abcdef";
const AT = instant(Date.parse("2026-11-24T09:00:00Z"));

/** What days of removals that did not succeed leave in the chain of one activation, while nobody could be told. */
function manyRecords(count: number): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  for (let attempt = 1; attempt <= count; attempt++)
    records.push(
      chainRecord(
        ACTIVATION,
        `removing-${attempt}`,
        {
          type: "RemovalAttempted",
          at: AT,
          actor: { kind: "system", part: "worker" },
          data: { attempt, outcome: "later", notBefore: AT },
        },
        records.at(-1),
      ),
    );
  return records;
}

describe("events of an activation", () => {
  const directory = mkdtempSync(join(tmpdir(), "events-"));
  let broker: BrokerService;
  let bus: Bus;

  beforeAll(async () => {
    broker = createBroker({ config: readConfigFile(CONFIG), directory, port: 0 });
    await broker.start();
    bus = createBus({ connectionString: broker.connectionString });
  });
  afterAll(async () => {
    await bus.client.close();
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("are all told, in order, however many waited: more than the bus takes at once", async () => {
    const records = manyRecords(900);
    await createEventPublisher(bus, "https://zs.example", { now: () => AT }).publish(records);
    const receiver = await bus.client.acceptSession("activation-events", "siem", ACTIVATION, {
      receiveMode: "receiveAndDelete",
    });
    const told: number[] = [];
    while (told.length < records.length) {
      const messages = await receiver.receiveMessages(records.length, { maxWaitTimeInMs: 5_000 });
      if (messages.length === 0) break;
      told.push(...messages.map(({ body }) => activationEvent.parse(body).data.sequence));
    }
    await receiver.close();
    expect(told).toEqual(records.map(({ sequence }) => sequence));
  });
});
