import type { SQLInputValue } from "node:sqlite";
import type { Database } from "./database.ts";
import type { SchedulerState } from "./entity-scheduler.ts";
import type { HistoryEvent, ParentRef } from "./history.ts";
import type { Message, OutgoingMessage } from "./messages.ts";

export type RuntimeStatus = "Pending" | "Running" | "Suspended" | "Completed" | "Failed" | "Terminated";

export interface Instance {
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly status: RuntimeStatus;
  readonly input: string | null;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly parent: ParentRef | null;
  /** How often a client has started this id anew; null for children and after continueAsNew. */
  readonly generation: number | null;
  /** Why the instance no longer runs though it has not ended; see README. */
  readonly parked: string | null;
}

export interface WorkItem {
  readonly id: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  readonly input: string | null;
  readonly faults: number;
  readonly visibleAt: number;
}

export type NewWorkItem = Omit<WorkItem, "id" | "faults" | "visibleAt">;

interface InstanceRow extends Omit<Instance, "parent"> {
  readonly parent: string | null;
}

export const isTerminal = (status: RuntimeStatus): boolean =>
  status === "Completed" || status === "Failed" || status === "Terminated";

const INSTANCE = `instance_id AS instanceId, execution_id AS executionId, name, status, input, output,
  custom_status AS customStatus, created_at AS createdAt, updated_at AS updatedAt, parent, generation, parked`;
const WORK_ITEM = `id, instance_id AS instanceId, execution_id AS executionId, task_id AS taskId, name, input, faults,
  visible_at AS visibleAt`;
const NEVER = Number.MAX_SAFE_INTEGER;

/** The tables of a task hub. Every query here goes through an index: ten waiting instances or ten thousand. */
export class Store {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  instance(instanceId: string): Instance | undefined {
    const row = this.#db.get<InstanceRow>(`SELECT ${INSTANCE} FROM instances WHERE instance_id = ?`, instanceId);
    return row && fromRow(row);
  }

