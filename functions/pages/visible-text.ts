/**
 * Characters that a reader does not see but that change what is read: controls, bidirectional overrides, zero-width and
 * private ones. Line breaks and tabs are left alone.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const HARMLESS = ["\n", "\t"];

/** Shows hidden characters by their number, so that a text reads as it is stored: `admin[U+202E]`. */
export const visibleText = (text: string): string =>
  text
    .replaceAll("\r\n", "\n")
    .replace(INVISIBLE, (character) =>
      HARMLESS.includes(character)
        ? character
        : `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );

/** Every text inside a plain value made visible: applied to a whole view at once, so that no field is forgotten. */
export function visible<T>(value: T): T {
  if (typeof value === "string") return visibleText(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => visible(item)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visible(item as unknown)])) as T;
}
