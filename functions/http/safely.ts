import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { Log } from "../worker.ts";
import type { Handler } from "./handler.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import { problem, refusalProblem } from "./problem.ts";

/** A fault behind an API door becomes a problem that says nothing of it; what happened is in the log. */
export const safely =
  (log: Log, handler: Handler): Handler =>
  async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      log("error", "request failed", {
        function: context.functionName,
        problem: error instanceof Error ? error.message : "unknown",
      });
      if (!(error instanceof DependencyError)) return refusalProblem(refusal("InternalFault"));
      return problem(error.code === "Misconfigured" ? "Misconfigured" : "Unavailable"); // only the latter passes by itself
    }
  };
