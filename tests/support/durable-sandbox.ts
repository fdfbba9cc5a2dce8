import Module, { createRequire } from "node:module";
import type { FunctionKind, FunctionRunner } from "../../local/host/durable/runner.ts";
import type { TypedData } from "../../local/host/typed-data.ts";

interface Metadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, { readonly type: string }>>;
}

interface Registered {
  readonly metadata: Metadata;
  readonly callback: (...inputs: unknown[]) => unknown;
}

interface Invocation {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: Registered["callback"]): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ readonly returnValue?: TypedData | null }>;
}

interface Model {
  getInvocationModel(core: unknown): Invocation | Promise<Invocation>;
}

const TRIGGERS = { orchestration: "orchestrationTrigger", activity: "activityTrigger", entity: "entityTrigger" };

let model: Model | undefined;
let registering: Map<string, Registered> | undefined;

/** The part of the worker that the SDK talks to when an app registers its functions. */
const core = {
  version: "3.14.1",
  hostVersion: "4.1049.0",
  registerFunction: (metadata: Metadata, callback: Registered["callback"]) => {
    registering?.set(metadata.name.toLowerCase(), { metadata, callback });
  },
  registerHook: () => undefined,
  setProgrammingModel: (given: Model) => (model = given),
  getProgrammingModel: () => model,
  log: () => undefined,
};

const original = Reflect.get(Module.prototype, "require") as (this: Module, id: string) => unknown;
Module.prototype.require = function (this: Module, id: string): unknown {
  return id === "@azure/functions-core" ? core : original.call(this, id);
} as NodeJS.Require;
const require = createRequire(import.meta.url);

/** Names that a source finds instead of the global ones, for instance a `setTimeout` that follows a test's clock. */
export type Globals = Readonly<Record<string, unknown>>;

/** Orchestrators, activities and entities of a source text, run by the real SDK. */
export class SandboxApp implements FunctionRunner {
  readonly #functions = new Map<string, Registered>();

  /** Adds the functions of a source; one that is there already is replaced. Answers whether one was. */
  load(source: string, globals: Globals = {}): boolean {
    const before = new Map(this.#functions);
    registering = this.#functions;
    try {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the recorded source is the test's input
      const run = new Function("require", ...Object.keys(globals), source) as (...given: unknown[]) => void;
      run(require, ...Object.values(globals));
    } finally {
      registering = undefined;
    }
    return [...before].some(([name, registered]) => this.#functions.get(name) !== registered);
  }

  has(name: string, kind: FunctionKind): boolean {
    return this.#find(name, kind) !== undefined;
  }

  async run(name: string, kind: FunctionKind, payload: TypedData, instanceId: string): Promise<TypedData | undefined> {
    const registered = this.#find(name, kind);
    if (!registered || !model) throw new Error(`the sandbox has no ${kind} '${name}'`);
    const { metadata, callback } = registered;
    const [trigger = ""] = Object.entries(metadata.bindings).find(([, { type }]) => type === TRIGGERS[kind]) ?? [];
    const invocation = await model.getInvocationModel({
      invocationId: "test",
      request: {
        invocationId: "test",
        functionId: metadata.name,
        inputData: [{ name: trigger, data: payload }],
        triggerMetadata: { instanceId: { string: instanceId } },
        traceContext: {},
        retryContext: null,
      },
      metadata,
      state: undefined,
      log: () => undefined,
    });
    const { context, inputs } = await invocation.getArguments();
    let result: unknown;
    try {
      result = await invocation.invokeFunction(context, inputs, callback);
    } catch (error) {
      throw error instanceof Error ? error : new Error(String(error));
    }
    return (await invocation.getResponse(context, result)).returnValue ?? undefined;
  }

  #find(name: string, kind: FunctionKind): Registered | undefined {
    const registered = this.#functions.get(name.toLowerCase());
    const isKind = Object.values(registered?.metadata.bindings ?? {}).some(({ type }) => type === TRIGGERS[kind]);
    return isKind ? registered : undefined;
  }
}
