/** The place of a message among those of one sender to one receiver; instants as .NET prints them. */
export interface SortLabel {
  readonly Timestamp: string;
  readonly Predecessor: string;
}

/** What an entity keeps about its senders, with the names that its status shows. */
export interface SorterState {
  readonly ReceivedFromInstance?: Readonly<Record<string, { readonly Last: string; readonly ExecutionId?: string }>>;
  readonly ReceiveHorizon?: string;
}

const NEVER = "0001-01-01T00:00:00";
const WINDOW_MS = 30 * 60_000;
const BETWEEN_COLLECTIONS_MS = 10_000;
const TICKS_PER_MS = 10_000n;

/** Numbers the messages of one execution to each entity: no two have the same instant. */
export class OutgoingSorter {
  readonly #last = new Map<string, bigint>();

  label(receiver: string, now: number): SortLabel {
    const last = this.#last.get(receiver);
    const asked = BigInt(now) * TICKS_PER_MS;
    const isFree = last === undefined || asked > last;
    const ticks = isFree ? asked : last + 1n;
    this.#last.set(receiver, ticks);
    const Predecessor = last === undefined ? NEVER : textOf(last);
    return { Timestamp: textOf(ticks), Predecessor };
  }
}

/** Takes note of a message; undefined for one that has come before. Those of clients take no part in it. */
export function receive(
  state: SorterState,
  message: Partial<SortLabel> & { readonly parent?: string; readonly parentExecution?: string },
): SorterState | undefined {
  const { parent, parentExecution, Timestamp } = message;
  if (parent === undefined || Timestamp === undefined) return state;
  const { horizon, received } = collected(state, ticksOf(Timestamp));
  const known = received[parent];
  if (known?.ExecutionId === parentExecution && known && ticksOf(Timestamp) <= ticksOf(known.Last)) return undefined;
  const entry = { Last: Timestamp, ...(parentExecution === undefined ? {} : { ExecutionId: parentExecution }) };
  return { ReceivedFromInstance: { ...received, [parent]: entry }, ReceiveHorizon: horizon };
}

/** Forgets senders of whom nothing has come for half an hour. */
function collected({ ReceivedFromInstance: received = {}, ReceiveHorizon: horizon = NEVER }: SorterState, now: bigint) {
  if (ticksOf(horizon) + BigInt(WINDOW_MS + BETWEEN_COLLECTIONS_MS) * TICKS_PER_MS >= now) return { horizon, received };
  const oldest = now - BigInt(WINDOW_MS) * TICKS_PER_MS;
  const kept = Object.entries(received).filter(([, { Last }]) => ticksOf(Last) >= oldest);
  return { horizon: textOf(oldest), received: Object.fromEntries(kept) };
}

function textOf(ticks: bigint): string {
  const rest = (ticks % TICKS_PER_MS).toString().padStart(4, "0");
  const text = `${new Date(Number(ticks / TICKS_PER_MS)).toISOString().slice(0, -1)}${rest}`;
  return `${text.replace(/\.?0+$/, "")}Z`;
}

function ticksOf(text: string): bigint {
  const [, seconds = "", fraction = ""] = /^([^.Z]*)(?:\.(\d+))?/.exec(text) ?? [];
  const ms = Date.parse(`${seconds}Z`);
  return BigInt(ms) * TICKS_PER_MS + BigInt(fraction.padEnd(7, "0"));
}
