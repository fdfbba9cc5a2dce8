import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createActivationStore } from "../../shared/adapters/tables/activation-store.ts";
import { createTables, type Tables } from "../../shared/adapters/tables/tables.ts";
import type { ActivationClaim } from "../../shared/domain/activation.ts";
import { ConflictError, type ActivationRecord, type ActivationStore } from "../../shared/ports/activation-store.ts";
import {
  aClaim,
  aMessage,
  anEvent,
  aProof,
  at,
  awaitingStepUp,
  cancelled,
  newActivationId,
  personKey,
  asStored,
} from "../support/activation-rows.ts";
import { startTables, type LocalTables } from "../support/azurite.ts";
import { tapRequests } from "../support/table-requests.ts";

let service: LocalTables;
let tables: Tables;
let store: ActivationStore;
const tap = tapRequests();

beforeAll(async () => {
  service = await startTables();
  tables = createTables({ connectionString: service.connectionString }, tap.options);
  await tables.ensureTables();
  await tables.ensureTables();
  store = createActivationStore(tables);
});
afterAll(() => service.stop());

async function loaded(claim: ActivationClaim): Promise<ActivationRecord> {
  const record = await store.load(claim.activationId);
  if (!record) throw new Error("not claimed");
  return record;
}

async function claimed(): Promise<ActivationRecord> {
  const { claim } = await store.claim(aClaim());
  return loaded(claim);
}

async function requestsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
  const before = tap.sent.length;
  await run();
  return tap.sent.slice(before).toSorted();
}

describe("claim", () => {
  it("lets the first win and answers everybody else with the winner's claim", async () => {
    const first = aClaim();
    const second = { ...first, activationId: newActivationId(), claimedAt: at("09:05") };
    expect(await store.claim(first)).toEqual({ won: true, claim: first });
    expect(await store.claim(second)).toEqual({ won: false, claim: first });
    expect(await store.load(second.activationId)).toBeUndefined();
  });

  it("has one winner among 200 at once, and one start row", async () => {
    const claim = aClaim();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => store.claim({ ...claim, activationId: newActivationId() })),
    );
    const winner = answers.find(({ won }) => won)?.claim;
    expect(answers.filter(({ won }) => won)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.claim.activationId))).toEqual(new Set([winner?.activationId]));
    expect(await store.claimsOf(claim.ticket)).toEqual([winner]);
    expect(winner && (await loaded(winner)).pending.map(({ key }) => key)).toEqual(["start"]);
  });

  it("keeps another use, person, account, role or ticket apart", async () => {
    const claim = aClaim();
    const others: Partial<ActivationClaim>[] = [
      { use: 2 },
      { person: personKey("ada-l") },
      { ticket: { system: "jira", number: claim.ticket.number } },
    ];
    expect((await store.claim(claim)).won).toBe(true);
    for (const other of others)
      expect((await store.claim({ ...claim, ...other, activationId: newActivationId() })).won).toBe(true);
    expect((await store.claimsOf(claim.ticket)).map(({ use }) => use).toSorted()).toEqual([1, 1, 2]);
  });

  it("costs three requests for the winner and three for a loser", async () => {
    const claim = aClaim();
    expect(await requestsOf(() => store.claim(claim))).toEqual(["POST activations", "POST claims", "POST pending"]);
    expect(await requestsOf(() => store.claim({ ...claim, activationId: newActivationId() }))).toEqual([
      "GET activations",
      "GET claims",
      "POST claims",
    ]);
  });
});

describe("load", () => {
  it("answers undefined for an activation that nobody claimed", async () => {
    expect(await store.load(newActivationId())).toBeUndefined();
  });

  it("outlines who asked and where it stands with one request, however much is stored", async () => {
    const record = await store.transition(await claimed(), {
      key: "opened",
      state: awaitingStepUp,
      events: [anEvent("ActivationRequested")],
    });
    const sent = await requestsOf(async () =>
      expect(await store.outline(record.id)).toMatchObject({ claim: record.claim, row: { state: record.row?.state } }),
    );
    expect(sent).toHaveLength(1);
    expect(await store.outline(newActivationId())).toBeUndefined();
  });

  it("costs two requests", async () => {
    const { id } = await claimed();
    expect(await requestsOf(() => store.load(id))).toEqual(["GET activations", "GET pending"]);
  });

  it("answers the claim and its start row before the worker wrote anything", async () => {
    const claim = aClaim();
    await store.claim(claim);
    expect(await store.load(claim.activationId)).toEqual({
      id: claim.activationId,
      claim,
      row: undefined,
      requests: [],
      intents: [],
      verdicts: [],
      pending: [
        {
          activationId: claim.activationId,
          key: "start",
          createdAt: claim.claimedAt,
          dueAt: "2026-11-24T09:00:30.000Z",
          body: { kind: "start", ticket: claim.ticket },
        },
      ],
    });
  });
});

