import type { Grants, Verdict } from "../auth/grants.ts";
import type { Reply } from "./request-node.ts";
import { types, type AmqpMessage } from "./rhea.ts";

/** Checks the tokens that clients put: `type` is the kind of token, `audience` what it is put for. */
export type TokenCheck = (type: string, token: string, audience: string) => Promise<Verdict>;

/** The claims-based security node of one connection. */
export const tokenNode =
  (grants: Grants, check: TokenCheck) =>
  async ({ application_properties, body }: AmqpMessage): Promise<Reply> => {
    const { operation, type, name } = application_properties ?? {};
    if (operation !== "put-token" || typeof type !== "string" || typeof name !== "string" || typeof body !== "string")
      return status(400, "put-token takes a type, a name and a token");
    const verdict = await check(type, body, name);
    if (verdict.kind === "refused") return status(401, verdict.reason);
    grants.add(verdict.grant);
    return status(202, "Accepted");
  };

const status = (code: number, description: string): Reply => ({
  application_properties: { "status-code": types.wrap_int(code), "status-description": description },
});
