import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { problem } from "../http/problem.ts";
import { REASON_STATUS } from "../http/reason-status.ts";
import { once } from "../lazy.ts";

/** `GET /api/health`: whether the app can read its tables, and the hash of the policy in force. */
export const health =
  ({ controls, policies, log }: Pick<Door, "controls" | "policies" | "log">): Handler =>
  async () => {
    try {
      await controls.freeze();
      return json(200, { status: "ok", policyHash: policies.policy.hash });
    } catch (error) {
      log("error", "health: tables cannot be read", { problem: error instanceof Error ? error.message : "unknown" });
      return problem("Unavailable");
    }
  };

/** `GET /api/openapi.json`: made from the same schemas that check the calls, when first asked for. */
export const openApi = (publicUrl: string): Handler => {
  const document = once(async () =>
    (await import("../../shared/contracts/openapi.ts")).openApiDocument(publicUrl, REASON_STATUS),
  );
  return async () => json(200, await document());
};
