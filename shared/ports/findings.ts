import type { OpenFinding } from "../domain/finding.ts";

/** What was found and is not gone yet. Every call may be repeated. */
export interface Findings {
  open(): Promise<readonly OpenFinding[]>;
  put(findings: readonly OpenFinding[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}
