/** A fault waits for the first thing that fits it; `times` things, then it is over. */
interface Fault {
  readonly name: string | undefined;
  readonly instanceId: string | undefined;
  times: number;
}

export type ClientMessage = "event" | "suspend" | "resume" | "terminate";
export type ActivityFault = "twice" | "loseBefore" | "loseAfter";

/** Faults that Azure has and a quiet local hub would not show. Injected by tests, forgotten at a restart. */
export class Faults {
  readonly #waiting = new Map<ClientMessage | ActivityFault, Fault[]>();
  readonly #held = new Map<string, { readonly open: () => void; readonly gate: Promise<void> }>();

  add(kind: ClientMessage | ActivityFault, fault: { name?: string; instanceId?: string; times?: number }): void {
    const { name, instanceId, times = 1 } = fault;
    this.#waiting.set(kind, [...(this.#waiting.get(kind) ?? []), { name, instanceId, times }]);
  }

  /** Whether the thing at hand is hit; a hit is used up. */
  takes(kind: ClientMessage | ActivityFault, thing: { name?: string; instanceId: string }): boolean {
    const faults = this.#waiting.get(kind) ?? [];
    const hit = faults.find(
      ({ name, instanceId, times }) =>
        times > 0 &&
        (name === undefined || name === thing.name) &&
        (instanceId === undefined || instanceId === thing.instanceId),
    );
    if (!hit) return false;
    hit.times -= 1;
    return true;
  }

  /** Runs of this activity wait until it is released; they do not count as work under way. */
  hold(activity: string): void {
    if (this.#held.has(activity)) return;
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    this.#held.set(activity, { open, gate });
  }

  release(activity: string): void {
    this.#held.get(activity)?.open();
    this.#held.delete(activity);
  }

  gate(activity: string): Promise<void> | undefined {
    return this.#held.get(activity)?.gate;
  }

  clear(): void {
    this.#waiting.clear();
    for (const activity of [...this.#held.keys()]) this.release(activity);
  }
}