describe("transition", () => {
  it("answers what load answers afterwards", async () => {
    const record = await claimed();
    const opened = await store.transition(record, {
      key: "opened",
      state: awaitingStepUp,
      request: { body: '{"revision":1}', mac: "m1", revision: 1 },
      events: [anEvent("ActivationRequested"), anEvent("ReadyToStart")],
      pending: [aMessage(record.id, "opened-b"), aMessage(record.id, "opened-a")],
      done: ["start"],
      listedFor: [record.claim.person],
    });
    expect(asStored(opened)).toEqual(await loaded(record.claim));
    expect(opened.pending.map(({ key }) => key)).toEqual(["send-opened-a", "send-opened-b"]);
    const granted = await store.transition(opened, {
      key: "intent-1",
      state: awaitingStepUp,
      intent: { body: '{"attempt":1}', mac: "m2", attempt: 1 },
      verdicts: [
        { key: "stepUp-n1", body: "{}", mac: "m3" },
        { key: "stepUp-n2", body: "{ }", mac: "m4" },
      ],
      events: [anEvent("GrantIntended")],
    });
    expect(asStored(granted)).toEqual(await loaded(record.claim));
    expect(granted.row?.chain.sequence).toBe(3);
  });

  it("reads revisions and attempts in the order of their numbers", async () => {
    let record = await claimed();
    for (let number = 1; number <= 11; number++)
      record = await store.transition(record, {
        key: `revision-${number}`,
        state: awaitingStepUp,
        request: { body: `{"revision":${number}}`, mac: "m", revision: number },
        events: [],
      });
    expect((await loaded(record.claim)).requests.at(-1)?.body).toBe('{"revision":11}');
    expect(await loaded(record.claim)).toEqual(asStored(record));
  });

  it("costs four requests with a message, an event and something done", async () => {
    const record = await claimed();
    const requests = await requestsOf(() =>
      store.transition(record, {
        key: "opened",
        state: awaitingStepUp,
        request: { body: "{}", mac: "m", revision: 1 },
        events: [anEvent("ActivationRequested"), anEvent("ReadyToStart")],
        pending: [aMessage(record.id, "a"), aMessage(record.id, "b")],
        done: ["start"],
      }),
    );
    expect(requests).toEqual(["BATCH activations", "BATCH audit", "BATCH pending", "DELETE pending"]);
  });

  it("lets one of two at once through and tells the other, every time", async () => {
    let record = await claimed();
    for (let round = 1; round <= 15; round++) {
      const current = record;
      const answers = await Promise.allSettled(
        ["stop-a", "stop-b"].map((name) =>
          store.transition(current, {
            key: `${name}-${round}`,
            state: awaitingStepUp,
            request: { body: name, mac: "m", revision: round },
            events: [anEvent("EndRequested"), anEvent("TicketChanged")],
          }),
        ),
      );
      const [failed, ...others] = answers.filter((answer) => answer.status === "rejected");
      expect(others).toEqual([]);
      expect(failed?.reason).toBeInstanceOf(ConflictError);
      record = await loaded(record.claim);
      expect(record.requests).toHaveLength(round);
    }
  });

  it("keeps many activations apart that change at once", async () => {
    const records = await Promise.all(Array.from({ length: 30 }, claimed));
    const opened = await Promise.all(
      records.map((record) =>
        store.transition(record, {
          key: "opened",
          state: awaitingStepUp,
          request: { body: record.id, mac: "m", revision: 1 },
          events: [anEvent("ActivationRequested"), anEvent("ReadyToStart")],
          pending: [aMessage(record.id, "a"), aMessage(record.id, "b")],
          done: ["start"],
        }),
      ),
    );
    expect(await Promise.all(records.map(({ claim }) => loaded(claim)))).toEqual(opened.map(asStored));
  });

  it("never changes a final state, and writes nothing", async () => {
    const record = await claimed();
    const ended = await store.transition(record, { key: "closed", state: cancelled, events: [] });
    const requests = await requestsOf(() =>
      expect(
        store.transition(ended, { key: "again", state: awaitingStepUp, events: [anEvent("EndRequested")] }),
      ).rejects.toThrow("is Cancelled"),
    );
    expect(requests).toEqual([]);
  });

  it("refuses a key of other characters before it writes", async () => {
    const record = await claimed();
    const bad = [{ key: "a/b" }, { key: "ok", pending: [aProof(record.id, "#")] }];
    for (const parts of bad) {
      const transition = { state: awaitingStepUp, events: [anEvent("EndRequested")], ...parts };
      expect(await requestsOf(() => expect(store.transition(record, transition)).rejects.toThrow(RangeError))).toEqual(
        [],
      );
    }
    expect(await loaded(record.claim)).toEqual(record);
  });
});

