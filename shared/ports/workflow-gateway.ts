import type { ActivationId } from "../domain/ids.ts";

/** The only way from a door to the orchestrations. Both calls may be repeated; a lost one is repeated by the sweeper. */
export interface WorkflowGateway {
  /** Starts the activation's orchestration unless it runs already. */
  start(id: ActivationId): Promise<void>;
  /** Says "look at your rows". Carries nothing. */
  ring(id: ActivationId): Promise<void>;
  /** Whether an orchestration of this activation is under way. */
  isRunning(id: ActivationId): Promise<boolean>;
}
