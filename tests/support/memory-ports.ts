import { chainRecord } from "../../shared/crypto/audit-chain.ts";
import { isFinal, type ActivationClaim } from "../../shared/domain/activation.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import type { Assignment } from "../../shared/domain/directory.ts";
import type { ActivationId, PersonKey } from "../../shared/domain/ids.ts";
import type { Instant } from "../../shared/domain/time.ts";
import {
  ConflictError,
  type ActivationRecord,
  type ActivationStore,
  type PendingRow,
  type SealedRow,
} from "../../shared/ports/activation-store.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Checkpoints } from "../../shared/ports/checkpoints.ts";
import type { Controls, Deliveries, Freeze, Holders } from "../../shared/ports/controls.ts";
import type { OpenFinding } from "../../shared/domain/finding.ts";
import type { AcceptedPolicies } from "../../shared/ports/policy-acceptance.ts";
import type { Findings } from "../../shared/ports/findings.ts";
import { takeWrites } from "../../shared/domain/write-pace.ts";
import type { WritePace } from "../../shared/ports/write-pace.ts";
import { MemoryChanges } from "./memory-changes.ts";

/** The tables in memory, with the same promises; for tests of the process, not of the adapter. */
export class MemoryTables {
  readonly claims = new Map<string, ActivationClaim>();
  readonly records = new Map<string, ActivationRecord>();
  readonly chains = new Map<string, AuditRecord[]>();
  readonly lists = new Map<string, Set<ActivationId>>();
  readonly open = new Map<string, Set<ActivationId>>();
  readonly holdersRows = new Map<string, ActivationId>();
  /** When each came. */
  readonly deliveryRows = new Map<string, Instant>();
  readonly checkpointRows: Checkpoint[] = [];
  readonly grants: Instant[] = [];
  readonly blocks = new Map<string, Instant>();
  freezeRow: Freeze | undefined;
  /** Seals that lifted a freeze, in order. */
  readonly lifts: SealedRow[] = [];
  /** Pending rows that belong to no activation: sign-ins that are to lift a freeze. */
  readonly changes = new MemoryChanges();
  readonly acceptedRows = new Map<string, SealedRow>();
  readonly accepted: AcceptedPolicies = {
    list: async () => [...this.acceptedRows.values()],
    accept: async (hash, row) => void this.acceptedRows.set(hash, row),
  };
  readonly openFindings = new Map<string, OpenFinding>();
  readonly findings: Findings = {
    open: async () => [...this.openFindings.values()],
    put: async (some) => some.forEach((one) => this.openFindings.set(one.id, one)),
    remove: async (ids) => ids.forEach((id) => this.openFindings.delete(id)),
  };
  paceUsedUntil: Instant | undefined;
  readonly pace: WritePace = {
    take: async (wanted, at) => {
      const taken = takeWrites(this.paceUsedUntil, wanted, at);
      this.paceUsedUntil = taken.usedUntil;
      return taken;
    },
  };
  readonly others = new Map<string, PendingRow>();
  readonly resumeRows = new Map<string, SealedRow>();
  #etag = 0;

