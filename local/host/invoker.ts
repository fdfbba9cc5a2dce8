import { randomBytes, randomUUID } from "node:crypto";
import type { FunctionDefinition } from "./function-definition.ts";
import type { FunctionsCore, InvocationResponse } from "./functions-core.ts";
import type { HostLog, LogCategory, LogLevel } from "./host-log.ts";
import type { TypedData } from "./typed-data.ts";

/** Runs functions the way the Node worker runs one invocation, and knows which are under way. */
export class Invoker {
  readonly #core: FunctionsCore;
  readonly #log: HostLog;
  /** The Durable client's configuration for the inputs that ask for it. */
  readonly #clientBinding: () => string;
  readonly #running = new Map<string, string>();
  readonly #waiters = new Set<() => void>();

  constructor(core: FunctionsCore, log: HostLog, clientBinding: () => string) {
    this.#core = core;
    this.#log = log;
    this.#clientBinding = clientBinding;
  }

  /** Names of the functions under way. */
  get running(): readonly string[] {
    return [...this.#running.values()];
  }

  /** Resolves when no function is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /** @throws what the function threw, as an Error */
  async invoke(
    definition: FunctionDefinition,
    payload: TypedData,
    triggerMetadata: Readonly<Record<string, TypedData>> = {},
  ): Promise<InvocationResponse> {
    const invocationId = randomUUID();
    const startedAt = performance.now();
    this.#running.set(invocationId, definition.name);
    return this.#log.during({ function: definition.name, invocationId }, async () => {
      try {
        const response = await this.#run(definition, invocationId, this.#request(definition, payload, triggerMetadata));
        this.#record("succeeded", startedAt);
        return response;
      } catch (error) {
        const failure = asError(error);
        this.#record("failed", startedAt, failure);
        throw failure;
      } finally {
        this.#running.delete(invocationId);
        if (this.#running.size === 0 && this.#waiters.size > 0) this.#wake();
      }
    });
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  #request(definition: FunctionDefinition, payload: TypedData, triggerMetadata: Readonly<Record<string, TypedData>>) {
    const { name, trigger, durableClients } = definition;
    return {
      functionId: name,
      inputData: [
        { name: trigger.name, data: payload },
        ...durableClients.map((client) => ({ name: client, data: { string: this.#clientBinding() } })),
      ],
      triggerMetadata,
      traceContext: {
        traceParent: nextTraceParent(),
        traceState: "",
        attributes: {},
      },
      retryContext: null,
    };
  }

  async #run(definition: FunctionDefinition, invocationId: string, request: object): Promise<InvocationResponse> {
    const { metadata } = definition;
    const coreContext = {
      invocationId,
      request: { ...request, invocationId },
      metadata,
      state: undefined as string | undefined,
      log: (level: LogLevel, category: LogCategory, message: string): void =>
        this.#core.log(level, category, message, hooks["invocationContext"]),
    };
    const hooks: Record<string, unknown> = { hookData: {}, appHookData: this.#core.appHookData };
    const model = await this.#core.programmingModel?.getInvocationModel(coreContext);
    if (!model) throw new Error("the app has no programming model");
    const { context, inputs } = await model.getArguments();
    Object.assign(hooks, { invocationContext: context, functionCallback: definition.callback, inputs });

    coreContext.state = "preInvocationHooks";
    const before = this.#core.runHooks("preInvocation", hooks);
    if (before) await before;
    coreContext.state = "invocation";
    hooks["result"] = null;
    hooks["error"] = null;
    try {
      const callback = hooks["functionCallback"] as FunctionDefinition["callback"];
      hooks["result"] = await model.invokeFunction(context, hooks["inputs"] as unknown[], callback);
    } catch (error) {
      hooks["error"] = error ?? new Error("Unknown error");
    }
    coreContext.state = "postInvocationHooks";
    const after = this.#core.runHooks("postInvocation", hooks);
    if (after) await after;
    coreContext.state = undefined;
    if (hooks["error"] !== null && hooks["error"] !== undefined) throw asError(hooks["error"]);
    return model.getResponse(context, hooks["result"]);
  }

  #record(outcome: "succeeded" | "failed", startedAt: number, failure?: Error): void {
    const durationMs = Math.round(performance.now() - startedAt);
    const level = failure ? "error" : "information";
    this.#log.write(level, "system", `invocation ${outcome}`, { durationMs, ...(failure && { error: failure.stack }) });
  }
}

const PROCESS_HEX = randomBytes(8).toString("hex");
let traces = 0;

/** W3C trace context: this process by chance, then the number of the invocation. */
function nextTraceParent(): string {
  const number = (traces += 1).toString(16).padStart(16, "0");
  return `00-${PROCESS_HEX}${number}-${number}-00`;
}

/** As the worker does with a thrown value that is no Error. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (thrown === undefined || thrown === null) return new Error("Unknown error");
  return new Error(typeof thrown === "string" ? thrown : JSON.stringify(thrown));
}
