import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS snow_records (
    sequence INTEGER PRIMARY KEY, sys_id TEXT NOT NULL UNIQUE, table_name TEXT NOT NULL, fields TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS snow_records_table ON snow_records (table_name);
  CREATE TABLE IF NOT EXISTS snow_tokens (token TEXT PRIMARY KEY, expires_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS jira_issues (id INTEGER PRIMARY KEY, issue TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS jira_keys (key TEXT PRIMARY KEY, issue_id INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS jira_comments (id INTEGER PRIMARY KEY, issue_id INTEGER NOT NULL, comment TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS deliveries (
    sequence INTEGER PRIMARY KEY, system TEXT NOT NULL, delivery TEXT NOT NULL, next_attempt_at INTEGER);
`;

/** Opens `<data>/tickets.sqlite`, where both ticket systems keep everything that a killed process must find again. */
export function openTicketDatabase(dataDirectory: string): DatabaseSync {
  mkdirSync(dataDirectory, { recursive: true });
  const database = new DatabaseSync(join(dataDirectory, "tickets.sqlite"), { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec(SCHEMA);
  return database;
}
