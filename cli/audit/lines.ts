/** One line of a file, without its end. `bytes` is absent where the line is longer than any record. */
export interface Line {
  readonly number: number;
  readonly bytes?: Buffer;
}

const LONGEST_BYTES = 1 << 20;
const NEWLINE = 10;

/** Lines of a stream of any length, holding one at a time. Only `\n` ends a line. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 1;
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer): void => {
    length += part.length;
    if (length <= LONGEST_BYTES) parts.push(part);
    else parts = [];
  };
  const line = (): Line => (length <= LONGEST_BYTES ? { number, bytes: Buffer.concat(parts) } : { number });
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end));
      yield line();
      [number, parts, length, start] = [number + 1, [], 0, end + 1];
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield line();
}
