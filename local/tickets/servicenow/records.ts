import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { columnAt, TABLES, TICKET_TABLES } from "./columns.ts";
import { rawDate } from "./dates.ts";

export interface SnowRecord {
  readonly table: string;
  readonly sysId: string;
  /** Raw values; a column without a value is absent. */
  readonly fields: Readonly<Record<string, string>>;
}

type Row = Record<string, unknown>;

/** All records of the instance, journal entries among them. */
export class Records {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  isEmpty(): boolean {
    return this.#database.prepare("SELECT 1 FROM snow_records LIMIT 1").get() === undefined;
  }

  /** In the order of their creation. */
  all(table: string): readonly SnowRecord[] {
    return this.#database
      .prepare("SELECT * FROM snow_records WHERE table_name = ? ORDER BY sequence")
      .all(table)
      .map(recordOf);
  }

  bySysId(sysId: string): SnowRecord | undefined {
    const row = this.#database.prepare("SELECT * FROM snow_records WHERE sys_id = ?").get(sysId);
    return row && recordOf(row);
  }

  byNumber(number: string): SnowRecord | undefined {
    const table = TICKET_TABLES.find((name) => number.startsWith(TABLES[name]?.prefix ?? "-"));
    return table === undefined ? undefined : this.all(table).find((record) => record.fields["number"] === number);
  }

  /** Creates a record; values that name no column are ignored, as the product does. */
  insert(table: string, given: Readonly<Record<string, string>>, by: string): SnowRecord {
    const now = rawDate(Date.now());
    const sysId = given["sys_id"] ?? randomUUID().replaceAll("-", "");
    const own = this.#storable(table, given);
    const number = own["number"] ?? this.#nextNumber(table);
    const fields: Record<string, string> = {
      sys_created_on: now,
      sys_created_by: by,
      ...(table === "sys_journal_field"
        ? {}
        : { sys_class_name: table, sys_updated_on: now, sys_updated_by: by, sys_mod_count: "0" }),
      ...(TABLES[table]?.prefix ? { opened_at: now, active: "true", number: number ?? "" } : {}),
      ...own,
      sys_id: sysId,
    };
    const record = { table, sysId, fields: closedOrOpen(table, fields, own) };
    this.#database
      .prepare("INSERT INTO snow_records (sys_id, table_name, fields) VALUES (?, ?, ?)")
      .run(sysId, table, JSON.stringify(record.fields));
    this.#appendJournals(record, given, by);
    return record;
  }

  /** Changes a record and answers it with the columns whose values really changed; journal text is appended. */
  update(
    record: SnowRecord,
    given: Readonly<Record<string, string>>,
    by: string,
  ): { readonly record: SnowRecord; readonly changed: readonly string[] } {
    const own = this.#storable(record.table, given);
    const changed = Object.keys(own).filter((name) => own[name] !== (record.fields[name] ?? ""));
    const noted = this.#appendJournals(record, given, by);
    if (changed.length === 0 && !noted) return { record, changed };
    const fields = {
      ...record.fields,
      ...own,
      sys_updated_on: rawDate(Date.now()),
      sys_updated_by: by,
      sys_mod_count: String(Number(record.fields["sys_mod_count"] ?? "0") + 1),
    };
    const updated = { ...record, fields: closedOrOpen(record.table, fields, own) };
    this.#database
      .prepare("UPDATE snow_records SET fields = ? WHERE sys_id = ?")
      .run(JSON.stringify(updated.fields), record.sysId);
    return { record: updated, changed };
  }

  /** Entries of one journal column, or of all, newest first. */
  journal(sysId: string, element?: string): readonly SnowRecord[] {
    return this.all("sys_journal_field")
      .filter(({ fields }) => fields["element_id"] === sysId && (!element || fields["element"] === element))
      .toReversed();
  }

  #appendJournals(record: SnowRecord, given: Readonly<Record<string, string>>, by: string): boolean {
    const entries = Object.entries(given).filter(
      ([name, value]) => value !== "" && columnAt(record.table, name)?.kind === "journal",
    );
    for (const [element, value] of entries)
      this.insert("sys_journal_field", { name: record.table, element, element_id: record.sysId, value }, by);
    return entries.length > 0;
  }

  /** Only columns that exist and are no journals; references by user name or name become ids, instants raw dates. */
  #storable(table: string, given: Readonly<Record<string, string>>): Record<string, string> {
    const stored: Record<string, string> = {};
    for (const [name, value] of Object.entries(given)) {
      const column = name.includes(".") ? undefined : columnAt(table, name);
      if (!column || column.kind === "journal") continue;
      if (column.kind === "reference") stored[name] = this.#referenced(column.table, value);
      else if (column.kind === "date" && value.includes("T")) stored[name] = rawDate(value);
      else stored[name] = value;
    }
    return stored;
  }

  #referenced(table: string, value: string): string {
    const named = this.all(table).find(
      ({ fields }) => value !== "" && [fields["user_name"], fields["name"], fields["number"]].includes(value),
    );
    return named?.sysId ?? value;
  }

  #nextNumber(table: string): string | undefined {
    const prefix = TABLES[table]?.prefix;
    if (!prefix) return undefined;
    const used = this.all(table).map(({ fields }) => Number((fields["number"] ?? "").slice(prefix.length)) || 0);
    return prefix + String(Math.max(30_000, ...used) + 1).padStart(7, "0");
  }
}

/** Keeps `active` and `closed_at` in step with the state unless they were given. */
function closedOrOpen(
  table: string,
  fields: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  if (given["state"] === undefined || given["active"] !== undefined) return { ...fields };
  const closed = TABLES[table]?.closedStates?.includes(given["state"]) ?? false;
  return { ...fields, active: String(!closed), closed_at: closed ? rawDate(Date.now()) : "" };
}

const recordOf = (row: Row): SnowRecord => ({
  table: String(row["table_name"]),
  sysId: String(row["sys_id"]),
  fields: JSON.parse(String(row["fields"])) as Record<string, string>,
});
