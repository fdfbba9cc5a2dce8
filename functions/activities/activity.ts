import type { ActivityHandler } from "durable-functions";
import type { ActivationFacts } from "../../shared/domain/activation.ts";
import { parseActivationId } from "../../shared/domain/ids.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { closed, closingOf } from "../activation/change.ts";
import { factsOf } from "../activation/facts.ts";
import type { Worker } from "../worker.ts";

/** One effect on one activation: gets the record as stored, answers it as it is afterwards. May run twice. */
export type Effect = (worker: Worker, record: ActivationRecord) => Promise<ActivationRecord>;

/** Makes the activity of an effect: load, do, answer the facts. A fault is logged here, in our words, and thrown on. */
export const activationActivity =
  (worker: Worker, name: string, effect: Effect): ActivityHandler =>
  async (input: { readonly id: string }): Promise<ActivationFacts> => {
    const id = parseActivationId(input.id);
    const record = id && (await worker.store.load(id));
    if (!record) return unknownActivation(worker, input.id);
    try {
      return factsOf(await effect(worker, record), worker.clock.now());
    } catch (error) {
      worker.log("warn", `${name} failed`, {
        activationId: id,
        problem: error instanceof Error ? error.message : "unknown",
      });
      throw error;
    }
  };

/** An orchestration without a claim was started by nobody who may: it ends at once. */
function unknownActivation(worker: Worker, id: string): ActivationFacts {
  worker.log("error", "orchestration without a claim", { activationId: id.slice(0, 64) });
  const now = worker.clock.now();
  return { state: closed("Failed", closingOf("InternalFault"), now), asks: "", unsent: "" };
}
