import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ControlOperations } from "../service.ts";
import { errorBody } from "./errors.ts";

const CODES: Readonly<Record<number, string>> = {
  401: "InvalidAuthenticationToken",
  403: "Authorization_RequestDenied",
  404: "Request_ResourceNotFound",
  429: "TooManyRequests",
  500: "InternalServerError",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
};

const StatusFault = z.looseObject({
  kind: z.enum(["status", "statusAfterEffect"]),
  status: z.number().int(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  /** Instead of `body`: the error that Graph's envelope holds. */
  code: z.string().optional(),
  message: z.string().optional(),
});

/**
 * `faults` of the directory: an injected status without a body gets the one that Graph would send, with the ids that
 * clients log. 429 says `Retry-After: 1` unless `headers` are given.
 */
export function graphFaults(add: NonNullable<ControlOperations["faults"]>): NonNullable<ControlOperations["faults"]> {
  return (rule) => {
    const fault = StatusFault.safeParse(rule["fault"]);
    add(fault.success ? { ...rule, fault: inGraphsWords(fault.data) } : rule);
  };
}

function inGraphsWords({ code, message, ...fault }: z.infer<typeof StatusFault>): z.infer<typeof StatusFault> {
  if (fault.body !== undefined) return fault;
  const requestId = randomUUID();
  const error = { code: code ?? CODES[fault.status] ?? "UnknownError", message: message ?? "An injected fault." };
  const headers = {
    "content-type": "application/json",
    "request-id": requestId,
    "client-request-id": requestId,
    ...(fault.headers ?? (fault.status === 429 ? { "retry-after": "1" } : {})),
  };
  return { ...fault, headers, body: fault.status < 400 ? "" : JSON.stringify(errorBody(error, requestId, requestId)) };
}
