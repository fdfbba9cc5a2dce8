import type { Right } from "../auth/grants.ts";
import type { Door } from "./door.ts";
import { unauthorized } from "./errors.ts";
import { OPERATIONS, ManagementError, type ManagedEntity } from "./management-operations.ts";
import type { Reply } from "./request-node.ts";
import { types, type AmqpError, type AmqpMessage } from "./rhea.ts";

const PREFIX = "com.microsoft:";

/** The management node of an entity; `undefined` = there is none of that name. */
export function managementNode(
  door: Door,
  path: string,
  allow: (right: Right) => boolean,
): ((request: AmqpMessage) => Promise<Reply>) | undefined {
  const { namespace } = door.broker;
  const managed: ManagedEntity = { door, target: namespace.target(path), entity: namespace.entity(path) };
  if (!managed.target && !managed.entity) return undefined;
  return async (request) => {
    const name = String(request.application_properties?.["operation"]).replace(PREFIX, "");
    const operation = OPERATIONS[name];
    if (!operation) return failure(501, { condition: "amqp:not-implemented", description: `no operation ${name}` });
    if (!allow(operation.right)) return failure(401, unauthorized(operation.right, path));
    try {
      const body = await operation.run(managed, bodyOf(request));
      return body === undefined ? status(204, "No Content") : { ...status(200, "OK"), body };
    } catch (error) {
      if (error instanceof ManagementError) return failure(error.status, error.error);
      return failure(500, { condition: "amqp:internal-error", description: String(error) });
    }
  };
}

const bodyOf = ({ body }: AmqpMessage): Readonly<Record<string, unknown>> =>
  typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};

const status = (code: number, description: string): Reply => ({
  application_properties: { statusCode: types.wrap_int(code), statusDescription: description },
});

function failure(code: number, { condition, description }: AmqpError): Reply {
  const { application_properties } = status(code, description);
  return { application_properties: { ...application_properties, errorCondition: types.wrap_symbol(condition) } };
}
