import { columnAt, TABLES, type Column } from "./columns.ts";
import { displayDate } from "./dates.ts";
import type { Records, SnowRecord } from "./records.ts";

/** How a caller wants records written: the `sysparm_` parameters of the same names. */
export interface ViewOptions {
  readonly displayValue: "false" | "true" | "all";
  readonly excludeReferenceLink: boolean;
  /** `undefined`: every column. */
  readonly fields: readonly string[] | undefined;
}

/** Reads values through references and writes records as the Table API does. */
export class RecordView {
  readonly #records: Records;
  readonly #address: string;
  readonly #isHidden: (table: string, column: string) => boolean;

  constructor(records: Records, address: string, isHidden: (table: string, column: string) => boolean) {
    this.#records = records;
    this.#address = address;
    this.#isHidden = isHidden;
  }

  /** The raw value at a path; empty where a reference on the way is empty or the column does not exist. */
  valueAt(record: SnowRecord, path: string): string {
    const [name = "", ...rest] = path.split(".");
    const value = record.fields[name] ?? "";
    if (rest.length === 0) return value;
    const next = this.#records.bySysId(value);
    return next ? this.valueAt(next, rest.join(".")) : "";
  }

  /** Columns that do not exist or that an ACL hides are left out without a word. */
  write(record: SnowRecord, options: ViewOptions): Record<string, unknown> {
    const written: Record<string, unknown> = {};
    for (const path of options.fields ?? Object.keys(TABLES[record.table]?.columns ?? {})) {
      const column = columnAt(record.table, path);
      if (column && !this.#hiddenAt(record.table, path)) written[path] = this.#cell(record, path, column, options);
    }
    return written;
  }

  /** As a person sees it: labels, names, local time, the whole journal. */
  display(record: SnowRecord, path: string, column: Column): string {
    if (column.kind === "journal") return this.#journalText(record, path);
    const raw = this.valueAt(record, path);
    switch (column.kind) {
      case "choice":
        return column.labels[raw] ?? raw;
      case "date":
        return displayDate(raw);
      case "reference": {
        const target = this.#records.bySysId(raw);
        return target?.fields["name"] ?? target?.fields["number"] ?? raw;
      }
      case "text":
      case "boolean":
        return raw;
    }
  }

  #cell(record: SnowRecord, path: string, column: Column, options: ViewOptions): unknown {
    const value = column.kind === "journal" ? "" : this.valueAt(record, path);
    const link =
      column.kind === "reference" && value !== "" && !options.excludeReferenceLink
        ? { link: `${this.#address}/api/now/table/${column.table}/${value}` }
        : undefined;
    const display = options.displayValue === "false" ? "" : this.display(record, path, column);
    if (options.displayValue === "all") return { display_value: display, value, ...link };
    if (options.displayValue === "true") return link ? { display_value: display, ...link } : display;
    return link ? { ...link, value } : value;
  }

  #journalText(record: SnowRecord, element: string): string {
    const label = element === "work_notes" ? "Work notes" : "Additional comments";
    return this.#records
      .journal(record.sysId, element)
      .map(({ fields }) => {
        const at = displayDate(fields["sys_created_on"] ?? "");
        return `${at} - ${fields["sys_created_by"] ?? ""} (${label})\n${fields["value"] ?? ""}\n\n`;
      })
      .join("");
  }

  #hiddenAt(table: string, path: string): boolean {
    const [name = "", ...rest] = path.split(".");
    if (this.#isHidden(table, name)) return true;
    const column = columnAt(table, name);
    return rest.length > 0 && column?.kind === "reference" && this.#hiddenAt(column.table, rest.join("."));
  }
}
