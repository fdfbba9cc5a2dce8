import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What is kept of a timer between two lives of the host; instants are ISO 8601. */
interface TimerStatus {
  readonly schedule: string;
  readonly last: string;
  readonly next: string;
  readonly lastUpdated: string;
}

/** When each timer ran last and is due next, in one file of the data directory. */
export class ScheduleMonitor {
  readonly #file: string;
  readonly #kept: Record<string, TimerStatus>;

  constructor(file: string) {
    this.#file = file;
    this.#kept = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, TimerStatus>) : {};
  }

  get(timer: string): TimerStatus | undefined {
    return this.#kept[timer];
  }

  set(timer: string, status: TimerStatus): void {
    this.#kept[timer] = status;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#kept, null, 2));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
