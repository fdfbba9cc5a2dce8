import { encodeText } from "../codec/values.ts";
import type { PropertyChanges } from "./message.ts";

/** Why a message is a dead letter; for people, in application properties of the message. */
export interface DeadLetterReason {
  readonly reason: string | undefined;
  readonly description: string | undefined;
}

export const EXPIRED: DeadLetterReason = {
  reason: "TTLExpiredException",
  description: "The message expired and was dead lettered.",
};

export const tooManyDeliveries = (count: number): DeadLetterReason => ({
  reason: "MaxDeliveryCountExceeded",
  description: `Message could not be consumed after ${count} delivery attempts.`,
});

export const NO_SESSION: DeadLetterReason = {
  reason: "SessionIdMissing",
  description: "The entity requires sessions and the message has no session id.",
};

export function deadLetterChanges({ reason, description }: DeadLetterReason): PropertyChanges {
  return {
    ...(reason === undefined ? {} : { DeadLetterReason: encodeText(reason).toString("base64") }),
    ...(description === undefined ? {} : { DeadLetterErrorDescription: encodeText(description).toString("base64") }),
  };
}
