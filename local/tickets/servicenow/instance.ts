import type { StackSettings } from "../../service.ts";
import { openTicketDatabase } from "../database.ts";
import { Deliveries } from "../deliveries.ts";
import { columnAt } from "./columns.ts";
import { GOOD_HABITS, type Habits } from "./habits.ts";
import { Records, type SnowRecord } from "./records.ts";
import { RecordView } from "./record-view.ts";
import { seedServicenow } from "./seed.ts";
import { Tokens } from "./tokens.ts";
import { servicenowDelivery, webhookEvent, type Signing } from "./webhook.ts";

/** The state of the instance, and the site's business rule that tells the app about changes. */
export class Instance {
  readonly records: Records;
  readonly view: RecordView;
  readonly tokens: Tokens;
  readonly deliveries: Deliveries;
  readonly close: () => void;
  habits: Habits = GOOD_HABITS;
  webhookSecret: string;

  constructor({ dataDirectory, addresses, secrets }: StackSettings) {
    const database = openTicketDatabase(dataDirectory);
    this.close = () => database.close();
    this.webhookSecret = secrets.servicenowWebhookSecret;
    this.records = new Records(database);
    if (this.records.isEmpty()) seedServicenow(this.records);
    this.tokens = new Tokens(database, secrets.servicenowClientSecret);
    this.view = new RecordView(this.records, addresses.servicenow, (table, column) =>
      [column, `${table}.${column}`].some((name) => this.habits.hiddenFields.includes(name)),
    );
    this.deliveries = new Deliveries(
      database,
      "servicenow",
      addresses.app,
      servicenowDelivery(() => this.signing),
    );
  }

  get signing(): Signing {
    return { secret: this.webhookSecret, digest: this.habits.webhookDigest };
  }

  /** @throws when there is no such ticket */
  find(number: string): SnowRecord {
    const record = this.records.byNumber(number);
    if (!record) throw new Error(`no ticket ${number}`);
    return record;
  }

  tell(record: SnowRecord, operation: "insert" | "update"): Promise<void> {
    return this.deliveries.send(webhookEvent(record, operation));
  }

  /** Changes a record as somebody; the rule runs after a change of a field, and after a note if the site wants it. */
  async change(record: SnowRecord, fields: Readonly<Record<string, string>>, by: string): Promise<SnowRecord> {
    const { record: updated, changed } = this.records.update(record, fields, by);
    const noted = Object.keys(fields).some((name) => columnAt(record.table, name)?.kind === "journal");
    if (changed.length > 0 || (noted && this.habits.webhookOnNotes)) await this.tell(updated, "update");
    return updated;
  }
}
