import { DatabaseSync } from "node:sqlite";

const held = new Set<DatabaseSync>(); // a database that nobody refers to would be closed, and its lock lost

/**
 * Holds a file for this process alone. The operating system lets go of it when the process ends, however it ends.
 * Waits up to `waitMs` for a predecessor that is about to end; `undefined` = somebody else holds it.
 */
export function holdLock(file: string, waitMs: number): { release: () => void } | undefined {
  const database = new DatabaseSync(file, { timeout: waitMs });
  try {
    database.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
  } catch {
    database.close();
    return undefined;
  }
  held.add(database);
  return {
    release: () => {
      held.delete(database);
      database.close();
    },
  };
}
