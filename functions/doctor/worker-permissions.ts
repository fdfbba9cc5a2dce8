import type { Permissions } from "../../shared/domain/standing-plan.ts";
import type { Examiner } from "./examine.ts";

/**
 * What the part that changes things may do in Graph right now: by its token where it is this process, else as it last
 * said itself. Changes nothing. @throws DependencyError
 */
export const workerPermissions =
  ({ part, self, reports }: Pick<Examiner, "part" | "self" | "reports">) =>
  async (): Promise<Permissions> => {
    const isHere = part === "all" || part === "worker";
    const identity = isHere
      ? await self.identity()
      : (await reports.kept()).find((one) => one.part === "worker")?.identity;
    return identity ? { kind: "read", names: identity.inToken } : { kind: "notKnown" };
  };
