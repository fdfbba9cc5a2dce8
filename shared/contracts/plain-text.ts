import * as z from "zod";

/** Text that people type and others read: no control characters, nothing that turns the direction of writing. */
export const plainText = (minimum: number, maximum: number) =>
  z
    .string()
    .trim()
    .min(minimum)
    .max(maximum)
    .refine((text) => !/[\p{Cc}\p{Bidi_Control}]/u.test(text), "must not hold control characters");
