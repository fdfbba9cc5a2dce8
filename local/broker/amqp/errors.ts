import type { AmqpError } from "./rhea.ts";

/** Refusals as Service Bus words them. Clients read some of the texts: see each. */
export const notFound = (path: string): AmqpError => ({
  condition: "amqp:not-found",
  // The JavaScript client makes MessagingEntityNotFound of this sentence.
  description: `The messaging entity '${path}' could not be found.`,
});

export const unauthorized = (right: string, path: string): AmqpError => ({
  condition: "amqp:unauthorized-access",
  description: `Unauthorized access. '${right}' claim(s) are required to perform this operation. Resource: '${path}'.`,
});

export const notAllowed = (description: string): AmqpError => ({ condition: "amqp:not-allowed", description });
export const decodeError = (description: string): AmqpError => ({ condition: "amqp:decode-error", description });

export const tooLarge = (bytes: number, limit: number): AmqpError => ({
  condition: "amqp:link:message-size-exceeded",
  description: `The message of ${bytes} bytes is larger than the ${limit} bytes allowed.`,
});

export const quotaExceeded = (path: string): AmqpError => ({
  condition: "amqp:resource-limit-exceeded",
  description: `The maximum entity size has been reached or exceeded for '${path}'.`,
});

export const LOCK_LOST: AmqpError = {
  condition: "com.microsoft:message-lock-lost",
  description: "The lock supplied is invalid. Either the lock expired, or the message has already been removed.",
};

export const SESSION_LOST: AmqpError = {
  condition: "com.microsoft:session-lock-lost",
  description: "The session lock has expired on the session. Accept the session again.",
};

export const sessionHeld = (id: string): AmqpError => ({
  condition: "com.microsoft:session-cannot-be-locked",
  description: `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`,
});

export const NO_SESSION_FREE: AmqpError = {
  condition: "com.microsoft:timeout",
  description: "The operation did not complete within the allotted time: no session has messages.",
};

export const refusedByFault = (condition: string): AmqpError => ({
  condition,
  description: "The link is refused by a fault that was asked for.",
});
