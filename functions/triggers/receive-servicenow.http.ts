import { isSignedByServiceNow, type Secrets } from "../../shared/crypto/webhook-signature.ts";
import { servicenowDelivery } from "../../shared/contracts/servicenow-delivery.ts";
import { msOf } from "../../shared/domain/time.ts";
import type { Door } from "../door.ts";
import { parseJson } from "../http/read-body.ts";
import { receiveWebhook } from "./receive-webhook.ts";

/** `POST /api/webhooks/servicenow`: our published contract, signed with a timestamp. */
export const receiveServiceNow = (door: Door, secrets: Secrets, encoding: "base64" | "hex") =>
  receiveWebhook(door, "servicenow", (request, body) => {
    const headers = {
      signature: request.headers.get("x-jit-signature"),
      timestamp: request.headers.get("x-jit-timestamp"),
    };
    if (!isSignedByServiceNow(headers, body, secrets, encoding, msOf(door.clock.now()))) return undefined;
    const parsed = servicenowDelivery.safeParse(parseJson(body));
    return parsed.success
      ? { id: parsed.data.eventId, ticket: { system: "servicenow", number: parsed.data.number } }
      : undefined;
  });
