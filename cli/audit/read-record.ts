import { z } from "zod";
import { checkpointLine } from "../../shared/contracts/checkpoint.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import type { Line } from "./lines.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const shape = z.looseObject({
  version: z.literal(1),
  subject: z.string().min(1),
  sequence: z.int().positive(),
  key: z.string(),
  type: z.string(),
  at: z.iso.datetime(),
  actor: z.looseObject({ kind: z.string() }),
  data: z.looseObject({}),
  previous: hash,
  hash,
});

type Read = { readonly record: AuditRecord } | { readonly checkpoint: Checkpoint } | { readonly problem: string };

/** The record or checkpoint of a line, or what is wrong with the line. */
export function readLine({ bytes }: Line): Read {
  if (!bytes) return { problem: "the line is longer than any record" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    const isCheckpoint = typeof value === "object" && value !== null && "checkpoint" in value;
    const { success, error } = (isCheckpoint ? checkpointLine : shape).safeParse(value);
    if (!success)
      return {
        problem: `it is not ${isCheckpoint ? "a checkpoint" : "an audit record"}: ${error.issues[0]?.path.join(".") ?? ""} is wrong`,
      };
    // Two texts of one value would both match the hash; the service writes only this one.
    if (JSON.stringify(value) !== text) return { problem: "it is not written as the service writes it" };
    return isCheckpoint ? (value as { checkpoint: Checkpoint }) : { record: value as AuditRecord };
  } catch {
    return { problem: "it is not JSON in UTF-8" };
  }
}
