import type { PersonKey } from "../domain/ids.ts";
import type { StatedPolicy } from "../domain/policy-change.ts";
import type { SealedRow } from "./activation-store.ts";

/** Which policies were accepted, newest first; a row without a valid MAC is as good as absent. */
export interface AcceptedPolicies {
  list(): Promise<readonly SealedRow[]>;
  /** Insert-only: the first word about a hash stays. */
  accept(hash: string, row: SealedRow): Promise<void>;
}

/** Whether the policy of this process may take effect. */
export interface PolicyAcceptance {
  isAccepted(): Promise<boolean>;
  /** The policy that was accepted last; `undefined`: none ever was. */
  last(): Promise<StatedPolicy | undefined>;
  /** Two persons agreed. */
  accept(persons: readonly PersonKey[]): Promise<void>;
}
