import { createHmac, randomUUID } from "node:crypto";
import type { Delivery, DeliveryHabits } from "../deliveries.ts";
import type { SnowRecord } from "./records.ts";

export const WEBHOOK_PATH = "/api/webhooks/servicenow";

/** What the site's business rule sends: the contract that the app publishes for it. */
export function webhookEvent(
  record: SnowRecord,
  operation: "insert" | "update",
): Pick<Delivery, "kind" | "eventId" | "path" | "body"> {
  const eventId = randomUUID().replaceAll("-", "");
  const body = JSON.stringify({
    eventId,
    occurredAt: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    table: record.table,
    sys_id: record.sysId,
    number: record.fields["number"] ?? "",
    state: record.fields["state"] ?? "",
    approval: record.fields["approval"] ?? "",
    operation,
  });
  return { kind: "webhook", eventId, path: WEBHOOK_PATH, body };
}

export interface Signing {
  readonly secret: string;
  readonly digest: "base64" | "hex";
}

/** Headers signed at the moment of sending. A business rule does not retry: at most once. */
export const servicenowDelivery = (current: () => Signing): DeliveryHabits => ({
  headers: ({ body }) => signedHeaders(current(), body, unixSeconds()),
  retryInMs: () => undefined,
});

export const unixSeconds = (): string => String(Math.floor(Date.now() / 1_000));

/** The signature is HMAC-SHA256 over `timestamp + "." + raw body`; the key is the secret's UTF-8 bytes. */
export const signedHeaders = (
  { secret, digest }: Signing,
  body: string,
  timestamp: string,
): Record<string, string> => ({
  "content-type": "application/json",
  accept: "application/json",
  "user-agent": "ServiceNow/1.0",
  "x-jit-timestamp": timestamp,
  "x-jit-signature": `v1=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest(digest)}`,
});
