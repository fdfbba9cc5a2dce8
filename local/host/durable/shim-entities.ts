import { entityId, lockRequest, operationRequest, RELEASE_TYPE } from "./entity-messages.ts";
import { OutgoingSorter } from "./message-sorter.ts";
import type { EntityCall, EntityName } from "./protocol.ts";
import type { FunctionKind } from "./runner.ts";
import type { ShimContext } from "./shim-context.ts";
import { ShimTask } from "./shim-task.ts";

interface HeldLocks {
  readonly requestId: string;
  /** What is held and has no call under way, in the order in which it came free. */
  readonly free: string[];
}

/** What one execution asks of entities. A call that breaks a rule sends nothing and fails without a trace. */
export class ShimEntities {
  readonly #context: ShimContext;
  readonly #isKnown: (kind: FunctionKind, name: string) => boolean;
  readonly #sorter = new OutgoingSorter();
  #locks: HeldLocks | undefined;

  constructor(context: ShimContext, isKnown: (kind: FunctionKind, name: string) => boolean) {
    this.#context = context;
    this.#isKnown = isKnown;
  }

  /** While locks are held only their entities can be called, and each only once at a time. */
  call(action: EntityCall): ShimTask {
    if (!this.#isEntity(action.instanceId)) return ShimTask.ended(true);
    const locks = this.#locks;
    if (locks) {
      const index = locks.free.indexOf(action.instanceId);
      if (index < 0) return ShimTask.ended(true);
      locks.free.splice(index, 1);
    }
    const answer = this.#context.waitFor(this.#request(action, false));
    answer.whenSettled(() => locks?.free.push(action.instanceId));
    return answer;
  }

  /** @throws Error, which fails the orchestration, where the entity is unknown or its lock is held */
  signal(action: EntityCall): void {
    if (!this.#isEntity(action.instanceId)) throw new Error(unknownEntity(action.instanceId));
    if (this.#locks?.free.includes(action.instanceId))
      throw new Error("While holding locks, cannot signal entities whose lock is held.");
    this.#request(action, true);
  }

  /** Asks the first of the entities, in a fixed order; the last one to be locked answers. */
  lock(lockSet: readonly EntityName[]): ShimTask {
    const ids = [...new Set(lockSet.map(({ name, key }) => entityId(name, key)))].sort((one, other) =>
      one.localeCompare(other, "en"),
    );
    const [first] = ids;
    if (this.#locks || first === undefined || !ids.every((id) => this.#isEntity(id))) return ShimTask.ended(true);
    const { id, requestId, sender } = this.#next();
    const input = lockRequest(requestId, sender, this.#sorter.label(first, this.#context.now), ids);
    this.#context.send({ kind: "send", id, instanceId: first, name: "op", input });
    const granted = this.#context.waitFor(requestId);
    granted.whenSettled(() => (this.#locks = { requestId, free: ids }));
    return granted;
  }

  /** Frees what is held; also done at the end of an orchestrator that has returned. */
  release(): void {
    const { requestId, free } = this.#locks ?? { requestId: "", free: [] };
    this.#locks = undefined;
    for (const instanceId of free) {
      const input = JSON.stringify({ $type: RELEASE_TYPE, parent: this.#context.instanceId, id: requestId });
      this.#context.send({ kind: "send", id: this.#context.takeId(), instanceId, name: "release", input });
    }
  }

  /** Answers the name of the event that will carry the response. */
  #request({ instanceId, operation, input }: EntityCall, isSignal: boolean): string {
    const { id, requestId, sender } = this.#next();
    const label = this.#sorter.label(instanceId, this.#context.now);
    const request = operationRequest(requestId, sender, label, { operation, input, isSignal }, this.#context.now);
    this.#context.send({ kind: "send", id, instanceId, name: "op", input: request });
    return requestId;
  }

  #next() {
    const { instanceId, executionId } = this.#context;
    const id = this.#context.takeId();
    return { id, requestId: this.#context.requestId(id), sender: { instanceId, executionId } };
  }

  #isEntity(id: string): boolean {
    return this.#isKnown("entity", id.split("@")[1] ?? "");
  }
}

const unknownEntity = (id: string): string =>
  `The function '${id.split("@")[1] ?? ""}' doesn't exist, is disabled, or is not an entity function.`;
