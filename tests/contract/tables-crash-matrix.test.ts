import { odata } from "@azure/data-tables";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createActivationStore } from "../../shared/adapters/tables/activation-store.ts";
import { all } from "../../shared/adapters/tables/table.ts";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import { recordProblem } from "../../shared/crypto/audit-chain.ts";
import type { ActivationClaim, ActivationState } from "../../shared/domain/activation.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { ActivationId } from "../../shared/domain/ids.ts";
import {
  ConflictError,
  type ActivationRecord,
  type ActivationStore,
  type PendingRow,
  type Transition,
} from "../../shared/ports/activation-store.ts";
import { aClaim, aMessage, anEvent, aProof, at, awaitingStepUp, newActivationId } from "../support/activation-rows.ts";
import { startTables, type LocalTables } from "../support/azurite.ts";
import { tapRequests } from "../support/table-requests.ts";

/**
 * A whole activation, stopped at every request to the tables, before the request and after it, then begun again: the
 * rows at the end are those of a run that nothing stopped.
 */
const held = { assignmentScheduleId: "s", startsAt: at("09:05"), endsAt: at("10:05") };
const granting: ActivationState = {
  status: "Granting",
  since: at("09:03"),
  durationMs: 3_600_000,
  attempt: 1,
  notBefore: at("09:03"),
  giveUpAt: at("09:33"),
  stop: null,
};
const active: ActivationState = { status: "Active", since: at("09:06"), endAt: at("10:05"), early: null, ...held };
const ended: ActivationState = {
  status: "Ended",
  since: at("10:06"),
  closing: { reason: "EndTimeReached", detail: null, by: null },
  ...held,
};

/** What the worker does next; `undefined` = it waits or is through. */
function decide(record: ActivationRecord): Transition | undefined {
  const { id, row, intents, pending, claim } = record;
  const has = (key: string): boolean => pending.some((candidate) => candidate.key === key);
  switch (row?.state.status) {
    case undefined:
      return {
        key: "opened",
        state: awaitingStepUp,
        request: { body: "{}", mac: "m", revision: 1 },
        events: [anEvent("ActivationRequested"), anEvent("ReadyToStart")],
        pending: [aMessage(id, "opened-a"), aMessage(id, "opened-b")],
        done: ["start"],
        listedFor: [claim.person],
      };
    case "AwaitingStepUp":
      if (!has("proof-one")) return undefined;
      return {
        key: "proof-one",
        state: granting,
        verdicts: [
          { key: "stepUp-one", body: "{}", mac: "m" },
          { key: "decision-one", body: "{}", mac: "n" },
        ],
        events: [anEvent("StepUpProven")],
        pending: [aMessage(id, "proof-one")],
        done: ["proof-one"],
      };
    case "Granting":
      if (intents.length > 0 && !has("watch")) throw new Error("an intent that nobody watches");
      return intents.length === 0
        ? {
            key: "intent-1",
            state: granting,
            intent: { body: "{}", mac: "m", attempt: 1 },
            events: [anEvent("GrantIntended")],
            pending: [{ ...aProof(id, "x"), key: "watch", body: { kind: "watch" } }],
          }
        : { key: "granted-1", state: active, events: [anEvent("GrantAttempted"), anEvent("RoleGranted")] };
    case "Active":
      return { key: "ended", state: ended, events: [anEvent("RoleEnded")], done: ["watch"] };
    default:
      return undefined;
  }
}

type Retry = "with what was loaded anew" | "with the record it had";

/**
 * Door, worker and sweeper after each other, from the start; what is done already is left alone. Answers the activation;
 * `sent` gets the keys of the messages that were there to be sent.
 */
async function run(
  store: ActivationStore,
  candidate: ActivationClaim,
  retry: Retry,
  sent: Set<string>,
): Promise<ActivationId> {
  const { claim } = await store.claim(candidate);
  const id = claim.activationId;
  if ((await store.load(id))?.row === undefined) await store.ask(aProof(id, "one"));
  for (;;) {
    const record = await loaded(store, id);
    const transition = decide(record);
    if (!transition) break;
    await apply(store, record, transition, retry);
  }
  const messages = keysOf((await loaded(store, id)).pending);
  for (const key of messages) sent.add(key);
  await store.settle(id, messages);
  const shown = keysOf((await loaded(store, id)).pending);
  const due = (await store.due(at("23:00"))).filter((row) => row.activationId === id);
  await store.settle(
    id,
    keysOf(due).filter((key) => !shown.includes(key)),
  );
  return id;
}

const keysOf = (rows: readonly PendingRow[]): readonly string[] => rows.map(({ key }) => key);

