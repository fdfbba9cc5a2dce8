import type { Context } from "hono";
import { csrf } from "hono/csrf";
import { html } from "hono/html";
import type { LocalApp } from "../../http/server.ts";
import { labelled, page, selectBox, textField, type Fragment } from "../page.ts";
import { columnAt, TABLES, TICKET_TABLES } from "./columns.ts";
import type { Instance } from "./instance.ts";
import type { RecordView } from "./record-view.ts";
import type { Records, SnowRecord } from "./records.ts";

/** What a person may change on the page of a ticket. */
const EDITABLE = [
  "short_description",
  "state",
  "approval",
  "assigned_to",
  "start_date",
  "end_date",
  "u_role",
  "u_duration",
  "u_scope",
  "on_hold",
] as const;

/** Pages to play with: the tickets, one ticket, and forms that change them as somebody. */
export function mountPages(app: LocalApp, instance: Instance): void {
  app.use("/tickets/*", csrf());
  app.get("/", (c) => page(c, "ServiceNow (simulated)", listOf(instance)));
  app.post("/tickets/new", async (c) => {
    const { table, by, fields } = await formOf(c);
    if (!TICKET_TABLES.includes(table)) return page(c, "No such table", html``, 400);
    const record = instance.records.insert(table, fields, by);
    void instance.tell(record, "insert");
    return c.redirect(`/tickets/${record.fields["number"] ?? ""}`, 303);
  });
  app.get("/tickets/:number", (c) => {
    const record = instance.records.byNumber(c.req.param("number"));
    if (!record) return page(c, "No such ticket", html`<p><a href="/">All tickets</a></p>`, 404);
    return page(c, record.fields["number"] ?? "", ticketOf(record, instance));
  });
  app.post("/tickets/:number", async (c) => {
    const record = instance.records.byNumber(c.req.param("number"));
    if (!record) return page(c, "No such ticket", html`<p><a href="/">All tickets</a></p>`, 404);
    const { by, fields } = await formOf(c);
    void instance.change(record, fields, by);
    return c.redirect(`/tickets/${record.fields["number"] ?? ""}`, 303);
  });
}

async function formOf(c: Context): Promise<{ table: string; by: string; fields: Record<string, string> }> {
  const form = new URLSearchParams(await c.req.text());
  const names = [...EDITABLE, "work_notes"].filter((name) => form.has(name));
  return {
    table: form.get("table") ?? "",
    by: form.get("by") ?? "system",
    fields: Object.fromEntries(names.map((name) => [name, form.get(name) ?? ""])),
  };
}

function listOf({ records, view }: Instance): Fragment {
  const rows = TICKET_TABLES.flatMap((table) => records.all(table)).map((record) => {
    const shown = (name: string): string => shownValue(record, name, view);
    return html`<tr>
      <td><a href="/tickets/${shown("number")}">${shown("number")}</a></td>
      <td>${shown("short_description")}</td>
      <td>${shown("state")}</td>
      <td>${shown("approval")}</td>
      <td>${shown("assigned_to")}</td>
      <td>${shown("u_role")} ${shown("u_duration")}</td>
    </tr>`;
  });
  const tables = Object.fromEntries(TICKET_TABLES.map((name) => [name, TABLES[name]?.label ?? name]));
  return html`<table>
      <tr>
        <th>Number</th>
        <th>Short description</th>
        <th>State</th>
        <th>Approval</th>
        <th>Assigned to</th>
        <th>Asks for</th>
      </tr>
      ${rows}
    </table>
    <h2>New ticket</h2>
    <form method="post" action="/tickets/new">
      ${labelled("table", "Table", selectBox("table", tables, "incident"))}
      ${labelled("short_description", "Short description", textField("short_description", ""))}
      ${labelled("assigned_to", "Assigned to", selectBox("assigned_to", people(records), undefined))}
      ${labelled("u_role", "Role", textField("u_role", ""))}
      ${labelled("u_duration", "Duration", textField("u_duration", "PT1H"))}
      ${labelled("by", "Opened by", selectBox("by", userNames(records), "eva.marek"))}
      <button>Create</button>
    </form>`;
}

function ticketOf(record: SnowRecord, instance: Instance): Fragment {
  const columns = Object.entries(TABLES[record.table]?.columns ?? {}).filter(([, { kind }]) => kind !== "journal");
  const notes = instance.records.journal(record.sysId);
  return html`<p><a href="/">All tickets</a> · ${TABLES[record.table]?.label ?? ""}</p>
    <table>
      ${columns
        .filter(([name]) => (record.fields[name] ?? "") !== "")
        .map(
          ([name]) =>
            html`<tr>
              <th>${name}</th>
              <td>
                ${shownValue(record, name, instance.view)} <small>${rawIfOther(record, name, instance.view)}</small>
              </td>
            </tr>`,
        )}
    </table>
    <h2>Notes</h2>
    ${notes.map(
      ({ fields }) =>
        html`<p><small>${fields["sys_created_on"]} UTC, ${fields["sys_created_by"]}, ${fields["element"]}</small></p>
          <pre>${fields["value"]}</pre>`,
    )}
    <h2>Change it</h2>
    <form method="post">
      ${EDITABLE.filter((name) => columnAt(record.table, name)).map((name) =>
        labelled(name, name, inputFor(record, name, instance.records)),
      )}
      ${labelled("work_notes", "work_notes", html`<textarea name="work_notes" id="work_notes"></textarea>`)}
      ${labelled("by", "Changed by", selectBox("by", userNames(instance.records), "eva.marek"))}
      <button>Save</button>
    </form>`;
}

function inputFor(record: SnowRecord, name: string, records: Records): Fragment {
  const column = columnAt(record.table, name);
  const value = record.fields[name] ?? "";
  if (column?.kind === "choice") return selectBox(name, column.labels, value);
  if (column?.kind === "boolean") return selectBox(name, { false: "false", true: "true" }, value || "false");
  return column?.kind === "reference" ? selectBox(name, people(records), value) : textField(name, value);
}

const rawIfOther = (record: SnowRecord, name: string, view: RecordView): string => {
  const raw = record.fields[name] ?? "";
  return raw === shownValue(record, name, view) ? "" : raw;
};

const shownValue = (record: SnowRecord, name: string, view: RecordView): string => {
  const column = columnAt(record.table, name);
  return column ? view.display(record, name, column) : "";
};

const people = (records: Records): Record<string, string> => ({
  "": "(nobody)",
  ...Object.fromEntries(records.all("sys_user").map(({ sysId, fields }) => [sysId, fields["name"] ?? sysId])),
});

const userNames = (records: Records): Record<string, string> =>
  Object.fromEntries(records.all("sys_user").map(({ fields }) => [fields["user_name"] ?? "", fields["name"] ?? ""]));
