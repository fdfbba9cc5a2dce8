import type { z } from "zod";
import type { healthView } from "../../shared/contracts/health.ts";
import { packageHash } from "../../shared/config/package-checksums.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { problem } from "../http/problem.ts";
import { once } from "../lazy.ts";

/**
 * `GET /api/health`: whether the app can read its tables, the hash of the policy in force, and that of the package in the
 * folder, made once from the files that lie there.
 */
export const showHealth = (
  { controls, policies, log }: Pick<Door, "controls" | "policies" | "log">,
  packageDirectory: string,
): Handler => {
  const hashOnce = once(() => packageHash(packageDirectory));
  return async () => {
    try {
      await controls.freeze();
      const view: z.output<typeof healthView> = {
        status: "ok",
        policyHash: policies.policy.hash,
        packageHash: await hashOnce(),
      };
      return json(200, view);
    } catch (error) {
      log("error", "health: tables cannot be read", { problem: error instanceof Error ? error.message : "unknown" });
      return problem("Unavailable");
    }
  };
};
