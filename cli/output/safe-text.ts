/**
 * Text from elsewhere with every character escaped that a terminal would obey instead of show: controls, invisible and
 * direction-changing characters, line separators.
 */
export const safeText = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);

/** A plain value with all its texts made safe. */
export function safeValue<T>(value: T): T {
  if (typeof value === "string") return safeText(value) as T;
  if (Array.isArray(value)) return value.map(safeValue) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, safeValue(member)])) as T;
}
