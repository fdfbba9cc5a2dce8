import * as z from "zod";
import { openBox, sealBox, type BoxPurpose } from "../../shared/crypto/box.ts";
import type { LinkKeys } from "../../shared/crypto/link.ts";
import type { Instant } from "../../shared/domain/time.ts";

/** A value that travels through a browser and comes back unread and unchanged, or not at all. */
export interface SealedValue<T> {
  seal(value: T, expiresAt: Instant): string;
  /** `undefined`: not made by us, for another purpose, changed, or expired. */
  open(box: string | undefined, now: Instant): T | undefined;
}

export function sealedValue<T>(purpose: BoxPurpose, schema: z.ZodType<T>, keys: LinkKeys): SealedValue<T> {
  const envelope = z.object({ expiresAt: z.string(), value: schema });
  return {
    seal: (value, expiresAt) => sealBox(purpose, JSON.stringify({ expiresAt, value }), keys),
    open: (box, now) => {
      const text = box === undefined ? undefined : openBox(purpose, box, keys);
      const parsed = text === undefined ? undefined : envelope.safeParse(JSON.parse(text)).data;
      return parsed && now < parsed.expiresAt ? parsed.value : undefined;
    },
  };
}
