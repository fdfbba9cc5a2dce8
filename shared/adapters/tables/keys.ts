import { msOf, type Instant } from "../../domain/time.ts";

const PLAIN = /^[A-Za-z0-9-]$/;
const KEY = /^[A-Za-z0-9_-]{1,512}$/;
/** 1 KiB of UTF-16. */
const LONGEST = 512;

/**
 * Any text as a partition or row key of `[A-Za-z0-9_-]`: letters, digits and hyphens stay, every other byte becomes `_`
 * and two hexadecimal digits. Different texts give different keys.
 * @throws RangeError when the key would be longer than the table service takes
 */
export function encodeKey(text: string): string {
  const key = keyOf(text);
  if (key.length > LONGEST) throw new RangeError(`too long for a key: ${text.slice(0, 60)}…`);
  return key;
}

/** Whether `encodeKey` has a key for this text. */
export const isKeyed = (text: string): boolean => keyOf(text).length <= LONGEST;

function keyOf(text: string): string {
  return [...new TextEncoder().encode(text.toWellFormed())]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return PLAIN.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/** The text that `encodeKey` made this key of. */
export const decodeKey = (key: string): string =>
  Buffer.from(
    key.replaceAll(/_([0-9a-f]{2})/g, (_, byte: string) => String.fromCharCode(parseInt(byte, 16))),
    "latin1",
  ).toString();

/** A key that our own code made. @throws RangeError when it has other characters than `[A-Za-z0-9_-]` */
export function plainKey(key: string): string {
  if (!KEY.test(key)) throw new RangeError(`not a key: "${key.slice(0, 60)}"`);
  return key;
}

/** Text order is number order. */
export const sequenceKey = (sequence: number): string => sequence.toString().padStart(10, "0");

/**
 * The number of a key that `sequenceKey` made; `undefined`: no place of a chain. The upper half of the numbers is none
 * either: behind a row that somebody planted at the end of them there would be no room.
 */
export const sequenceOf = (key: string): number | undefined =>
  /^[0-4]\d{9}$/.test(key) && Number(key) > 0 ? Number(key) : undefined;

/** Text order is time order. */
export const timeKey = (at: Instant): string => at.replaceAll(/[^0-9TZ]/g, "");

/** Text order is time order, newest first. */
export const newestFirstKey = (at: Instant): string => (9_999_999_999_999 - msOf(at)).toString().padStart(13, "0");
