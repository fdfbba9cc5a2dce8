/** A task on the host's side: whether it has ended, and whether it failed. Only HTTP calls look at the result. */
export class ShimTask {
  settled = false;
  failed = false;
  /** JSON text of what an activity or child returned. */
  result: string | null = null;
  #continuations: (() => void)[] = [];

  settle(failed = false, result: string | null = null): void {
    if (this.settled) return;
    this.settled = true;
    this.failed = failed;
    this.result = result;
    const continuations = this.#continuations;
    this.#continuations = [];
    for (const continuation of continuations) continuation();
  }

  /** Runs at once when the task has ended already. */
  whenSettled(continuation: () => void): void {
    if (this.settled) continuation();
    else this.#continuations.push(continuation);
  }

  static ended(failed = false): ShimTask {
    const task = new ShimTask();
    task.settle(failed);
    return task;
  }

  /** Ends when every child has ended, also after one has failed. */
  static all(children: readonly ShimTask[]): ShimTask {
    const task = new ShimTask();
    let open = children.length;
    if (open === 0) task.settle();
    for (const child of children) {
      child.whenSettled(() => {
        open -= 1;
        if (open === 0) task.settle(children.some(({ failed }) => failed));
      });
    }
    return task;
  }

  static any(children: readonly ShimTask[]): ShimTask {
    const task = new ShimTask();
    for (const child of children) child.whenSettled(() => task.settle());
    return task;
  }
}
