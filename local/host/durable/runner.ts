import type { TypedData } from "../typed-data.ts";

export type FunctionKind = "orchestration" | "activity" | "entity";

/** Runs the functions of the app; the host provides it. Names do not depend on case. */
export interface FunctionRunner {
  /**
   * Runs one function. `payload` is what its trigger binding carries. Answers its return value, throws what the
   * function threw, or `PlatformFault` where the function is not to blame: the work is then tried again later.
   */
  run(functionName: string, kind: FunctionKind, payload: TypedData, instanceId: string): Promise<TypedData | undefined>;
  has(functionName: string, kind: FunctionKind): boolean;
}

/** The worker could not run a function, or its answer cannot be read. */
export class PlatformFault extends Error {
  override readonly name = "PlatformFault";
}
