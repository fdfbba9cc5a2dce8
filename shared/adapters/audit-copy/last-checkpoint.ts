import { checkpointLine } from "../../contracts/checkpoint.ts";
import type { Checkpoint } from "../../domain/checkpoint.ts";

/** Reads so many bytes from an offset on. */
export type ReadRange = (offset: number, count: number) => Promise<Buffer>;

/** Longer than any line, so that each piece has the end of one. */
const PIECE_BYTES = 4 << 20;
const NEWLINE = 10;
const MARK = Buffer.from('{"checkpoint":');

/** The last checkpoint in JSON lines of this size, looked for from the end, a piece at a time. */
export async function lastCheckpoint(
  size: number,
  read: ReadRange,
  pieceBytes: number = PIECE_BYTES,
): Promise<Checkpoint | undefined> {
  let carried: Buffer = Buffer.alloc(0);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - pieceBytes);
    const piece = Buffer.concat([await read(start, end - start), carried]);
    // The first line of a piece may have begun in the one before.
    const whole = start === 0 ? 0 : piece.indexOf(NEWLINE) + 1;
    const found = lastIn(piece.subarray(whole));
    if (found) return found;
    carried = piece.subarray(0, whole);
    end = start;
  }
  return undefined;
}

function lastIn(lines: Buffer): Checkpoint | undefined {
  for (let at = lines.lastIndexOf(MARK); at >= 0; at = at === 0 ? -1 : lines.lastIndexOf(MARK, at - 1)) {
    if (at > 0 && lines[at - 1] !== NEWLINE) continue;
    const end = lines.indexOf(NEWLINE, at);
    const checkpoint = parsed(lines.toString("utf8", at, end < 0 ? lines.length : end));
    if (checkpoint) return checkpoint;
  }
  return undefined;
}

function parsed(line: string): Checkpoint | undefined {
  try {
    return checkpointLine.safeParse(JSON.parse(line)).data?.checkpoint;
  } catch {
    return undefined;
  }
}
