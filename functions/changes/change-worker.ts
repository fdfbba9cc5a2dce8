import type { Permissions } from "../../shared/domain/standing-plan.ts";
import type { AccessReviews } from "../../shared/ports/access-reviews.ts";
import type { ChangeStore } from "../../shared/ports/change-store.ts";
import type { EligibilityDirectory, PostureDirectory } from "../../shared/ports/posture-directory.ts";
import type { WritePace } from "../../shared/ports/write-pace.ts";
import type { Worker } from "../worker.ts";

/** Everything that the activities of a change work with. */
export interface ChangeWorker extends Worker {
  readonly changes: ChangeStore;
  readonly posture: PostureDirectory;
  readonly eligibility: EligibilityDirectory;
  readonly accessReviews: AccessReviews;
  readonly pace: WritePace;
  /** @throws DependencyError */
  readonly workerPermissions: () => Promise<Permissions>;
}

/** Where the records of a change stand in the audit trail. */
export const changeSubject = (id: string): string => `change-${id}`;
