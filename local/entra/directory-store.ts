import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Documents of one kind by id, in the order of their first insertion; read from memory, written through to the file. */
export interface Collection<T> {
  get(id: string): T | undefined;
  all(): Iterable<T>;
  put(id: string, document: T): void;
  readonly size: number;
}

/**
 * One SQLite file that survives a killed process: every `write` is one transaction. A write that throws leaves neither
 * the file nor the memory changed.
 */
export class DirectoryStore {
  readonly #database: DatabaseSync;
  readonly #documents = new Map<string, Map<string, unknown>>();
  /** A document was put since the current transaction began. */
  #changed = false;

  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS documents (
        position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id)
      )`);
    this.#load();
  }

  collection<T>(kind: string): Collection<T> {
    const save = this.#database.prepare(
      "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
    );
    const documents = (): Map<string, T> => this.#kind(kind) as Map<string, T>;
    return {
      get: (id) => documents().get(id),
      all: () => documents().values(),
      put: (id, document) => {
        this.#changed = true;
        save.run(kind, id, JSON.stringify(document));
        documents().set(id, document);
      },
      get size() {
        return documents().size;
      },
    };
  }

  write<T>(change: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    this.#changed = false;
    try {
      const result = change();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      if (this.#hasChanged()) this.#load();
      throw error;
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #hasChanged(): boolean {
    return this.#changed;
  }

  #load(): void {
    this.#documents.clear();
    for (const row of this.#database.prepare("SELECT kind, id, body FROM documents ORDER BY position").iterate())
      this.#kind(String(row["kind"])).set(String(row["id"]), JSON.parse(String(row["body"])) as unknown);
  }

  #kind(kind: string): Map<string, unknown> {
    const known = this.#documents.get(kind);
    if (known) return known;
    const documents = new Map<string, unknown>();
    this.#documents.set(kind, documents);
    return documents;
  }
}
