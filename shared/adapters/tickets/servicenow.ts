import type { z } from "zod";
import { servicenowNotes, servicenowRows, servicenowToken } from "../../contracts/servicenow.ts";
import type { TicketSystemPolicy } from "../../domain/policy.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { msOf, parseInstant, type Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { TicketAccount, TicketSystem } from "../../ports/ticket-system.ts";
import { callJson, type JsonAnswer, type JsonRequest } from "./json-http.ts";

const SYSTEM = "ServiceNow";
const TOKEN_MARGIN_MS = 60_000;
const LONGEST_NAME = 200;

/** Tables by the prefix of the number; all extend `task`. */
const TABLES: readonly (readonly [prefix: string, table: string])[] = [
  ["CHG", "change_request"],
  ["INC", "incident"],
  ["RITM", "sc_req_item"],
  ["SCTASK", "sc_task"],
  ["CTASK", "change_task"],
  ["PRB", "problem"],
];

/** ServiceNow's Table API with OAuth client credentials. @see https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html */
export function createServiceNow(options: {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: () => string;
  readonly policy: TicketSystemPolicy;
  readonly clock: Clock;
}): TicketSystem & TicketAccount {
  const { url, policy } = options;
  const call = authorized(options);
  const fields = policy.fields;
  return {
    /** A token proves the credentials only: one row of every table in use proves the right to read. */
    async signedInAs() {
      for (const table of Object.keys(policy.types)) {
        const answer = await call(
          `${url}/api/now/table/${encodeURIComponent(table)}?sysparm_fields=sys_id&sysparm_limit=1`,
        );
        if (answer.status !== 200) throw unexpected(answer);
      }
      return undefined;
    },
    async fetch({ number }) {
      const table = tableOf(number);
      if (!table || !new RegExp(`^(?:${policy.numberPattern})$`).test(number)) return undefined;
      const query = new URLSearchParams({
        sysparm_query: `number=${number}`,
        sysparm_fields: [
          "sys_id,number,state,approval,active,on_hold,short_description,assigned_to,assignment_group,opened_by",
          ...Object.values(fields),
        ].join(),
        sysparm_display_value: "all",
        sysparm_exclude_reference_link: "true",
        sysparm_limit: "2",
      });
      const answer = await call(`${url}/api/now/table/${table}?${query.toString()}`);
      if (answer.status === 404) return undefined;
      const rows = servicenowRows.safeParse(answer.body);
      if (answer.status !== 200 || !rows.success) throw unexpected(answer);
      const [row, ...others] = rows.data.result;
      // An invalid condition is dropped silently and every row answers: only the one that was asked for counts.
      return row?.["number"]?.value === number && others.length === 0 ? ticketOf(row, table, policy) : undefined;
    },
    async note({ number, id }, { marker, text }) {
      const table = tableOf(number);
      if (!table || !/^[0-9a-f]{32}$/.test(id)) return;
      const record = `${url}/api/now/table/${table}/${id}`;
      const known = await call(`${record}?sysparm_fields=work_notes&sysparm_display_value=true`);
      const notes = servicenowNotes.safeParse(known.body);
      if (notes.success && notes.data.result.work_notes?.includes(marker)) return;
      const written = await call(record, { method: "PATCH", json: { work_notes: `${text} [${marker}]` } });
      if (written.status >= 300) throw unexpected(written);
    },
  };
}

const tableOf = (number: string): string | undefined =>
  TABLES.find(([prefix]) => new RegExp(`^${prefix}\\d`).test(number))?.[1];

/** Calls with a token; a token that was refused is fetched anew once. */
function authorized({ url, clientId, clientSecret, clock }: Parameters<typeof createServiceNow>[0]) {
  let token: { readonly text: string; readonly until: number } | undefined;
  const fresh = async (): Promise<string> => {
    const answer = await callJson(SYSTEM, `${url}/oauth_token.do`, {
      method: "POST",
      form: { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret() },
    });
    const parsed = servicenowToken.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success)
      throw new DependencyError("Misconfigured", `${SYSTEM} refuses our credentials`);
    token = {
      text: parsed.data.access_token,
      until: msOf(clock.now()) + parsed.data.expires_in * 1_000 - TOKEN_MARGIN_MS,
    };
    return token.text;
  };
  const once = (target: string, request: JsonRequest, text: string): Promise<JsonAnswer> =>
    callJson(SYSTEM, target, { ...request, headers: { authorization: `Bearer ${text}` } });
  return async (target: string, request: JsonRequest = {}): Promise<JsonAnswer> => {
    const known = token && token.until > msOf(clock.now()) ? token.text : await fresh();
    const answer = await once(target, request, known);
    return answer.status === 401 ? once(target, request, await fresh()) : answer;
  };
}

function unexpected({ status }: JsonAnswer): DependencyError {
  return new DependencyError(
    status === 401 || status === 403 ? "Misconfigured" : "Rejected",
    `${SYSTEM}: unexpected answer ${status}`,
  );
}

const APPROVALS: Readonly<Record<string, Ticket["approval"]>> = {
  approved: "approved",
  rejected: "rejected",
  cancelled: "rejected",
  requested: "pending",
  "not requested": "pending",
  not_required: "notRequired",
};

function ticketOf(
  row: z.output<typeof servicenowRows>["result"][number],
  table: string,
  policy: TicketSystemPolicy,
): Ticket | undefined {
  const { fields, types } = policy;
  const text = (name: string | undefined): string | undefined => (name !== undefined && row[name]?.value) || undefined;
  const shown = (name: string | undefined): string | undefined =>
    (name !== undefined && row[name]?.shown?.slice(0, LONGEST_NAME)) || undefined;
  const id = text("sys_id");
  if (id === undefined) return undefined;
  const state = text("state") ?? "";
  const startsAt = utc(text(fields.windowStart));
  const endsAt = utc(text(fields.windowEnd));
  const isOpen = types[table]?.openStates.includes(state) === true && text("active") === "true";
  return {
    system: "servicenow",
    number: text("number") ?? "",
    id,
    type: table,
    summary: text("short_description") ?? "",
    configurationItem: text(fields.configurationItem),
    status: types[table]?.cancelledStates.includes(state) ? "cancelled" : isOpen ? "open" : "closed",
    onHold: text("on_hold") === "true",
    approval: APPROVALS[text("approval") ?? ""] ?? "unknown",
    window: startsAt !== undefined && endsAt !== undefined ? { startsAt, endsAt } : undefined,
    assignee: text("assigned_to"),
    assignmentGroup: text("assignment_group"),
    creator: text("opened_by"),
    names: { configurationItem: shown(fields.configurationItem), assignmentGroup: shown("assignment_group") },
    asks: { role: text(fields.role), duration: text(fields.duration), scope: text(fields.scope) },
  };
}

/** Raw dates are UTC, `yyyy-MM-dd HH:mm:ss`. */
const utc = (text: string | undefined): Instant | undefined =>
  text === undefined ? undefined : parseInstant(`${text.replace(" ", "T")}Z`);
