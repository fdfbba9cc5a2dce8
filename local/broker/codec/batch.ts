import { SECTION, sectionsOf } from "./sections.ts";
import { bytesOf, CodecError } from "./values.ts";

/** The message format of a batch: each data section holds one whole message. */
export const BATCH_FORMAT = 0x80013700;

/** The messages of a batch. @throws CodecError */
export function unbatch(batch: Buffer): Buffer[] {
  return sectionsOf(batch)
    .filter(({ code }) => code === SECTION.data)
    .map(({ valueAt, end }) => {
      const message = bytesOf(batch.subarray(valueAt, end));
      if (!message) throw new CodecError("a batch consists of binary sections");
      return message;
    });
}
