import type { Outcome } from "../model/entity-hooks.ts";
import type { PropertyChanges } from "../model/message.ts";
import { ACCEPTED, MODIFIED, REJECTED, RELEASED, types, type RheaDelivery, type Typed } from "./rhea.ts";

export type RemoteOutcome = "accepted" | "rejected" | "released" | "modified";

const UNDELIVERABLE_HERE = 1;
const ANNOTATIONS = 2;
const ERROR_INFO = 2;
const DESCRIPTION = "DeadLetterErrorDescription";

/** What a client's disposition asks for. */
export function outcomeOf(remote: RemoteOutcome, state: RheaDelivery["remote_state"]): Outcome {
  switch (remote) {
    case "accepted":
      return { kind: "complete" };
    case "released":
      return { kind: "release" };
    case "modified": {
      const changes = changesOf(state?.value?.[ANNOTATIONS]);
      const isDeferred = plain(state?.value?.[UNDELIVERABLE_HERE]) === true;
      return { kind: isDeferred ? "defer" : "abandon", ...(changes ? { changes } : {}) };
    }
    case "rejected": {
      const error = state?.value?.[0] as Typed | undefined;
      const fields = Array.isArray(error?.value) ? (error.value as unknown[]) : [];
      return deadLetterOf(plain(fields[1]), fields[ERROR_INFO]);
    }
  }
}

/** The same outcome goes back: without an error, which clients would take for a failure. */
export function replyTo(remote: RemoteOutcome): unknown {
  return { accepted: ACCEPTED, rejected: REJECTED, released: RELEASED, modified: MODIFIED }[remote];
}

function deadLetterOf(description: unknown, info: unknown): Outcome {
  const changes = changesOf(info);
  const described = typeof description === "string" && !changes?.[DESCRIPTION] ? description : undefined;
  return {
    kind: "deadLetter",
    reason: { reason: undefined, description: described },
    ...(changes ? { changes } : {}),
  };
}

/** The entries of a map that has not been decoded to plain values, each value as it is encoded. */
function changesOf(map: unknown): PropertyChanges | undefined {
  const items = (map as Typed | undefined)?.value;
  if (!Array.isArray(items) || items.length === 0) return undefined;
  const values = items as Typed[];
  const entries = values.flatMap((key, index) => {
    const value = values[index + 1];
    return index % 2 === 0 && value ? [[String(key.value), encoded(value)] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** Changes that a client named in plain values. */
export const changesFrom = (values: Readonly<Record<string, unknown>>): PropertyChanges =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encoded(types.wrap(value))]));

function encoded(value: Typed): string {
  const writer = new types.Writer();
  writer.write(value);
  return writer.toBuffer().toString("base64");
}

const plain = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "value" in value ? value.value : value;
