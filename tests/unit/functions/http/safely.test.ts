import { HttpRequest, InvocationContext } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { safely } from "../../../../functions/http/safely.ts";
import { DependencyError } from "../../../../shared/ports/dependency-error.ts";

const answerTo = async (fault: Error): Promise<unknown> => {
  const handler = safely(
    () => undefined,
    () => Promise.reject(fault),
  );
  const { status, body } = await handler(
    new HttpRequest({ url: "https://zs.example/api/baseline", method: "GET" }),
    new InvocationContext(),
  );
  return { ...(JSON.parse(body as string) as object), http: status };
};

describe("a fault behind a door of the API", () => {
  it.each([
    ["passes", new DependencyError("Unavailable", "graph"), 503, "Unavailable"],
    ["is throttled", new DependencyError("Throttled", "graph"), 503, "Unavailable"],
    ["is a right that is missing", new DependencyError("Misconfigured", "graph"), 500, "Misconfigured"],
    ["is a bug", new Error("a secret detail"), 500, "InternalFault"],
  ])("says whether to try again where it %s, and nothing of what it was", async (_what, fault, status, code) => {
    const answer = await answerTo(fault);
    expect(answer).toMatchObject({ http: status, status, code });
    expect(JSON.stringify(answer)).not.toContain("graph");
    expect(JSON.stringify(answer)).not.toContain("secret");
  });
});
