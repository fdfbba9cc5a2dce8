import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { instantOf, type ClockSetting } from "../clock.ts";
import type { StackProcess } from "./stack-process.ts";

/** What the host answers when it has nothing left to run: when its task hub next has, in ms since the epoch. */
export interface Settled {
  readonly nextDueAt: number | null;
}

/** The clock of all processes. It survives a restart on the same data directory, so that time never goes back. */
export class StackClock {
  #setting: ClockSetting;
  #moves: Promise<unknown> = Promise.resolve();
  #isFixed = false;
  readonly #file: string;
  readonly #processes: readonly StackProcess[];
  readonly #settle: () => Promise<Settled>;

  constructor(
    file: string,
    mode: ClockSetting["mode"],
    processes: readonly StackProcess[],
    settle: () => Promise<Settled>,
  ) {
    this.#file = file;
    this.#processes = processes;
    this.#settle = settle;
    const kept: ClockSetting = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as ClockSetting)
      : { mode: "real", offsetMs: 0 };
    this.#setting = inMode(mode, kept);
    this.#keep();
  }

  get setting(): ClockSetting {
    return this.#setting;
  }

  now(): number {
    return instantOf(this.#setting);
  }

  /** From now on time runs as it does everywhere: a process that has a clock of its own depends on it. */
  fix(): void {
    this.#setting = { mode: "real", offsetMs: 0 };
    this.#keep();
    this.#isFixed = true;
  }

  /** Back to the present, for parts that keep nothing of what was. */
  restart(): void {
    const { mode } = this.#setting;
    this.#setting = mode === "manual" ? { mode, nowMs: Date.now() } : { mode, offsetMs: 0 };
    this.#keep();
  }

  advance(ms: number): Promise<number> {
    return this.#inTurn(() => this.#moveTo(this.now() + ms));
  }

  /** Moves on to an instant. @throws Error if it has passed */
  to(instant: number): Promise<number> {
    return this.#inTurn(() => this.#moveTo(instant));
  }

  setMode(mode: ClockSetting["mode"]): Promise<number> {
    if (mode !== this.#setting.mode) this.#refuseIfFixed();
    return this.#inTurn(() => this.#set(inMode(mode, this.#setting)));
  }

  /** Stops at every instant at which the task hub has something to do. */
  async #moveTo(target: number): Promise<number> {
    this.#refuseIfFixed();
    if (!(target >= this.now())) throw new Error("the clock does not go back");
    for (;;) {
      const { nextDueAt } = await this.#settle();
      const before = this.now();
      const stop = nextDueAt === null ? target : Math.min(target, Math.max(nextDueAt, before + 1));
      if (stop > before) await this.#set(at(stop, this.#setting));
      if (stop >= target) break;
    }
    await this.#settle();
    return this.now();
  }

  #refuseIfFixed(): void {
    if (this.#isFixed) throw new Error("the clock of the real Functions host cannot be moved");
  }

  async #set(setting: ClockSetting): Promise<number> {
    this.#setting = setting;
    this.#keep();
    await Promise.all(this.#processes.map((process) => process.setClock(setting).catch(() => undefined)));
    return this.now();
  }

  #keep(): void {
    writeFileSync(this.#file, JSON.stringify(this.#setting));
  }

  #inTurn<T>(move: () => Promise<T>): Promise<T> {
    const turn = this.#moves.then(move);
    this.#moves = turn.catch(() => undefined);
    return turn;
  }
}

const at = (instant: number, { mode }: ClockSetting): ClockSetting =>
  mode === "manual" ? { mode, nowMs: instant } : { mode, offsetMs: instant - Date.now() };

function inMode(mode: ClockSetting["mode"], kept: ClockSetting): ClockSetting {
  if (kept.mode === mode) return kept;
  return at(instantOf(kept), mode === "manual" ? { mode, nowMs: 0 } : { mode, offsetMs: 0 });
}
