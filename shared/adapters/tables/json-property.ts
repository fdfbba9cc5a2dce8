/** A property holds 64 KiB of UTF-16, a row 1 MiB: a long text is kept in pieces, and refused beyond `MOST_PIECES`. */
const PIECE = 32_000;
const MOST_PIECES = 14;

/**
 * A plain value as JSON text in properties `name`, `name1`, `name2`…; pure ASCII, so that no piece cuts a character and
 * no reader on the way can get its encoding wrong (Azurite does, at the seams of a long body).
 * @throws RangeError when one row cannot hold it
 */
export function jsonProperties(name: string, value: unknown): Record<string, string> {
  const text = JSON.stringify(value).replaceAll(/[^ -~]/g, escaped);
  const count = Math.ceil(text.length / PIECE);
  if (count > MOST_PIECES)
    throw new RangeError(`"${name}" is ${text.length} characters long; a row holds ${PIECE * MOST_PIECES}`);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [nameOf(name, index), text.slice(index * PIECE, (index + 1) * PIECE)]),
  );
}

/** The value back; the shape is the writer's. @throws SyntaxError when the row has no such JSON */
export function readJson(row: Readonly<Record<string, unknown>>, name: string): unknown {
  let text = "";
  for (let index = 0; ; index++) {
    const piece = row[nameOf(name, index)];
    if (typeof piece !== "string") break;
    text += piece;
  }
  return JSON.parse(text);
}

/** Like `readJson` for a row that anybody may have written: `undefined` when it cannot be read. */
export function readForeignJson(row: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return readJson(row, name);
  } catch {
    return undefined;
  }
}

const nameOf = (name: string, index: number): string => (index === 0 ? name : `${name}${index}`);

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
