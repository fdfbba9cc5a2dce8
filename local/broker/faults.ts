export type Step = "send" | "settle" | "deliver";

export type Fault =
  | { readonly kind: "refuseLinks"; readonly condition: string }
  | { readonly kind: "delay"; readonly on: Step; readonly ms: number }
  /** The effect happens and is durable, then the connection breaks before the client hears of it. */
  | { readonly kind: "loseSettlement"; readonly on: "send" | "settle" }
  /** The entity takes no more messages. */
  | { readonly kind: "full" };

/** One injected fault. Without an entity it hits all, `times` counts what it still hits. */
export interface FaultRule {
  readonly fault: Fault;
  readonly entity: string | undefined;
  times: number;
}

const SERVER_BUSY = "com.microsoft:server-busy";

/** The faults in force. Rules are tried in the order they were added; the first that fits hits. */
export class Faults {
  #rules: FaultRule[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ ...rule });
  }

  clear(): void {
    this.#rules = [];
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** The condition with which a link is refused. */
  refusal(entity: string): string | undefined {
    const fault = this.#take(entity, ({ kind }) => kind === "refuseLinks");
    return fault?.kind === "refuseLinks" ? fault.condition : undefined;
  }

  delayMs(on: Step, entity: string): number {
    const fault = this.#take(entity, (one) => one.kind === "delay" && one.on === on);
    return fault?.kind === "delay" ? fault.ms : 0;
  }

  loses(on: "send" | "settle", entity: string): boolean {
    return this.#take(entity, (fault) => fault.kind === "loseSettlement" && fault.on === on) !== undefined;
  }

  isFull(entity: string): boolean {
    return this.#take(entity, ({ kind }) => kind === "full") !== undefined;
  }

  #take(entity: string, fits: (fault: Fault) => boolean): Fault | undefined {
    const rule = this.#rules.find(
      (one) =>
        one.times > 0 &&
        fits(one.fault) &&
        (one.entity === undefined || one.entity.toLowerCase() === entity.toLowerCase()),
    );
    if (rule) rule.times -= 1;
    return rule?.fault;
  }
}

/** A rule as the control API takes it. @throws Error with one sentence */
export function parseFault(parameters: Readonly<Record<string, unknown>>): FaultRule {
  const { entity, times = 1 } = parameters;
  if (entity !== undefined && typeof entity !== "string") throw new Error("entity is the name of an entity");
  if (typeof times !== "number" || times < 1) throw new Error("times is a number from 1 on");
  return { fault: faultIn(parameters), entity, times };
}

function faultIn({ kind, on, ms, condition = SERVER_BUSY }: Readonly<Record<string, unknown>>): Fault {
  switch (kind) {
    case "refuseLinks":
      if (typeof condition === "string") return { kind, condition };
      throw new Error("condition is an AMQP error condition");
    case "delay":
      if ((on === "send" || on === "settle" || on === "deliver") && typeof ms === "number") return { kind, on, ms };
      throw new Error('a delay takes "ms" and "on": send, settle or deliver');
    case "loseSettlement":
      if (on === "send" || on === "settle") return { kind, on };
      throw new Error('loseSettlement takes "on": send or settle');
    case "full":
      return { kind };
    default:
      throw new Error("kind is refuseLinks, delay, loseSettlement or full");
  }
}
