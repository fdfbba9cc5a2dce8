import { isSignedByServiceNow } from "../../shared/crypto/webhook-signature.ts";
import { servicenowDelivery } from "../../shared/contracts/servicenow-delivery.ts";
import { msOf } from "../../shared/domain/time.ts";
import type { ServiceNowHook } from "../../shared/config/settings.ts";
import type { Door } from "../door.ts";
import { parseJson } from "../http/read-body.ts";
import { receiveWebhook } from "./receive-webhook.ts";

/** `POST /api/webhooks/servicenow`: our published contract, signed with a timestamp. Without settings nothing is authentic. */
export const receiveServiceNow = (door: Door, settings: ServiceNowHook | undefined) =>
  receiveWebhook(door, "servicenow", (request, body) => {
    const headers = {
      signature: request.headers.get("x-jit-signature"),
      timestamp: request.headers.get("x-jit-timestamp"),
    };
    const now = msOf(door.clock.now());
    if (
      !settings ||
      !isSignedByServiceNow(headers, body, settings.webhookSecrets.reveal(), settings.signatureEncoding, now)
    )
      return undefined;
    const parsed = servicenowDelivery.safeParse(parseJson(body));
    return parsed.success
      ? { id: parsed.data.eventId, ticket: { system: "servicenow", number: parsed.data.number } }
      : undefined;
  });
