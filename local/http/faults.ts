/** One injected fault. `times` counts the requests it still hits, `skip` those it lets pass first. */
export interface FaultRule {
  readonly method?: string;
  /** Matched against path and query, as a regular expression. */
  readonly path?: string;
  /** Matched against the request body text, as a regular expression. */
  readonly body?: string;
  times?: number;
  skip?: number;
  readonly fault: Fault;
}

export type Fault =
  | { readonly kind: "latency"; readonly ms: number }
  /** The answer, before any effect. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The effect happens, then this answer is sent instead of the real one. */
  | {
      readonly kind: "statusAfterEffect";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection breaks before any effect. */
  | { readonly kind: "drop" }
  /** The effect happens, then the connection breaks: the reply is lost. */
  | { readonly kind: "lostReply" };

/** The faults of one part. Rules are tried in the order they were added; the first that matches hits. */
export class Faults {
  #rules: FaultRule[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ ...rule, times: rule.times ?? 1, skip: rule.skip ?? 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  take(request: { readonly method: string; readonly path: string; readonly body: string }): Fault | undefined {
    for (const rule of this.#rules) {
      if (rule.method !== undefined && rule.method !== request.method) continue;
      if (rule.path !== undefined && !new RegExp(rule.path).test(request.path)) continue;
      if (rule.body !== undefined && !new RegExp(rule.body).test(request.body)) continue;
      if ((rule.skip ?? 0) > 0) {
        rule.skip = (rule.skip ?? 0) - 1;
        continue;
      }
      if ((rule.times ?? 1) <= 0) continue;
      rule.times = (rule.times ?? 1) - 1;
      return rule.fault;
    }
    return undefined;
  }
}
