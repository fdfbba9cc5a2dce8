import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { HistoryEvent, ParentLink } from "./history.ts";

export type RuntimeStatus = "Pending" | "Running" | "Suspended" | "Completed" | "Failed" | "Terminated";

export const TERMINAL: readonly RuntimeStatus[] = ["Completed", "Failed", "Terminated"];

/** One instance as the status query shows it; texts are JSON. */
export interface Instance {
  readonly id: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  readonly input: string | null;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly status: RuntimeStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly parent: ParentLink | undefined;
  readonly keepsStatus: boolean;
}

/** What a start says of an instance. */
export type NewInstance = Pick<Instance, "id" | "name" | "version" | "input" | "parent">;

/** A message on its way to an instance; hidden until `visibleAt`. */
export interface Message {
  readonly id: number;
  readonly instanceId: string;
  /** Messages of an old execution are dropped; `null` reaches whichever execution is current. */
  readonly executionId: string | null;
  readonly event: HistoryEvent;
}

/** An activity to run. */
export interface WorkItem {
  readonly id: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  readonly input: string | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, input TEXT, output TEXT, custom_status TEXT,
    status TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, parent TEXT, keeps_status INTEGER NOT NULL DEFAULT 0,
    history TEXT NOT NULL DEFAULT '[]') WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS instances_by_creation ON instances (created_at);
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, execution_id TEXT, event TEXT NOT NULL, visible_at INTEGER NOT NULL, timer_id INTEGER);
  CREATE INDEX IF NOT EXISTS messages_by_instance ON messages (instance_id, visible_at);
  CREATE INDEX IF NOT EXISTS messages_by_time ON messages (visible_at);
  CREATE TABLE IF NOT EXISTS work (
    id INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, task_id INTEGER NOT NULL, name TEXT NOT NULL,
    input TEXT, visible_at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS work_by_time ON work (visible_at);
  CREATE TABLE IF NOT EXISTS hub (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`;

type Row = Record<string, unknown>;

/** The task hub in one SQLite file: write-ahead log, every commit on disk before anybody hears of it. */
export class Store {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  commits = 0;

  /** @throws Error when another process holds the file */
  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    try {
      this.#db.exec(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0;",
      );
      this.#db.exec("BEGIN EXCLUSIVE; COMMIT;");
    } catch (cause) {
      this.#db.close();
      throw new Error(`the task hub ${file} is in use by another process`, { cause });
    }
    this.#db.exec(SCHEMA);
  }

  close(): void {
    this.setMark("clean", "1");
    this.#db.close();
  }

  /** Runs the changes as one transaction: all or nothing, on disk when it returns. */
  commit<T>(changes: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = changes();
      this.#db.exec("COMMIT");
      this.commits += 1;
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  #run(sql: string, ...values: (string | number | null)[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  #one(sql: string, ...values: (string | number | null)[]): Row | undefined {
    return this.#prepared(sql).get(...values);
  }

  #all(sql: string, ...values: (string | number | null)[]): Row[] {
    return this.#prepared(sql).all(...values);
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  mark(name: string): string | undefined {
    return text(this.#one("SELECT value FROM hub WHERE name = ?", name)?.["value"]) ?? undefined;
  }

  setMark(name: string, value: string): void {
    this.#run("INSERT INTO hub VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);
  }

  instance(id: string): Instance | undefined {
    const row = this.#one("SELECT * FROM instances WHERE id = ?", id);
    return row && instanceOf(row);
  }

  history(id: string): HistoryEvent[] {
    return JSON.parse(
      text(this.#one("SELECT history FROM instances WHERE id = ?", id)?.["history"]) ?? "[]",
    ) as HistoryEvent[];
  }

  save(instance: Instance, history: readonly HistoryEvent[]): void {
    this.#run(
      `INSERT OR REPLACE INTO instances (id, execution_id, name, version, input, output, custom_status, status, created_at, updated_at, parent, keeps_status, history)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      instance.id,
      instance.executionId,
      instance.name,
      instance.version,
      instance.input,
      instance.output,
      instance.customStatus,
      instance.status,
      instance.createdAt,
      instance.updatedAt,
      instance.parent ? JSON.stringify(instance.parent) : null,
      instance.keepsStatus ? 1 : 0,
      JSON.stringify(history),
    );
  }

  purge(id: string): number {
    this.dropMessages(id);
    this.#run("DELETE FROM work WHERE instance_id = ?", id);
    return this.#run("DELETE FROM instances WHERE id = ?", id);
  }

  dropMessages(id: string): void {
    this.#run("DELETE FROM messages WHERE instance_id = ?", id);
  }

  /** Pages by id; `after` is the last id of the page before. */
  list(after: string, prefix: string, limit: number): Instance[] {
    return this.#all(
      "SELECT * FROM instances WHERE id > ? AND id >= ? AND substr(id, 1, length(?)) = ? ORDER BY id LIMIT ?",
      after,
      prefix,
      prefix,
      prefix,
      limit,
    ).map(instanceOf);
  }

  post(message: Omit<Message, "id">, visibleAt: number, timerId: number | null = null): void {
    this.#run(
      "INSERT INTO messages (instance_id, execution_id, event, visible_at, timer_id) VALUES (?, ?, ?, ?, ?)",
      message.instanceId,
      message.executionId,
      JSON.stringify(message.event),
      visibleAt,
      timerId,
    );
  }

  messagesFor(id: string, now: number): Message[] {
    return this.#all(
      "SELECT * FROM messages WHERE instance_id = ? AND visible_at <= ? ORDER BY visible_at, id",
      id,
      now,
    ).map((row) => ({
      id: Number(row["id"]),
      instanceId: id,
      executionId: text(row["execution_id"]),
      event: JSON.parse(text(row["event"]) ?? "null") as HistoryEvent,
    }));
  }

  deleteMessage(id: number): void {
    this.#run("DELETE FROM messages WHERE id = ?", id);
  }

  deleteTimer(instanceId: string, executionId: string, timerId: number): void {
    this.#run(
      "DELETE FROM messages WHERE instance_id = ? AND execution_id = ? AND timer_id = ?",
      instanceId,
      executionId,
      timerId,
    );
  }

  /** Instances with a message that can be delivered now. */
  ready(now: number): string[] {
    return this.#all("SELECT DISTINCT instance_id FROM messages WHERE visible_at <= ?", now).map(
      (row) => text(row["instance_id"]) ?? "",
    );
  }

  addWork(item: Omit<WorkItem, "id">, visibleAt: number): void {
    this.#run(
      "INSERT INTO work (instance_id, execution_id, task_id, name, input, visible_at) VALUES (?, ?, ?, ?, ?, ?)",
      item.instanceId,
      item.executionId,
      item.taskId,
      item.name,
      item.input,
      visibleAt,
    );
  }

  work(now: number, limit: number, except: ReadonlySet<number>): WorkItem[] {
    return this.#all(
      "SELECT * FROM work WHERE visible_at <= ? ORDER BY visible_at, id LIMIT ?",
      now,
      limit + except.size,
    )
      .map(workOf)
      .filter(({ id }) => !except.has(id))
      .slice(0, limit);
  }

  finishWork(id: number): void {
    this.#run("DELETE FROM work WHERE id = ?", id);
  }

  hideWork(id: number, until: number): void {
    this.#run("UPDATE work SET visible_at = ? WHERE id = ?", until, id);
  }

  /** What a killed process may have taken comes back only after the visibility timeout. */
  hideAllWork(until: number): void {
    this.#run("UPDATE work SET visible_at = max(visible_at, ?)", until);
  }

  /** The next moment at which something hidden becomes visible. */
  nextVisible(now: number): number | undefined {
    const row = this.#one(
      "SELECT min(at) AS at FROM (SELECT min(visible_at) AS at FROM messages WHERE visible_at > ?1 UNION ALL SELECT min(visible_at) FROM work WHERE visible_at > ?1)",
      now,
    );
    return typeof row?.["at"] === "number" ? row["at"] : undefined;
  }
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

const instanceOf = (row: Row): Instance => ({
  id: text(row["id"]) ?? "",
  executionId: text(row["execution_id"]) ?? "",
  name: text(row["name"]) ?? "",
  version: text(row["version"]),
  input: text(row["input"]),
  output: text(row["output"]),
  customStatus: text(row["custom_status"]),
  status: text(row["status"]) as RuntimeStatus,
  createdAt: Number(row["created_at"]),
  updatedAt: Number(row["updated_at"]),
  parent: row["parent"] === null ? undefined : (JSON.parse(text(row["parent"]) ?? "null") as ParentLink),
  keepsStatus: row["keeps_status"] === 1,
});

const workOf = (row: Row): WorkItem => ({
  id: Number(row["id"]),
  instanceId: text(row["instance_id"]) ?? "",
  executionId: text(row["execution_id"]) ?? "",
  taskId: Number(row["task_id"]),
  name: text(row["name"]) ?? "",
  input: text(row["input"]),
});
