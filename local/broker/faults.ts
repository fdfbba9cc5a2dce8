/** One injected fault. `times` counts what it still hits; without an entity it hits all. */
export interface FaultRule {
  readonly fault: Fault;
  readonly entity?: string;
  times?: number;
}

export type Fault =
  | { readonly kind: "refuseLinks"; readonly condition?: string }
  | { readonly kind: "delay"; readonly on: Step; readonly ms: number }
  /** The effect happens and is durable, then the connection breaks before the client hears of it. */
  | { readonly kind: "loseSettlement"; readonly on: "send" | "settle" }
  | { readonly kind: "full" };

export type Step = "send" | "settle" | "deliver";

/** The faults in force. Rules are tried in the order they were added; the first that fits hits. */
export class Faults {
  #rules: FaultRule[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ ...rule, times: rule.times ?? 1 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The condition with which a link is refused. */
  refusal(entity: string): string | undefined {
    const fault = this.#take("refuseLinks", entity);
    return fault && (fault.condition ?? "com.microsoft:server-busy");
  }

  delayMs(on: Step, entity: string): number {
    return this.#take("delay", entity, (fault) => fault.on === on)?.ms ?? 0;
  }

  loses(on: "send" | "settle", entity: string): boolean {
    return this.#take("loseSettlement", entity, (fault) => fault.on === on) !== undefined;
  }

  isFull(entity: string): boolean {
    return this.#take("full", entity) !== undefined;
  }

  #take<K extends Fault["kind"]>(
    kind: K,
    entity: string,
    fits: (fault: Extract<Fault, { kind: K }>) => boolean = () => true,
  ): Extract<Fault, { kind: K }> | undefined {
    for (const rule of this.#rules) {
      if (rule.fault.kind !== kind || (rule.times ?? 0) <= 0) continue;
      const fault = rule.fault as Extract<Fault, { kind: K }>;
      if (rule.entity !== undefined && rule.entity.toLowerCase() !== entity.toLowerCase()) continue;
      if (!fits(fault)) continue;
      rule.times = (rule.times ?? 0) - 1;
      return fault;
    }
    return undefined;
  }
}
