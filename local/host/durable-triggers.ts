import type { FunctionDefinition, TriggerType } from "./function-definition.ts";
import type { Invoker } from "./invoker.ts";
import type { FunctionKind, FunctionRunner } from "./durable/runner.ts";
import type { TypedData } from "./typed-data.ts";

const TRIGGER_OF = {
  orchestration: "orchestrationTrigger",
  activity: "activityTrigger",
  entity: "entityTrigger",
} as const satisfies Record<FunctionKind, TriggerType>;

export const usesDurable = ({ trigger, durableClients }: FunctionDefinition): boolean =>
  durableClients.length > 0 || Object.values<TriggerType>(TRIGGER_OF).includes(trigger.type);

/** Runs the app's orchestrators, activities and entities for the task hub, which finds them without regard to case. */
export class DurableRunner implements FunctionRunner {
  readonly #definitions: readonly FunctionDefinition[];
  readonly #invoker: Invoker;

  constructor(definitions: readonly FunctionDefinition[], invoker: Invoker) {
    this.#definitions = definitions;
    this.#invoker = invoker;
  }

  has(functionName: string, kind: FunctionKind): boolean {
    return this.#find(functionName, kind) !== undefined;
  }

  /** @throws what the function threw, as an Error */
  async run(
    functionName: string,
    kind: FunctionKind,
    payload: TypedData,
    instanceId: string,
  ): Promise<TypedData | undefined> {
    const definition = this.#find(functionName, kind);
    if (!definition) throw new Error(`the app has no ${kind} function '${functionName}'`);
    const triggerMetadata = { instanceId: { string: instanceId }, ...(kind === "activity" && { data: payload }) };
    const { returnValue } = await this.#invoker.invoke(definition, payload, triggerMetadata);
    return returnValue ?? undefined;
  }

  #find(functionName: string, kind: FunctionKind): FunctionDefinition | undefined {
    const name = functionName.toLowerCase();
    return this.#definitions.find(
      (candidate) => candidate.trigger.type === TRIGGER_OF[kind] && candidate.name.toLowerCase() === name,
    );
  }
}
