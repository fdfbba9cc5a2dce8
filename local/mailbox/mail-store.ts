import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What the sender hands over. */
export interface OutgoingMail {
  /** Absent: one is made. The same id twice is one message. */
  readonly id?: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly contentType: "text" | "html";
  readonly content: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export type Mail = Required<OutgoingMail>;

/** Delivered messages in `<data>/mailbox.sqlite`. */
export class MailStore {
  readonly #database: DatabaseSync;

  constructor(dataDirectory: string) {
    mkdirSync(dataDirectory, { recursive: true });
    this.#database = new DatabaseSync(join(dataDirectory, "mailbox.sqlite"), { timeout: 5_000 });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS mails (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, mail TEXT NOT NULL);
    `);
  }

  add(outgoing: OutgoingMail): Mail {
    const mail: Mail = { ...outgoing, id: outgoing.id ?? randomUUID() };
    this.#database.prepare("INSERT OR IGNORE INTO mails (id, mail) VALUES (?, ?)").run(mail.id, JSON.stringify(mail));
    return mail;
  }

  /** In the order of delivery; addresses are compared without regard to case. */
  all(to?: string): readonly Mail[] {
    const mails = this.#database.prepare("SELECT mail FROM mails ORDER BY sequence").all().map(mailOf);
    const wanted = to?.toLowerCase();
    return wanted === undefined ? mails : mails.filter((mail) => mail.to.some((one) => one.toLowerCase() === wanted));
  }

  byId(id: string): Mail | undefined {
    const row = this.#database.prepare("SELECT mail FROM mails WHERE id = ?").get(id);
    return row && mailOf(row);
  }

  clear(): void {
    this.#database.exec("DELETE FROM mails");
  }

  close(): void {
    this.#database.close();
  }
}

const mailOf = (row: Record<string, unknown>): Mail => JSON.parse(String(row["mail"])) as Mail;
