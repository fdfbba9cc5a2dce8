import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";

/** `GET /api/health`: whether the app can read its tables, the hash of the policy in force, and whether grants are frozen. */
export const health =
  ({ controls, policies, clock, log }: Pick<Door, "controls" | "policies" | "clock" | "log">): Handler =>
  async () => {
    const now = clock.now();
    try {
      const freeze = await controls.freeze();
      return json(200, { status: "ok", at: now, policyHash: policies.policy.hash, frozen: freeze !== undefined });
    } catch (error) {
      log("error", "health: tables cannot be read", { problem: error instanceof Error ? error.message : "unknown" });
      return json(503, { status: "unavailable", at: now, policyHash: policies.policy.hash });
    }
  };
