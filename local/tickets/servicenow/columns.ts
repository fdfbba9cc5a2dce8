/** What a column holds, which decides how it is shown and compared. Raw values are always text. */
export type Column =
  | { readonly kind: "text" | "date" | "boolean" | "journal" }
  | { readonly kind: "choice"; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: "reference"; readonly table: string };

interface TableDefinition {
  readonly label: string;
  /** Numbers of this table begin with it; tables without one have no numbers. */
  readonly prefix?: string;
  readonly columns: Readonly<Record<string, Column>>;
  /** States in which a record no longer counts as active. */
  readonly closedStates?: readonly string[];
}

const text: Column = { kind: "text" };
const date: Column = { kind: "date" };
const boolean: Column = { kind: "boolean" };
const journal: Column = { kind: "journal" };
const choice = (labels: Readonly<Record<string, string>>): Column => ({ kind: "choice", labels });
const reference = (table: string): Column => ({ kind: "reference", table });

const APPROVAL = choice({
  "not requested": "Not Yet Requested",
  requested: "Requested",
  approved: "Approved",
  rejected: "Rejected",
  cancelled: "No Longer Required",
  not_required: "Not Required",
  duplicate: "Duplicate",
});
const PRIORITY = choice({ 1: "1 - Critical", 2: "2 - High", 3: "3 - Moderate", 4: "4 - Low", 5: "5 - Planning" });

const SYSTEM_COLUMNS = {
  sys_id: text,
  sys_class_name: text,
  sys_created_on: date,
  sys_created_by: text,
  sys_updated_on: date,
  sys_updated_by: text,
  sys_mod_count: text,
} satisfies Record<string, Column>;

const TASK_COLUMNS = {
  ...SYSTEM_COLUMNS,
  number: text,
  short_description: text,
  description: text,
  approval: APPROVAL,
  active: boolean,
  priority: PRIORITY,
  assigned_to: reference("sys_user"),
  assignment_group: reference("sys_user_group"),
  opened_by: reference("sys_user"),
  opened_at: date,
  closed_at: date,
  cmdb_ci: reference("cmdb_ci"),
  business_service: reference("cmdb_ci"),
  work_notes: journal,
  comments: journal,
} satisfies Record<string, Column>;

/** What this customer added to its forms: the role, for how long, and where. */
const ACCESS_COLUMNS = { u_role: text, u_duration: text, u_scope: text } satisfies Record<string, Column>;

const WORK_STATES = {
  "-5": "Pending",
  1: "Open",
  2: "Work in Progress",
  3: "Closed Complete",
  4: "Closed Incomplete",
  7: "Closed Skipped",
};

const workTable = (label: string, prefix: string, more: Readonly<Record<string, Column>>): TableDefinition => ({
  label,
  prefix,
  closedStates: ["3", "4", "7"],
  columns: { ...TASK_COLUMNS, state: choice(WORK_STATES), ...more },
});

/** Every table that exists here, with its columns. Another name is answered with "Invalid table". */
export const TABLES: Readonly<Record<string, TableDefinition>> = {
  change_request: {
    label: "Change",
    prefix: "CHG",
    closedStates: ["3", "4"],
    columns: {
      ...TASK_COLUMNS,
      ...ACCESS_COLUMNS,
      state: choice({
        "-5": "New",
        "-4": "Assess",
        "-3": "Authorize",
        "-2": "Scheduled",
        "-1": "Implement",
        0: "Review",
        3: "Closed",
        4: "Canceled",
      }),
      type: choice({ normal: "Normal", standard: "Standard", emergency: "Emergency" }),
      requested_by: reference("sys_user"),
      start_date: date,
      end_date: date,
      work_start: date,
      work_end: date,
      on_hold: boolean,
      conflict_status: text,
    },
  },
  incident: {
    label: "Incident",
    prefix: "INC",
    closedStates: ["7", "8"],
    columns: {
      ...TASK_COLUMNS,
      ...ACCESS_COLUMNS,
      state: choice({ 1: "New", 2: "In Progress", 3: "On Hold", 6: "Resolved", 7: "Closed", 8: "Canceled" }),
      caller_id: reference("sys_user"),
    },
  },
  sc_req_item: workTable("Requested Item", "RITM", { requested_for: reference("sys_user") }),
  sc_task: workTable("Catalog Task", "SCTASK", { request_item: reference("sc_req_item") }),
  change_task: workTable("Change Task", "CTASK", { change_request: reference("change_request") }),
  problem: {
    label: "Problem",
    prefix: "PRB",
    closedStates: ["107"],
    columns: {
      ...TASK_COLUMNS,
      state: choice({
        101: "New",
        102: "Assess",
        103: "Root Cause Analysis",
        104: "Fix in Progress",
        106: "Resolved",
        107: "Closed",
      }),
    },
  },
  sys_user: {
    label: "User",
    columns: { ...SYSTEM_COLUMNS, user_name: text, name: text, email: text, employee_number: text, active: boolean },
  },
  sys_user_group: { label: "Group", columns: { ...SYSTEM_COLUMNS, name: text } },
  cmdb_ci: { label: "Configuration Item", columns: { ...SYSTEM_COLUMNS, name: text } },
  sys_journal_field: {
    label: "Journal Entry",
    columns: {
      sys_id: text,
      sys_created_on: date,
      sys_created_by: text,
      name: text,
      element: text,
      element_id: text,
      value: text,
    },
  },
};

/** Tables of tickets, in the order in which the pages show them. */
export const TICKET_TABLES: readonly string[] = Object.keys(TABLES).filter((name) => TABLES[name]?.prefix);

/** The column at the end of a path, through references: `assigned_to.user_name`. */
export function columnAt(table: string, path: string): Column | undefined {
  const [name = "", ...rest] = path.split(".");
  const columns = TABLES[table]?.columns;
  const column = columns && Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (rest.length === 0 || column === undefined) return column;
  return column.kind === "reference" ? columnAt(column.table, rest.join(".")) : undefined;
}
