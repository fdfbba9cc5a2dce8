import type { Completion, Decision } from "./decisions.ts";
import { NonDeterminism } from "./determinism.ts";
import type { HistoryEvent } from "./history.ts";
import type { Outcome, OrchestratorState } from "./protocol.ts";
import { invokeAction, type ActionEnvironment } from "./shim-actions.ts";
import { ShimContext } from "./shim-context.ts";
import { ShimEntities } from "./shim-entities.ts";

export interface ReplayInput {
  readonly name: string;
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  readonly history: readonly HistoryEvent[];
  readonly outcome: Outcome;
  readonly isKnown: ActionEnvironment["isKnown"];
}

export interface Replayed {
  readonly decisions: readonly Exclude<Decision, Completion>[];
  readonly completion: Completion | undefined;
  /** Events that came after continueAsNew was decided. */
  readonly carriedOver: readonly HistoryEvent[];
  /** JSON text, or null where this replay set none. */
  readonly customStatus: string | null;
}

const MAX_CUSTOM_STATUS_BYTES = 16 * 1024;

/**
 * Walks the history as the host does, doing the SDK's actions one after the other: the next one is not begun before
 * the one in front has ended, whatever JavaScript made of it.
 */
export function replay(input: ReplayInput): Replayed {
  const context = new ShimContext(input.instanceId, input.executionId);
  const orchestrator = new Orchestrator(input, context);
  try {
    for (const event of input.history) context.apply(event, () => orchestrator.run());
    orchestrator.completeIfDone();
  } catch (error) {
    if (!(error instanceof NonDeterminism)) throw error;
    const text = `Non-Deterministic workflow detected: ${error.message}`;
    context.complete("Failed", text, `Unhandled exception while executing orchestration: ${text}`);
  }
  const decisions = context.decisions();
  return {
    decisions: decisions.filter((decision) => decision.kind !== "complete"),
    completion: decisions.find((decision) => decision.kind === "complete"),
    carriedOver: context.carriedOver,
    customStatus: orchestrator.customStatus,
  };
}

class Orchestrator {
  customStatus: string | null = null;
  readonly #input: ReplayInput;
  readonly #context: ShimContext;
  readonly #environment: ActionEnvironment;
  #end: { readonly failure: string } | { readonly output: string | null } | undefined;

  constructor(input: ReplayInput, context: ShimContext) {
    this.#input = input;
    this.#context = context;
    const { parentInstanceId, isKnown } = input;
    this.#environment = { context, entities: new ShimEntities(context, isKnown), parentInstanceId, isKnown };
  }

  run(): void {
    const { outcome } = this.#input;
    if ("crashed" in outcome) {
      this.#end = { failure: outcome.crashed };
      return;
    }
    const tooBig = this.#setCustomStatus(outcome);
    if (tooBig) this.#end = { failure: tooBig };
    else this.#advance(outcome, 0);
  }

  /** An orchestrator that has returned or thrown ends only when none of its tasks is open. */
  completeIfDone(): void {
    if (!this.#end || this.#context.hasOpenTasks) return;
    if ("failure" in this.#end) {
      const { failure } = this.#end;
      const text = `Orchestrator function '${this.#input.name}' failed: ${failure}`;
      this.#context.complete("Failed", text, `Message: ${failure}, StackTrace:    at the orchestrator`);
    } else {
      this.#context.complete("Completed", this.#end.output);
    }
  }

  #advance(state: OrchestratorState, from: number): void {
    for (let index = from; index < state.actions.length; index += 1) {
      const action = state.actions[index];
      if (!action) break;
      let task;
      try {
        task = invokeAction(action, this.#environment);
      } catch (error) {
        this.#end = { failure: (error as Error).message };
        return;
      }
      if (!task.settled) {
        task.whenSettled(() => this.#advance(state, index + 1));
        return;
      }
    }
    if (state.error) this.#end = { failure: state.error };
    else if (state.isDone) {
      this.#environment.entities.release();
      this.#end = { output: state.output === undefined ? null : JSON.stringify(state.output) };
    }
  }

  #setCustomStatus({ customStatus }: OrchestratorState): string | undefined {
    if (customStatus === undefined || customStatus === null) return undefined;
    const text = JSON.stringify(customStatus);
    const bytes = text.length * 2;
    if (bytes > MAX_CUSTOM_STATUS_BYTES) {
      return (
        "The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. " +
        `The current payload size is ${Math.floor(bytes / 1024)} KB.`
      );
    }
    this.customStatus = text;
    return undefined;
  }
}
