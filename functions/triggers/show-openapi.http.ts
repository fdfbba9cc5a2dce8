import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { REASON_STATUS } from "../http/reason-status.ts";
import { once } from "../lazy.ts";

/** `GET /api/openapi.json`: the contract of every route, for everybody; made when first asked for. */
export const showOpenApi = (publicUrl: string): Handler => {
  const document = once(async () =>
    (await import("../../shared/contracts/openapi.ts")).openApiDocument(publicUrl, REASON_STATUS),
  );
  return async () => json(200, await document());
};