  /** Instances by id, from `from` on. */
  instances(prefix: string, from: string, limit: number): Instance[] {
    const rows = this.#db.all<InstanceRow>(
      `SELECT ${INSTANCE} FROM instances WHERE instance_id >= ? AND instance_id >= ? AND instance_id < ?
       ORDER BY instance_id LIMIT ?`,
      prefix,
      from,
      `${prefix}\u{10ffff}`,
      limit,
    );
    return rows.map(fromRow);
  }

  putInstance(instance: Omit<Instance, "parked">): void {
    this.#db.run(
      `INSERT OR REPLACE INTO instances (instance_id, execution_id, name, status, input, output, custom_status,
         created_at, updated_at, parent, generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      instance.instanceId,
      instance.executionId,
      instance.name,
      instance.status,
      instance.input,
      instance.output,
      instance.customStatus,
      instance.createdAt,
      instance.updatedAt,
      instance.parent && JSON.stringify(instance.parent),
      instance.generation,
    );
  }

  deleteInstance(instanceId: string): void {
    this.#db.run("DELETE FROM instances WHERE instance_id = ?", instanceId);
    this.#db.run("DELETE FROM history WHERE instance_id = ?", instanceId);
    this.#db.run("DELETE FROM messages WHERE instance_id = ?", instanceId);
  }

  history(instanceId: string): HistoryEvent[] {
    const rows = this.#db.all<{ event: string }>(
      "SELECT event FROM history WHERE instance_id = ? ORDER BY position",
      instanceId,
    );
    return rows.map(({ event }) => JSON.parse(event) as HistoryEvent);
  }

  /** Replaces the history from `position` on. */
  writeHistory(instanceId: string, position: number, events: readonly HistoryEvent[]): void {
    this.#db.run("DELETE FROM history WHERE instance_id = ? AND position >= ?", instanceId, position);
    events.forEach((event, index) => {
      this.#db.run("INSERT INTO history VALUES (?, ?, ?)", instanceId, position + index, JSON.stringify(event));
    });
  }

  send(message: OutgoingMessage): void {
    this.#db.run(
      "INSERT INTO messages (instance_id, execution_id, due_at, visible_at, event) VALUES (?, ?, ?, ?, ?)",
      message.instanceId,
      message.executionId,
      message.visibleAt,
      message.visibleAt,
      JSON.stringify(message.event),
    );
  }

  /** What is visible for an instance, in the order in which it became due. */
  visibleMessages(instanceId: string, now: number): Message[] {
    const rows = this.#db.all<{ id: number; executionId: string | null; event: string }>(
      `SELECT id, execution_id AS executionId, event FROM messages WHERE instance_id = ? AND visible_at <= ?
       ORDER BY due_at, id`,
      instanceId,
      now,
    );
    return rows.map((row) => ({ ...row, event: JSON.parse(row.event) as HistoryEvent }));
  }

  /** Hides messages until `visibleAt`: a lease, or a pause after a fault. */
  hideMessages(messages: readonly Message[], visibleAt: number): void {
    for (const { id } of messages) this.#db.run("UPDATE messages SET visible_at = ? WHERE id = ?", visibleAt, id);
  }

  deleteMessages(messages: readonly Message[]): void {
    for (const { id } of messages) this.#db.run("DELETE FROM messages WHERE id = ?", id);
  }

  /** Timers and late completions of an execution that has ended. */
  deleteMessagesOf(instanceId: string, executionId: string): void {
    this.#db.run("DELETE FROM messages WHERE instance_id = ? AND execution_id = ?", instanceId, executionId);
  }

  /** Instances with a message that became visible from `from` to `to`. */
  instancesDue(from: number, to: number): string[] {
    const rows = this.#db.all<{ instanceId: string }>(
      `SELECT DISTINCT instance_id AS instanceId FROM messages INDEXED BY messages_by_time
       WHERE visible_at >= ? AND visible_at <= ?`,
      from,
      to,
    );
    return rows.map(({ instanceId }) => instanceId);
  }

  /** Answers its id. */
  addWorkItem(item: NewWorkItem, visibleAt: number): number {
    const row = this.#db.get<{ id: number }>(
      "INSERT INTO work_items (instance_id, execution_id, task_id, name, input, visible_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
      item.instanceId,
      item.executionId,
      item.taskId,
      item.name,
      item.input,
      visibleAt,
    );
    return row?.id ?? 0;
  }

  workItem(id: number): WorkItem | undefined {
    return this.#db.get<WorkItem>(`SELECT ${WORK_ITEM} FROM work_items WHERE id = ?`, id);
  }

  workItemsDue(from: number, to: number): number[] {
    const rows = this.#db.all<{ id: number }>(
      "SELECT id FROM work_items WHERE visible_at >= ? AND visible_at <= ? ORDER BY visible_at, id",
      from,
      to,
    );
    return rows.map(({ id }) => id);
  }

  hideWorkItem(id: number, visibleAt: number): void {
    this.#db.run("UPDATE work_items SET visible_at = ? WHERE id = ?", visibleAt, id);
  }

  deleteWorkItem(id: number): void {
    this.#db.run("DELETE FROM work_items WHERE id = ?", id);
  }

  /** Counts one more fault of an instance; a commit of the instance sets it back. */
  countInstanceFault(instanceId: string): number {
    this.#db.run("UPDATE instances SET faults = faults + 1 WHERE instance_id = ?", instanceId);
    const row = this.#db.get<{ faults: number }>("SELECT faults FROM instances WHERE instance_id = ?", instanceId);
    return row?.faults ?? 1;
  }

  countWorkItemFault(id: number): number {
    this.#db.run("UPDATE work_items SET faults = faults + 1 WHERE id = ?", id);
    return this.workItem(id)?.faults ?? 1;
  }

  parkInstance(instanceId: string, messages: readonly Message[], reason: string): void {
    this.#db.run("UPDATE instances SET parked = ? WHERE instance_id = ?", reason, instanceId);
    this.hideMessages(messages, NEVER);
  }

  parkWorkItem(id: number, reason: string): void {
    this.#db.run("UPDATE work_items SET parked = ?, visible_at = ? WHERE id = ?", reason, NEVER, id);
  }

  /** Makes parked work visible again. */
  unpark(instanceId: string, now: number): void {
    this.#db.run("UPDATE instances SET parked = NULL, faults = 0 WHERE instance_id = ?", instanceId);
    const again = [now, instanceId, NEVER] as const satisfies readonly SQLInputValue[];
    this.#db.run("UPDATE messages SET visible_at = ? WHERE instance_id = ? AND visible_at = ?", ...again);
    this.#db.run(
      `UPDATE work_items SET visible_at = ?, parked = NULL, faults = 0 WHERE instance_id = ? AND visible_at = ?`,
      ...again,
    );
  }

  /** When the next hidden message or work item becomes visible. */
  nextVisibleAt(): number | undefined {
    const row = this.#db.get<{ at: number | null }>(
      `SELECT min(coalesce((SELECT min(visible_at) FROM messages), ${NEVER}),
                  coalesce((SELECT min(visible_at) FROM work_items), ${NEVER})) AS at`,
    );
    return row?.at === NEVER ? undefined : (row?.at ?? undefined);
  }

  entityState(entityId: string): { state: string | null; operatedAt: number } | undefined {
    return this.#db.get("SELECT state, operated_at AS operatedAt FROM entities WHERE entity_id = ?", entityId);
  }

  putEntity(entityId: string, state: string | null, operatedAt: number): void {
    this.#db.run("INSERT OR REPLACE INTO entities VALUES (?, ?, ?)", entityId, state, operatedAt);
  }

  deleteEntity(entityId: string): void {
    this.#db.run("DELETE FROM entities WHERE entity_id = ?", entityId);
  }

  /** The queue and lock of an entity; also one that does not exist has them. */
  scheduler(entityId: string): SchedulerState {
    const row = this.#db.get<{ scheduler: string }>(
      "SELECT scheduler FROM entity_schedulers WHERE entity_id = ?",
      entityId,
    );
    return row ? (JSON.parse(row.scheduler) as SchedulerState) : { sorter: {} };
  }

  putScheduler(entityId: string, scheduler: SchedulerState | undefined): void {
    if (scheduler) {
      this.#db.run("INSERT OR REPLACE INTO entity_schedulers VALUES (?, ?)", entityId, JSON.stringify(scheduler));
    } else {
      this.#db.run("DELETE FROM entity_schedulers WHERE entity_id = ?", entityId);
    }
  }

  entities(prefix: string): { entityId: string; state: string | null; operatedAt: number }[] {
    return this.#db.all(
      `SELECT entity_id AS entityId, state, operated_at AS operatedAt FROM entities
       WHERE entity_id >= ? AND entity_id < ? ORDER BY entity_id`,
      prefix,
      `${prefix}\u{10ffff}`,
    );
  }
}

const fromRow = (row: InstanceRow): Instance => ({
  ...row,
  parent: row.parent === null ? null : (JSON.parse(row.parent) as ParentRef),
});
