import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createActivationStore } from "../../shared/adapters/tables/activation-store.ts";
import { createAuditLog } from "../../shared/adapters/tables/audit-log.ts";
import { createDeliveries } from "../../shared/adapters/tables/deliveries.ts";
import { createHolders } from "../../shared/adapters/tables/holders.ts";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import { aClaim, anEvent, asStored, aProof, at, awaitingStepUp, newActivationId } from "../support/activation-rows.ts";
import { startTables, type LocalTables } from "../support/azurite.ts";
import { tapRequests } from "../support/table-requests.ts";

let service: LocalTables;
let tables: Tables;
const tap = tapRequests("perRetry");

beforeAll(async () => {
  service = await startTables();
  tables = createTables({ connectionString: service.connectionString }, tap.options);
  await tables.ensureTables();
});
afterAll(() => service.stop());
afterEach(() => {
  tap.onRequest = undefined;
});

/** Every write reaches the service, but its first answer is a 503, so that the SDK sends it again. */
function loseFirstAnswers(): void {
  const lost = new Set<string>();
  tap.onRequest = async (request, _index, send) => {
    const response = await send();
    if (request.method === "GET" || lost.has(request.requestId)) return response;
    lost.add(request.requestId);
    response.headers.set("retry-after", "0");
    return { ...response, status: 503 };
  };
}

describe("a write whose answer got lost and which the SDK repeats", () => {
  it("is still the write of the one who made it", async () => {
    loseFirstAnswers();
    const store = createActivationStore(tables);
    const claim = aClaim();
    expect(await store.claim(claim)).toEqual({ won: true, claim });
    expect(await store.ask(aProof(claim.activationId, "one"))).toBe(true);
    expect(await createDeliveries(tables).first("jira", "d1", at("09:00"))).toBe(true);
    expect(await createHolders(tables).take(claim, claim.activationId)).toBe(claim.activationId);
    const record = await createAuditLog(tables).append("controls", "k", anEvent("GrantsFrozen"));
    expect(record.sequence).toBe(1);
  });

  it("does not make a transition fail or write anything twice", async () => {
    const store = createActivationStore(tables);
    const claim = aClaim();
    await store.claim(claim);
    let record = await store.load(claim.activationId);
    loseFirstAnswers();
    for (const number of [1, 2])
      record =
        record &&
        (await store.transition(record, {
          key: `step-${number}`,
          state: awaitingStepUp,
          request: { body: "{}", mac: "m", revision: number },
          verdicts: [{ key: `stepUp-${number}`, body: `${number}`, mac: "m" }],
          events: [anEvent("StepUpProven"), anEvent("ReadyToStart")],
          pending: [aProof(claim.activationId, `${number}`)],
          done: number === 1 ? ["start"] : ["proof-1"],
        }));
    tap.onRequest = undefined;
    expect(record && asStored(record)).toEqual(await store.load(claim.activationId));
    expect(record?.row).toMatchObject({ chain: { sequence: 4 }, orphans: [] });
    expect(record?.pending.map(({ key }) => key)).toEqual(["proof-2"]);
    expect(await tables.audit.partition(claim.activationId)).toHaveLength(4);
  });

  it("loses against another's transition as before", async () => {
    const store = createActivationStore(tables);
    const claim = aClaim();
    await store.claim(claim);
    const record = await store.load(claim.activationId);
    if (!record) throw new Error("not claimed");
    await store.transition(record, { key: "first", state: awaitingStepUp, events: [] });
    loseFirstAnswers();
    await expect(store.transition(record, { key: "second", state: awaitingStepUp, events: [] })).rejects.toMatchObject({
      code: "Conflict",
    });
  });
});

describe("a fault of the service", () => {
  it.each([
    { status: 503, code: "Throttled" },
    { status: 429, code: "Throttled" },
    { status: 500, code: "Unavailable" },
    { status: 408, code: "Unavailable" },
    { status: 403, code: "Misconfigured" },
    { status: 401, code: "Misconfigured" },
    { status: 400, code: "Rejected" },
  ])("with status $status is a DependencyError $code that names the table", async ({ status, code }) => {
    const store = createActivationStore(tables);
    tap.onRequest = async (_request, _index, send) => {
      const response = await send();
      response.headers.set("retry-after", "0");
      return { ...response, status };
    };
    await expect(store.due(at("09:00"))).rejects.toMatchObject({
      name: "DependencyError",
      code,
      retryAfterMs: 0,
      message: `[${code}] table storage, pending: ${status}`,
    });
  });

  it("that is no table service at all is Unavailable", async () => {
    const stopped = await startTables();
    await stopped.stop();
    const unreachable = createTables({ connectionString: stopped.connectionString });
    await expect(unreachable.controls.get("a", "b")).rejects.toMatchObject({ code: "Unavailable" });
  });

  it("is Misconfigured when the tables were never made", async () => {
    const empty = await startTables();
    try {
      const store = createActivationStore(createTables({ connectionString: empty.connectionString }));
      await expect(store.load(newActivationId())).rejects.toMatchObject({ code: "Misconfigured" });
      await expect(store.claim(aClaim())).rejects.toMatchObject({ code: "Misconfigured" });
    } finally {
      await empty.stop();
    }
  });
});

describe("createTables", () => {
  const credential = { getToken: () => Promise.resolve(null) };

  it.each(["http://tables.example.test", "http://localhost:10002/a", "http://10.0.0.1/a", "ftp://127.0.0.1/a"])(
    "refuses %s",
    (tableUrl) => {
      expect(() => createTables({ tableUrl, credential })).toThrow("[Misconfigured]");
    },
  );

  it("refuses a connection string that leads over plain http elsewhere", () => {
    const connectionString = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aa==;EndpointSuffix=example.test";
    expect(() => createTables({ connectionString })).toThrow("http://a.table.example.test is not https");
  });

  it.each(["https://a.table.core.windows.net", "http://127.0.0.1:10002/a", "http://[::1]:10002/a"])(
    "takes %s",
    (tableUrl) => {
      expect(() => createTables({ tableUrl, credential })).not.toThrow();
    },
  );
});
