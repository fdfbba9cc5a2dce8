import type { z } from "zod";
import type { healthView } from "../../shared/contracts/health.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { problem } from "../http/problem.ts";

/** `GET /api/health`: whether the app can read its tables, and the hash of the policy in force. */
export const showHealth =
  ({ controls, policies, log }: Pick<Door, "controls" | "policies" | "log">): Handler =>
  async () => {
    try {
      await controls.freeze();
      return json(200, { status: "ok", policyHash: policies.policy.hash } satisfies z.output<typeof healthView>);
    } catch (error) {
      log("error", "health: tables cannot be read", { problem: error instanceof Error ? error.message : "unknown" });
      return problem("Unavailable");
    }
  };
