import { z } from "zod";
import type { ControlOperations } from "../../service.ts";
import { controlOperation, Redeliver } from "../control-operation.ts";
import { TICKET_TABLES } from "./columns.ts";
import { GOOD_HABITS, HabitChanges, type Habits } from "./habits.ts";
import type { Instance } from "./instance.ts";
import type { SnowRecord } from "./records.ts";
import { signedHeaders, unixSeconds, WEBHOOK_PATH } from "./webhook.ts";

const Fields = z.record(z.string(), z.string());
const change = { by: z.string().default("eva.marek"), webhook: z.boolean().default(true) };
const CreateTicket = z.strictObject({ table: z.enum(TICKET_TABLES), fields: Fields.default({}), ...change });
const UpdateTicket = z.strictObject({ number: z.string(), fields: Fields, ...change });
const SetSecret = z.strictObject({ webhook: z.string().optional(), client: z.string().optional() });
const SendRaw = z.strictObject({
  body: z.string(),
  headers: Fields.default({}),
  sign: z.boolean().default(false),
  timestamp: z.string().optional(),
});

/** The operations of part `servicenow`; README.md lists them. */
export const servicenowControl = (instance: Instance): ControlOperations => ({
  createTicket: controlOperation(CreateTicket, async ({ table, fields, by, webhook }) => {
    const record = instance.records.insert(table, fields, by);
    if (webhook) await instance.tell(record, "insert");
    return report(instance, record);
  }),
  updateTicket: controlOperation(UpdateTicket, async ({ number, fields, by, webhook }) => {
    const record = instance.find(number);
    const updated = webhook
      ? await instance.change(record, fields, by)
      : instance.records.update(record, fields, by).record;
    return report(instance, updated);
  }),
  ticket: controlOperation(z.strictObject({ number: z.string() }), ({ number }) =>
    report(instance, instance.find(number)),
  ),
  deliveries: () => instance.deliveries.list(),
  redeliver: controlOperation(Redeliver, ({ index, ...repetition }) => instance.deliveries.repeat(index, repetition)),
  habits: controlOperation(HabitChanges, ({ revokeTokens, ...changes }) => {
    if (revokeTokens) instance.tokens.revokeAll();
    instance.habits = { ...instance.habits, ...(changes as Partial<Habits>) };
    return instance.habits;
  }),
  clearHabits: () => {
    instance.habits = GOOD_HABITS;
  },
  setSecret: controlOperation(SetSecret, ({ webhook, client }) => {
    if (webhook !== undefined) instance.webhookSecret = webhook;
    if (client !== undefined) instance.tokens.setClientSecret(client);
  }),
  sendRaw: controlOperation(SendRaw, ({ body, headers, sign, timestamp }) => {
    const signed = sign ? signedHeaders(instance.signing, body, timestamp ?? unixSeconds()) : {};
    return instance.deliveries.sendRaw(WEBHOOK_PATH, body, { ...signed, ...headers });
  }),
});

const report = ({ records }: Instance, record: SnowRecord): unknown => ({
  table: record.table,
  fields: record.fields,
  notes: records.journal(record.sysId).map(({ fields }) => ({
    at: fields["sys_created_on"],
    by: fields["sys_created_by"],
    element: fields["element"],
    text: fields["value"],
  })),
});
