/**
 * The virtual clock of the local stack: one offset for `Date` in every process; timers of the runtime stay real.
 * In `manual` mode time stands still until it is moved.
 */
export type ClockSetting =
  { readonly mode: "real"; readonly offsetMs: number } | { readonly mode: "manual"; readonly nowMs: number };

const RealDate = globalThis.Date;
let setting: ClockSetting = { mode: "real", offsetMs: 0 };
const listeners = new Set<() => void>();

/** The instant that a setting means at this moment, without applying it. */
export const instantOf = (clock: ClockSetting): number =>
  clock.mode === "manual" ? clock.nowMs : RealDate.now() + clock.offsetMs;

/** Milliseconds since the epoch as every process of the stack sees them. */
export const clockNow = (): number => instantOf(setting);

/** Applies a setting that the supervisor sent. May be called any number of times. */
export function setClock(next: ClockSetting): void {
  setting = next;
  if (globalThis.Date === RealDate) globalThis.Date = virtualDate();
  for (const listener of [...listeners]) listener();
}

export const getClock = (): ClockSetting => setting;

/** Calls `listener` after every setting, so that what waits for an instant looks again. Answers how to stop that. */
export function onClockSet(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function virtualDate(): DateConstructor {
  const proxy: DateConstructor = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget): Date => {
      if (newTarget === proxy && args.length < 2)
        // what nearly all ask for, and fast
        return args.length === 0 ? new RealDate(clockNow()) : new RealDate(args[0] as number);
      return Reflect.construct(target, args.length === 0 ? [clockNow()] : args, newTarget) as Date;
    },
    apply: () => new RealDate(clockNow()).toString(),
    get: (target, property, receiver) =>
      property === "now" ? clockNow : (Reflect.get(target, property, receiver) as unknown),
  });
  return proxy;
}