  readonly store: ActivationStore = {
    claim: async (candidate) => {
      const { ticket, principalId, roleDefinitionId, directoryScopeId, use } = candidate;
      const key = [ticket.system, ticket.number, principalId, roleDefinitionId, directoryScopeId, use].join();
      const known = this.claims.get(key);
      if (known && this.records.has(known.activationId)) return { won: false, claim: known };
      const claim = known ?? candidate;
      this.claims.set(key, claim);
      const { activationId, claimedAt } = claim;
      const start: PendingRow = {
        activationId,
        key: "start",
        createdAt: claimedAt,
        dueAt: claimedAt,
        body: { kind: "start", ticket },
      };
      this.records.set(activationId, {
        id: activationId,
        claim,
        row: undefined,
        requests: [],
        intents: [],
        verdicts: [],
        pending: [start],
      });
      return { won: !known, claim };
    },
    claimsOf: async ({ system, number }) =>
      [...this.claims.values()].filter(({ ticket }) => ticket.system === system && ticket.number === number),
    load: async (id) => this.records.get(id),
    outline: async (id) => this.records.get(id),
    transition: async (record, change) => {
      const stored = this.records.get(record.id);
      if (!stored) throw new Error("no such activation");
      if (stored.row && isFinal(stored.row.state)) throw new Error("final");
      if (stored.row?.etag !== record.row?.etag) throw new ConflictError("state changed");
      const chain = this.chains.get(record.id) ?? [];
      change.events.forEach((event, index) =>
        chain.push(
          chainRecord(record.id, index === 0 ? change.key : `${change.key}-${index + 1}`, event, chain.at(-1)),
        ),
      );
      this.chains.set(record.id, chain);
      const added = change.pending ?? [];
      const removed = new Set([...(change.done ?? []), ...added.map(({ key }) => key)]);
      const head = chain.at(-1);
      const next: ActivationRecord = {
        ...stored,
        row: {
          state: change.state,
          etag: String((this.#etag += 1)),
          chain: { sequence: head?.sequence ?? 0, hash: head?.hash ?? "" },
          orphans: [],
        },
        requests: change.request
          ? [...stored.requests, { body: change.request.body, mac: change.request.mac }]
          : stored.requests,
        intents: change.intent
          ? [...stored.intents, { body: change.intent.body, mac: change.intent.mac }]
          : stored.intents,
        verdicts: [...stored.verdicts, ...(change.verdicts ?? []).map(({ body, mac }) => ({ body, mac }))],
        pending: [
          ...stored.pending.filter(({ key }) => !removed.has(key)),
          ...added.filter(({ key }) => !change.done?.includes(key)),
        ],
      };
      this.records.set(record.id, next);
      for (const name of change.countedFor ?? [])
        this.open.set(name, (this.open.get(name) ?? new Set()).add(record.id));
      if (isFinal(change.state)) for (const ids of this.open.values()) ids.delete(record.id);
      for (const person of change.listedFor ?? []) this.#list(person).add(record.id);
      return next;
    },
    ask: async (row) => {
      const record = this.records.get(row.activationId);
      if (!record) {
        const key = `${row.activationId} ${row.key}`;
        if (this.others.has(key)) return false;
        this.others.set(key, row);
        return true;
      }
      if (record.pending.some(({ key }) => key === row.key)) return false;
      this.records.set(row.activationId, { ...record, pending: [...record.pending, row] });
      return true;
    },
    postpone: async (row) => {
      const key = `${row.activationId} ${row.key}`;
      if (this.others.has(key)) this.others.set(key, row);
      this.#editPending(row.activationId, (rows) => rows.map((one) => (one.key === row.key ? row : one)));
    },
    settle: async (id, keys) => {
      for (const key of keys) this.others.delete(`${id} ${key}`);
      this.#editPending(id, (rows) => rows.filter(({ key }) => !keys.includes(key)));
    },
    waiting: async (id) => this.#pending().filter(({ activationId }) => activationId === id),
    due: async (at) => this.#pending().filter(({ dueAt }) => dueAt <= at),
    watched: async () => this.#pending().filter(({ body }) => body.kind === "watch"),
    openFor: async (name) => [...(this.open.get(name) ?? [])],
    listFor: async (person, limit) => [...this.#list(person)].toReversed().slice(0, limit),
    newestFor: async (persons, limit) =>
      [...new Set(persons.flatMap((person) => [...this.#list(person)]))]
        .toSorted((a, b) => this.#claimedAt(b).localeCompare(this.#claimedAt(a)))
        .slice(0, limit),
  };

  readonly audit: AuditLog = {
    append: async (subject, key, event) => {
      const chain = this.chains.get(subject) ?? [];
      const known = chain.find((record) => record.key === key);
      if (known) return known;
      const record = chainRecord(subject, key, event, chain.at(-1));
      this.chains.set(subject, [...chain, record]);
      return record;
    },
    read: (range) => readAll([...this.chains.values()].flat(), range.subject),
    chain: (subject, after, to) =>
      each((this.chains.get(subject) ?? []).filter(({ sequence }) => sequence > after && sequence <= to)),
    heads: () =>
      each(
        [...this.chains.values()].flatMap((chain) =>
          chain.slice(-1).map(({ subject, sequence, hash }) => ({ subject, sequence, hash })),
        ),
      ),
  };

  readonly checkpoints: Checkpoints = {
    append: async (checkpoint) => {
      if (this.checkpointRows.some(({ sequence }) => sequence === checkpoint.sequence)) return false;
      this.checkpointRows.push(checkpoint);
      return true;
    },
    read: (after) => each(this.checkpointRows.filter(({ sequence }) => sequence > after)),
  };

  readonly controls: Controls = {
    freeze: async () => this.freezeRow,
    shown: async () => this.freezeRow && { freeze: this.freezeRow, saidToBeLifted: false },
    standing: async () => ({ freeze: this.freezeRow, resumedAt: liftedAt(this.lifts.at(-1)) }),
    startFreeze: async (freeze) => (this.freezeRow ??= freeze),
    liftFreeze: async (_id, seal) => {
      this.lifts.push(seal);
      this.freezeRow = undefined;
    },
    keepResumeVerdict: async (id, key, { body, mac }) => void this.resumeRows.set(`${id} ${key}`, { body, mac }),
    resumeVerdicts: async (id) =>
      [...this.resumeRows].filter(([key]) => key.startsWith(`${id} `)).map(([, row]) => row),
    grantsSince: async (at) => this.grants.filter((granted) => granted >= at).length,
    recordGrant: async (_id, _attempt, at) => void this.grants.push(at),
    block: async (person, until) => void this.blocks.set(person, until),
    isBlocked: async (person, at) => (this.blocks.get(person) ?? "") > at,
  };

  readonly holders: Holders = {
    take: async (assignment, id) => {
      const key = tripleKey(assignment);
      if (!this.holdersRows.has(key)) this.holdersRows.set(key, id);
      return this.holdersRows.get(key) ?? id;
    },
    holder: async (assignment) => this.holdersRows.get(tripleKey(assignment)),
    release: async (assignment, id) => {
      if (this.holdersRows.get(tripleKey(assignment)) === id) this.holdersRows.delete(tripleKey(assignment));
    },
  };

  readonly deliveries: Deliveries = {
    first: async (source, id, at) => {
      const key = `${source} ${id}`;
      if (this.deliveryRows.has(key)) return false;
      this.deliveryRows.set(key, at);
      return true;
    },
    seen: async (source, id) => this.deliveryRows.has(`${source} ${id}`),
    forget: async (source, before, most) => {
      const old = [...this.deliveryRows]
        .filter(([key, at]) => key.startsWith(`${source} `) && at < before)
        .slice(0, most);
      for (const [key] of old) this.deliveryRows.delete(key);
      return old.length;
    },
  };

  #pending(): readonly PendingRow[] {
    return [...[...this.records.values()].flatMap(({ pending }) => pending), ...this.others.values()];
  }

  #list(person: PersonKey): Set<ActivationId> {
    const list = this.lists.get(person) ?? new Set();
    this.lists.set(person, list);
    return list;
  }

  #claimedAt(id: ActivationId): Instant {
    return this.records.get(id)?.claim.claimedAt ?? "";
  }

  #editPending(id: ActivationId, edit: (rows: readonly PendingRow[]) => readonly PendingRow[]): void {
    const record = this.records.get(id);
    if (record) this.records.set(id, { ...record, pending: edit(record.pending) });
  }
}

const liftedAt = (seal: SealedRow | undefined): Instant | undefined =>
  seal && seal.body !== "" ? (JSON.parse(seal.body) as { readonly at: Instant }).at : undefined;

const tripleKey = ({ principalId, roleDefinitionId, directoryScopeId }: Assignment): string =>
  [principalId, roleDefinitionId, directoryScopeId].join();

async function* readAll(records: readonly AuditRecord[], subject: string | undefined): AsyncIterable<AuditRecord> {
  for (const record of records) if (subject === undefined || record.subject === subject) yield record;
}

async function* each<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}
