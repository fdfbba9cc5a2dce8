/** A property holds 64 KiB of UTF-16, a row 1 MiB: a long text is kept in pieces, and refused beyond `MOST_PIECES`. */
const PIECE = 32_000;
const MOST_PIECES = 14;

/**
 * A plain value as JSON text in properties `name`, `name1`, `name2`…
 * @throws RangeError when one row cannot hold it
 */
export function jsonProperties(name: string, value: unknown): Record<string, string> {
  // Line separators are legal in JSON but end a line in the text of a batch for some readers.
  const text = JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  const pieces = inPieces(text);
  if (pieces.length > MOST_PIECES)
    throw new RangeError(`"${name}" is ${text.length} characters long; a row holds ${PIECE * MOST_PIECES}`);
  return Object.fromEntries(pieces.map((piece, index) => [nameOf(name, index), piece]));
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

const nameOf = (name: string, index: number): string => (index === 0 ? name : `${name}${index}`);

/** Never cuts a surrogate pair: half of one does not survive UTF-8. */
function inPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = start + PIECE;
    const cutsPair = end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
    const piece = text.slice(start, cutsPair ? end - 1 : end);
    pieces.push(piece);
    start += piece.length;
  }
  return pieces;
}