describe("pending rows", () => {
  it("takes an ask once", async () => {
    const { id } = await claimed();
    expect(await store.ask(aProof(id, "one"))).toBe(true);
    expect(await store.ask(aProof(id, "one", { body: { kind: "proof", sealed: "another" } }))).toBe(false);
    expect((await store.load(id))?.pending.find(({ key }) => key === "proof-one")).toEqual(aProof(id, "one"));
  });

  it("finds everything that is due with one request, and nothing else", async () => {
    const { id } = await claimed();
    const later = aProof(id, "later", { dueAt: at("23:00") });
    await Promise.all([store.ask(aProof(id, "due")), store.ask(later)]);
    const requests = await requestsOf(async () => {
      const due = (await store.due(at("09:02"))).filter(({ activationId }) => activationId === id);
      expect(due.map(({ key }) => key)).toEqual(["proof-due", "start"]);
    });
    expect(requests).toEqual(["GET pending"]);
  });

  it("finds the watched ones", async () => {
    const { id } = await claimed();
    const watch = aProof(id, "x", { key: "watch", dueAt: at("12:00"), body: { kind: "watch" } });
    await store.ask(watch);
    expect(await store.watched()).toEqual([watch]);
    await store.settle(id, ["watch"]);
    expect(await store.watched()).toEqual([]);
  });

  it("postpones a row, but brings back none that was settled", async () => {
    const { id } = await claimed();
    const message = aMessage(id, "a");
    await store.ask(message);
    const later = { ...message, dueAt: at("10:00") };
    await store.postpone(later);
    expect((await store.load(id))?.pending.at(0)).toEqual(later);
    await store.settle(id, ["send-a"]);
    await store.postpone(later);
    expect((await store.load(id))?.pending.map(({ key }) => key)).toEqual(["start"]);
  });

  it("answers what waits for an id that is no activation", async () => {
    const id = newActivationId();
    await store.ask(aProof(id, "a"));
    await store.ask(aProof(newActivationId(), "b"));
    expect(await store.waiting(id)).toEqual([aProof(id, "a")]);
    expect(await store.load(id)).toBeUndefined();
  });

  it("settles what is there even when some of it is gone, and may do so twice", async () => {
    const { id } = await claimed();
    await Promise.all([store.ask(aProof(id, "a")), store.ask(aProof(id, "b"))]);
    await store.settle(id, ["proof-a", "gone", "proof-b"]);
    await store.settle(id, ["proof-a", "gone", "proof-b"]);
    await store.settle(id, []);
    expect((await store.load(id))?.pending.map(({ key }) => key)).toEqual(["start"]);
  });

  it("keeps awkward text and texts longer than one property holds", async () => {
    const { id } = await claimed();
    const sealed = `PUT http://x {"a":"'\u2028\r\n--changeset_"} \u{1F600}`.repeat(2_000);
    const rows = ["a", "b"].map((name) => aProof(id, name, { body: { kind: "proof", sealed } }));
    await store.transition(await loaded((await store.load(id))?.claim ?? aClaim()), {
      key: "opened",
      state: awaitingStepUp,
      events: [],
      pending: rows,
    });
    expect((await store.load(id))?.pending.slice(0, 2)).toEqual(rows);
  });

  it("does not see rows that nobody can read, and goes on with the others", async () => {
    const { id } = await claimed();
    const due = { partitionKey: id, kind: "watch", dueAt: at("08:00") };
    await tables.pending.put([
      { ...due, rowKey: "planted-1", json: "{" },
      { ...due, rowKey: "planted-2", json: "null" },
      { ...due, rowKey: "planted-3", json: '{"createdAt":"x","dueAt":"y"}' },
      { ...due, rowKey: "planted-4" },
    ]);
    await tables.pending.put([{ ...due, partitionKey: "nobody", rowKey: "planted" }]);
    await tables.activations.put([{ partitionKey: id, rowKey: "verdict-planted", json: "[" }]);
    expect((await store.due(at("09:01"))).filter((row) => row.activationId === id).map(({ key }) => key)).toEqual([
      "start",
    ]);
    expect(await store.watched()).toEqual([]);
    expect(await store.load(id)).toMatchObject({ pending: [{ key: "start" }], verdicts: [{ body: "", mac: "" }] });
  });

  it("refuses a text that one row cannot hold", async () => {
    const { id } = await claimed();
    const row = aProof(id, "big", { body: { kind: "proof", sealed: "x".repeat(500_000) } });
    await expect(store.ask(row)).rejects.toThrow("a row holds 448000");
  });
});

