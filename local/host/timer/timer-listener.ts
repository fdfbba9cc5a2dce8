import { clockNow } from "../../clock.ts";
import { Alarm } from "../alarm.ts";
import type { FunctionDefinition } from "../function-definition.ts";
import type { Invoker } from "../invoker.ts";
import type { ScheduleMonitor } from "./schedule-monitor.ts";
import { parseTimerSchedule, type TimerSchedule } from "./timer-schedule.ts";

const NEVER = "0001-01-01T00:00:00.000Z";

/** Runs one timer function: never twice at once, an error does not end the schedule. */
export class TimerListener {
  readonly #definition: FunctionDefinition;
  readonly #invoker: Invoker;
  readonly #monitor: ScheduleMonitor;
  readonly #text: string;
  readonly #schedule: TimerSchedule;
  readonly #isMonitored: boolean;
  readonly #alarm = new Alarm(() => void this.#run(false));
  #running: Promise<void> = Promise.resolve();

  /** @throws Error naming the function whose schedule cannot be read */
  constructor(definition: FunctionDefinition, invoker: Invoker, monitor: ScheduleMonitor) {
    const { name, trigger } = definition;
    this.#definition = definition;
    this.#invoker = invoker;
    this.#monitor = monitor;
    this.#text = typeof trigger["schedule"] === "string" ? trigger["schedule"] : "";
    try {
      this.#schedule = parseTimerSchedule(this.#text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The '${name}' function is in error: ${reason}`, { cause: error });
    }
    this.#isMonitored = trigger["useMonitor"] !== false && !this.#schedule.isFrequent;
  }

  get name(): string {
    return this.#definition.name;
  }

  /** A run that was missed while the host was down is made up for once; a changed schedule has missed none. */
  start(): void {
    const now = clockNow();
    const status = this.#isMonitored ? this.#monitor.get(this.name) : undefined;
    const known = status?.schedule === this.#text ? status : undefined;
    if (known && Date.parse(known.next) < now) void this.#run(true);
    else if (this.#definition.trigger["runOnStartup"] === true) void this.#run(false);
    else this.#wait(known ? Date.parse(known.next) : undefined, known?.last);
  }

  /** Runs the function now, out of its schedule. */
  runNow(): Promise<void> {
    return this.#run(false);
  }

  idle(): Promise<void> {
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#alarm.stop();
    await this.#running;
  }

  #run(isPastDue: boolean): Promise<void> {
    this.#running = this.#running.then(() => this.#invoke(isPastDue));
    return this.#running;
  }

  async #invoke(isPastDue: boolean): Promise<void> {
    const startedAt = new Date(clockNow()).toISOString();
    const status = this.#monitor.get(this.name);
    const kept = status && { Last: status.last, LastUpdated: status.lastUpdated, Next: status.next };
    const payload = {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: this.#isMonitored && kept ? kept : null,
      IsPastDue: isPastDue,
    };
    // The invoker has recorded the error, and the schedule goes on.
    await this.#invoker.invoke(this.#definition, { json: JSON.stringify(payload) }).catch(() => undefined);
    this.#wait(undefined, startedAt);
  }

  /** The next due time counts from now: what came while the function ran is left out. */
  #wait(recordedNext: number | undefined, last: string | undefined): void {
    const now = clockNow();
    const next = recordedNext ?? this.#schedule.next(now);
    if (this.#isMonitored && recordedNext === undefined)
      this.#monitor.set(this.name, {
        schedule: this.#text,
        last: last ?? NEVER,
        next: new Date(next).toISOString(),
        lastUpdated: new Date(now).toISOString(),
      });
    this.#alarm.set(next);
  }
}
