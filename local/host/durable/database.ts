import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS instances (
  instance_id TEXT PRIMARY KEY,
  execution_id TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  input TEXT,
  output TEXT,
  custom_status TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  parent TEXT,
  generation INTEGER,
  faults INTEGER NOT NULL DEFAULT 0,
  parked TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
  instance_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (instance_id, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id TEXT NOT NULL,
  execution_id TEXT,
  due_at INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,
  event TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_of_instance ON messages (instance_id, visible_at);
CREATE INDEX IF NOT EXISTS messages_by_time ON messages (visible_at);
CREATE TABLE IF NOT EXISTS work_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  task_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  input TEXT,
  visible_at INTEGER NOT NULL,
  faults INTEGER NOT NULL DEFAULT 0,
  parked TEXT
);
CREATE INDEX IF NOT EXISTS work_items_by_time ON work_items (visible_at);
CREATE TABLE IF NOT EXISTS entities (
  entity_id TEXT PRIMARY KEY,
  state TEXT,
  operated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entity_schedulers (
  entity_id TEXT PRIMARY KEY,
  scheduler TEXT NOT NULL
) WITHOUT ROWID;
`;

/**
 * The file of a task hub. A commit is on the disk before `transaction` answers; `note` only survives the end of the
 * process, which is enough for leases.
 */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #counts: Record<string, number> = {};

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    try {
      this.#db.exec(
        "PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000;",
      );
      this.#db.exec("PRAGMA synchronous = FULL; BEGIN IMMEDIATE;");
      this.#db.exec(SCHEMA);
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.close();
      if (isBusy(error)) throw new Error(`another process uses the task hub in ${file}`, { cause: error });
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  /** How many transactions of each kind were committed. */
  get counts(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  transaction<T>(kind: string, work: () => T): T {
    this.run("BEGIN IMMEDIATE");
    let result: T;
    try {
      result = work();
      this.run("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    return result;
  }

  /** A change that needs no place on the disk yet: the next transaction takes it there. */
  note(work: () => void): void {
    this.#db.exec("PRAGMA synchronous = NORMAL");
    try {
      work();
    } finally {
      this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  all<Row>(sql: string, ...values: readonly SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the row of its query
  get<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined;
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

const isBusy = (error: unknown): boolean => error instanceof Error && /database is locked|busy/i.test(error.message);