async function apply(
  store: ActivationStore,
  record: ActivationRecord,
  transition: Transition,
  retry: Retry,
): Promise<void> {
  try {
    await store.transition(record, transition);
  } catch (error) {
    if (retry === "with what was loaded anew") throw error;
    goOn();
    await store.transition(record, transition).catch((second: unknown) => {
      // Its own compare-and-set went through before: it has to load again.
      if (!(second instanceof ConflictError)) throw second;
    });
  }
}

async function loaded(store: ActivationStore, id: ActivationId): Promise<ActivationRecord> {
  const record = await store.load(id);
  if (!record) throw new Error("not claimed");
  return record;
}

let service: LocalTables;
const tap = tapRequests();
let tables: Tables;
beforeAll(async () => {
  service = await startTables();
  tables = createTables({ connectionString: service.connectionString }, tap.options);
  await tables.ensureTables();
});
afterAll(() => service.stop());

class Stopped extends Error {}

/** From the request of that number on, nothing gets through any more. */
function stopAt(number: number, moment: "before" | "after"): void {
  const first = tap.sent.length;
  tap.onRequest = async (_request, index, send) => {
    if (index - first < number) return send();
    if (index - first === number && moment === "after") await send();
    throw new Stopped();
  };
}
/** With word of every record, as where events are told. */
const storeOf = (): ActivationStore => createActivationStore(tables, { publishes: true });

const goOn = (): void => void (tap.onRequest = undefined);

/** Everything stored about the activation, without what is different in every run. */
async function rowsOf(id: ActivationId, claim: ActivationClaim): Promise<readonly string[]> {
  const ticket = `servicenow-${claim.ticket.number}`;
  const partitions = await Promise.all([
    tables.claims.partition(ticket),
    ...[tables.activations, tables.pending, tables.audit].map((table) => table.partition(id)),
    all(tables.activations.query(odata`activationId eq ${id}`)),
  ]);
  return partitions.flat().map((row) =>
    JSON.stringify({ ...row, etag: "", timestamp: "", writer: "", hash: "" })
      .replaceAll(id, "<id>")
      .replaceAll(claim.ticket.number, "<ticket>")
      .replaceAll(/(\\"(hash|previous)\\":\\")[0-9a-f]{64}/g, "$1<hash>")
      .replaceAll(/,\\"done\\":\[.*?\]/g, ""),
  );
}

async function chainProblems(id: ActivationId): Promise<readonly string[]> {
  const rows = await tables.audit.partition(id);
  const records = rows.map((row) => JSON.parse(String(row["record"])) as AuditRecord);
  const { row } = await loaded(storeOf(), id);
  const head = records.at(-1);
  return [
    ...records.map((record, index) => recordProblem(record, records[index - 1])),
    row?.chain.hash === head?.hash && row?.chain.sequence === head?.sequence
      ? undefined
      : "the state names another head",
    row?.orphans.length === 0 ? undefined : `orphans: ${row?.orphans.join() ?? "no row"}`,
  ].filter((problem) => problem !== undefined);
}

describe.each<{ moment: "before" | "after"; retry: Retry }>([
  { moment: "before", retry: "with what was loaded anew" },
  { moment: "after", retry: "with what was loaded anew" },
  { moment: "before", retry: "with the record it had" },
  { moment: "after", retry: "with the record it had" },
])("an activation stopped $moment a request and repeated $retry", ({ moment, retry }) => {
  it("ends with the same rows, whichever request it was", async () => {
    const whole = aClaim();
    const begin = tap.sent.length;
    const all = new Set<string>();
    await run(storeOf(), whole, retry, all);
    const requests = tap.sent.length - begin;
    const expected = await rowsOf(whole.activationId, whole);
    expect(requests).toBeGreaterThan(30);
    expect([...all].filter((key) => key.startsWith("send-"))).toEqual([
      "send-opened-a",
      "send-opened-b",
      "send-proof-one",
    ]);
    expect([...all].filter((key) => key.startsWith("publish-"))).toHaveLength(5);
    expect(await chainProblems(whole.activationId)).toEqual([]);

    for (let number = 0; number < requests; number++) {
      const claim = aClaim();
      const sent = new Set<string>();
      stopAt(number, moment);
      await run(storeOf(), claim, retry, sent).catch((error: unknown) => {
        if (!(error instanceof Stopped)) throw error;
      });
      goOn();
      const again = { ...claim, activationId: newActivationId() };
      const id = await run(storeOf(), again, retry, sent);
      expect(await rowsOf(id, claim), `request ${number}`).toEqual(expected);
      expect(await chainProblems(id), `request ${number}`).toEqual([]);
      expect([...sent].toSorted(), `request ${number}`).toEqual([...all].toSorted());
    }
  });
});
