import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { TicketReference } from "../../shared/domain/ticket.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { readBytes } from "../http/read-body.ts";
import { problem } from "../http/problem.ts";

const MOST_BYTES = 1_048_576;

/** What an authentic delivery says; everything else in its body is only a hint. */
export interface Delivery {
  /** The sender's id of the delivery, the same over its retries. */
  readonly id: string;
  readonly ticket: TicketReference;
}

/** Checks and reads one delivery; `undefined` for anything that is not authentic. */
export type DeliveryReader = (request: HttpRequest, body: Uint8Array) => Delivery | undefined;

/**
 * A ticket webhook: raw body, signature, delivery id, then 202 with an empty body once the work is durable. Whatever is
 * wrong gets the same 401, so that a sender learns nothing. Delivering again changes nothing.
 */
export const receiveWebhook =
  (door: Door, source: TicketReference["system"], read: DeliveryReader): Handler =>
  async (request, context): Promise<HttpResponseInit> => {
    const body = await readBytes(request, MOST_BYTES);
    if (body === "tooLarge") return problem("PayloadTooLarge");
    const delivery = read(request, body);
    if (!delivery) {
      await door.noise.note(request, `webhooks/${source}`);
      return problem("Unauthenticated");
    }
    const key = sha256Hex(`${source} ${delivery.id}`).slice(0, 32);
    if (!(await door.deliveries.seen(source, key))) {
      const receivedAt = door.clock.now();
      await door.gatewayOf(context).handleTicketEvent(key, { ...delivery.ticket, deliveryId: key, receivedAt });
      await door.deliveries.first(source, key, receivedAt);
    }
    return { status: 202 };
  };
