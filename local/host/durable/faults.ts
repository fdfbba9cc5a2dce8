/** What the task hub does wrong on request: answers that are lost, work that is done twice. */
export class HubFaults {
  #lost: { kind: string; name: string | undefined; instanceId: string | undefined; times: number }[] = [];
  #twice: { name: string | undefined; times: number }[] = [];

  /** `{ kind: "event" | "suspend" | "resume" | "terminate", name?, instanceId?, times? }`: answered 202 and then lost. */
  loseNext(rule: Readonly<Record<string, unknown>>): void {
    this.#lost.push({
      kind: text(rule["kind"]) ?? "event",
      name: text(rule["name"]),
      instanceId: text(rule["instanceId"]),
      times: times(rule),
    });
  }

  /** `{ name?, times? }`: the activity's work comes back after the visibility timeout though it was done. */
  runTwice(rule: Readonly<Record<string, unknown>>): void {
    this.#twice.push({ name: text(rule["name"]), times: times(rule) });
  }

  clear(): void {
    this.#lost = [];
    this.#twice = [];
  }

  takeLost(kind: string, name: string | undefined, instanceId: string): boolean {
    const rule = this.#lost.find(
      (one) =>
        one.times > 0 &&
        one.kind === kind &&
        (one.name ?? name) === name &&
        (one.instanceId ?? instanceId) === instanceId,
    );
    if (rule) rule.times -= 1;
    return rule !== undefined;
  }

  takeTwice(name: string): boolean {
    const rule = this.#twice.find((one) => one.times > 0 && (one.name ?? name) === name);
    if (rule) rule.times -= 1;
    return rule !== undefined;
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const times = (rule: Readonly<Record<string, unknown>>): number =>
  typeof rule["times"] === "number" ? rule["times"] : 1;
