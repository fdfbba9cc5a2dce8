import { openApiDocument } from "../../shared/contracts/openapi.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { REASON_STATUS } from "../http/reason-status.ts";

/** `GET /api/openapi.json`: the contract of every route, for everybody. */
export const showOpenApi = (publicUrl: string): Handler => {
  const document = openApiDocument(publicUrl, REASON_STATUS);
  return async () => json(200, document);
};
