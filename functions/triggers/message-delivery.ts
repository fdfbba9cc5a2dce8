import { sha256Hex } from "../../shared/crypto/digest.ts";
import { instant, type Instant } from "../../shared/domain/time.ts";
import { MOST_KEPT_BYTES, type RepeatedMessage } from "../../shared/ports/request-queues.ts";

type Facts = Readonly<Record<string, unknown>>;

const MOST_ID_CHARACTERS = 128;
/** The platform's largest instant, for a message that does not expire, is in this year. */
const NEVER_MS = Date.UTC(9999, 0);

/**
 * One delivery of a message. Application properties tell what was put back from what comes first, and a sender can write
 * them as well: what is taken from them can only name, delay or give up the sender's own message, and nothing is taken
 * from anywhere about who asks for what. (A body read as bytes is not merged into the metadata by the platform; if one
 * were, the same would hold.) Pure.
 */
export function deliveryOf(sender: string, body: unknown, metadata: Facts, now: Instant): RepeatedMessage {
  const own = factsIn(metadata["applicationProperties"]);
  const bytes = bytesOf(body);
  const kept = bytes.subarray(0, MOST_KEPT_BYTES);
  const { attempt } = own;
  const ends = [own["expiresAt"], metadata["expiresAtUtc"]].map(instantIn).filter((end) => end !== undefined);
  return {
    sender,
    body: kept,
    truncated: own["truncated"] === true || bytes.length > kept.length,
    originalId: idIn(own["originalId"]) ?? idIn(metadata["messageId"]) ?? madeId(metadata["messageId"], kept),
    attempt: typeof attempt === "number" && Number.isSafeInteger(attempt) ? Math.max(0, attempt) : 0,
    firstAt: earliest([now, instantIn(own["firstAt"]) ?? now]) ?? now,
    expiresAt: earliest(ends),
  };
}

export const bodyDigest = (bytes: Uint8Array): string => sha256Hex(Buffer.from(bytes).toString("base64")).slice(0, 32);

/** The trigger hands bytes over; a host that parsed them already gets them back as text. */
const bytesOf = (body: unknown): Uint8Array => {
  if (body instanceof Uint8Array) return body;
  if (body === undefined || body === null) return new Uint8Array();
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
};

const idIn = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= MOST_ID_CHARACTERS ? value : undefined;

/**
 * For a message without an id, or with one that the worker parsed as JSON: a long number has lost its last digits
 * there, so that the id alone would take two messages for one.
 */
const madeId = (parsed: unknown, body: Uint8Array): string =>
  typeof parsed === "number" ? `${parsed}-${bodyDigest(body)}` : bodyDigest(body);

function instantIn(value: unknown): Instant | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) || ms < 0 || ms >= NEVER_MS ? undefined : instant(ms);
}

const earliest = (instants: readonly Instant[]): Instant | undefined => instants.toSorted()[0];

const factsIn = (value: unknown): Facts => (typeof value === "object" && value !== null ? (value as Facts) : {});
