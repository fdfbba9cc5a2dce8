import Module from "node:module";
import type { HostLog, LogCategory, LogLevel } from "./host-log.ts";
import type { TypedData } from "./typed-data.ts";

/** What the app registers; `bindings` are keyed by their names. */
export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly [option: string]: unknown;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface InvocationResponse {
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
  readonly returnValue?: TypedData | null;
}

interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(coreContext: unknown): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

const HOOKS = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"] as const;
type HookName = (typeof HOOKS)[number];
type Hook = (context: Record<string, unknown>) => unknown;

const WORKER_VERSION = "3.14.1";
const HOST_VERSION = "4.1049.0";
const MODULE_NAME = "@azure/functions-core";

/** The worker's side of the contract with an app: what it registers through `@azure/functions-core`. */
export class FunctionsCore {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly appHookData: Record<string, unknown> = {};
  programmingModel: ProgrammingModel | undefined;
  readonly #hooks = new Map<HookName, Hook[]>();
  readonly #log: HostLog;
  #open = true;

  constructor(log: HostLog) {
    this.#log = log;
  }

  /** Makes the virtual module answer for every `require` in this process, also those made by `createRequire`. */
  install(): void {
    const api = this.#api();
    const original = Reflect.get(Module.prototype, "require") as (this: Module, id: string) => unknown;
    Module.prototype.require = function (this: Module, id: string): unknown {
      return id === MODULE_NAME ? api : original.call(this, id);
    } as NodeJS.Require;
  }

  /** After start-up nothing can be registered any more. */
  close(): void {
    this.#open = false;
  }

  /** `undefined`: there are none to wait for. */
  runHooks(name: HookName, context: Record<string, unknown>): Promise<void> | undefined {
    const hooks = this.#hooks.get(name);
    return hooks && inTurn(hooks, context);
  }

  /** A line from the app; its `log` hooks may change level and message. */
  log(level: LogLevel, category: LogCategory, message: string, invocationContext?: unknown): void {
    const context = { level, category, message, invocationContext, hookData: {}, appHookData: this.appHookData };
    for (const hook of this.#hooks.get("log") ?? []) void hook(context);
    if (context.level !== "none") this.#log.write(context.level, context.category, context.message);
  }

  #api(): Readonly<Record<string, unknown>> {
    return {
      version: WORKER_VERSION,
      hostVersion: HOST_VERSION,
      Disposable,
      registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) => this.#register(metadata, callback),
      registerHook: (name: string, hook: Hook) => this.#registerHook(name, hook),
      setProgrammingModel: (model: ProgrammingModel) => {
        this.programmingModel = model;
      },
      getProgrammingModel: () => this.programmingModel,
      log: (level: LogLevel, category: LogCategory, message: string) => this.log(level, category, message),
    };
  }

  #register(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (!this.#open) throw systemError(Error, "A function can only be registered during app startup.");
    const id = metadata.functionId ?? metadata.name;
    if (this.functions.has(id)) throw systemError(Error, `A function with id "${id}" has already been registered.`);
    const named = Object.entries(metadata.bindings).map(([name, binding]) => [name, { ...binding, name }] as const);
    this.functions.set(id, { metadata: { ...metadata, bindings: Object.fromEntries(named) }, callback });
    return new Disposable(() => this.functions.delete(id));
  }

  #registerHook(name: string, hook: Hook): Disposable {
    const known = HOOKS.find((candidate) => candidate === name);
    if (known === undefined) throw systemError(RangeError, `Unrecognized hook "${name}"`);
    const hooks = this.#hooks.get(known) ?? [];
    this.#hooks.set(known, hooks);
    hooks.push(hook);
    return new Disposable(() => {
      hooks.splice(hooks.indexOf(hook), 1);
    });
  }
}

async function inTurn(hooks: readonly Hook[], context: Record<string, unknown>): Promise<void> {
  for (const hook of hooks) await hook(context);
}

class Disposable {
  #callOnDispose: (() => unknown) | undefined;

  constructor(callOnDispose: () => unknown) {
    this.#callOnDispose = callOnDispose;
  }

  static from(...disposables: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): unknown {
    const call = this.#callOnDispose;
    this.#callOnDispose = undefined;
    return call?.();
  }
}

/** The mark by which `@azure/functions` tells the platform's refusals from the app's own errors. */
const systemError = (Kind: ErrorConstructor | RangeErrorConstructor, message: string): Error =>
  Object.assign(new Kind(message), { isAzureFunctionsSystemError: true });