describe("openFor", () => {
  it("names what is not finished yet, whatever the name, with one request", async () => {
    const names = ["grace.h", "creator of jira: /?#"];
    const opened = async (): Promise<ActivationRecord> =>
      store.transition(await claimed(), { key: "opened", state: awaitingStepUp, events: [], countedFor: names });
    const [first, second] = [await opened(), await opened()];
    const again = await store.transition(first, { key: "again", state: awaitingStepUp, events: [] });
    for (const name of names)
      expect([...(await store.openFor(name))].toSorted()).toEqual([first.id, second.id].toSorted());
    await store.transition(again, { key: "ended", state: cancelled, events: [] });
    for (const name of names) expect(await store.openFor(name)).toEqual([second.id]);
    expect(await requestsOf(() => store.openFor("nobody"))).toEqual(["GET activations"]);
  });
});

describe("listFor", () => {
  it("answers a person's activations, newest first, once each", async () => {
    const person = personKey("grace.h");
    const ids = [];
    for (const hour of ["09:00", "11:00", "10:00"]) {
      const { claim } = await store.claim(aClaim({ person, claimedAt: at(hour) }));
      ids.push(claim.activationId);
      let record = await loaded(claim);
      for (const key of ["opened", "again"])
        record = await store.transition(record, { key, state: awaitingStepUp, events: [], listedFor: [person] });
    }
    const [nine, eleven, ten] = ids;
    expect(await store.listFor(person, 10)).toEqual([eleven, ten, nine]);
    expect(await store.listFor(person, 2)).toEqual([eleven, ten]);
    expect(await store.listFor(personKey("grace-h"), 10)).toEqual([]);
  });
});

describe("newestFor", () => {
  it("answers the activations of many persons, newest first over all of them, once each", async () => {
    const persons = Array.from({ length: 45 }, (_, n) => personKey(`many.${n}`));
    const [first, second, third] = [personKey("many.0"), personKey("many.22"), personKey("many.44")];
    const asked = [
      [first, "09:00", [first]],
      [second, "11:00", [second, third]],
      [third, "10:00", [third, first, second]],
    ] as const;
    const ids = [];
    for (const [person, hour, listedFor] of asked) {
      const { claim } = await store.claim(aClaim({ person, claimedAt: at(hour) }));
      ids.push(claim.activationId);
      await store.transition(await loaded(claim), {
        key: "opened",
        state: awaitingStepUp,
        events: [],
        listedFor,
      });
    }
    const [nine, eleven, ten] = ids;
    expect(await store.newestFor(persons, 10)).toEqual([eleven, ten, nine]);
    expect(await store.newestFor(persons, 2)).toEqual([eleven, ten]);
    expect(await store.newestFor(persons.slice(0, 1), 10)).toEqual([ten, nine]);
    expect(await store.newestFor([], 10)).toEqual([]);
  });
});
