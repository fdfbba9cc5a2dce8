import { closeSync, fdatasync, openSync, readSync, write } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { BodyLocation } from "../model/message.ts";
import { rewrite, syncDirectory, type Snapshot } from "./compaction.ts";
import { frame } from "./framing.ts";
import type { JournalRecord } from "./records.ts";
import { recover } from "./recovery.ts";

const writeAt = promisify(write);
const syncData = promisify(fdatasync);

interface Waiting {
  readonly framed: Buffer;
  readonly bodyLength: number;
  readonly written: ((location: BodyLocation) => void) | undefined;
}

export interface JournalOptions {
  /** Bytes from which on a journal that is mostly history is written anew. */
  readonly compactFromBytes?: number;
  readonly snapshot: () => Snapshot;
  /** Bytes of the bodies that still matter. */
  readonly liveBytes: () => number;
  /** The disk refused: nothing more can be promised. */
  readonly failed: (error: Error) => void;
}

const COMPACT_FROM_BYTES = 32 * 1024 * 1024;
const LEAST_GAIN = 3;

/**
 * An append-only file. All records that wait are written at once and made durable by one `fdatasync`; only then is
 * anybody told. Bodies are read back from it by their place.
 */
export class Journal {
  readonly #file: string;
  readonly #options: JournalOptions;
  #fd = -1;
  #size = 0;
  #waiting: Waiting[] = [];
  #round = Promise.withResolvers<undefined>();
  #isRunning = false;
  #last: Promise<void> = Promise.resolve();
  #writing: Promise<undefined> | undefined;
  compactions = 0;

  constructor(directory: string, options: JournalOptions) {
    this.#file = join(directory, "journal");
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** Reads what is there. Answers how many bytes of an unfinished write were cut off. */
  open(apply: (record: JournalRecord, location: BodyLocation, bytes: Buffer) => void): number {
    const { size, cutBytes } = recover(this.#file, apply);
    this.#size = size;
    this.#fd = openSync(this.#file, "r+");
    syncDirectory(dirname(this.#file));
    return cutBytes;
  }

  append(record: JournalRecord, bytes?: Buffer, written?: (location: BodyLocation) => void): void {
    this.#waiting.push({ framed: frame(record, bytes), bodyLength: bytes?.length ?? 0, written });
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#last = this.#run();
  }

  /** Resolves when everything appended so far is durable and visible. */
  async durable(): Promise<void> {
    await (this.#waiting.length > 0 ? this.#round.promise : this.#writing);
  }

  read({ offset, length }: BodyLocation): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.#fd, bytes, 0, length, offset) !== length) throw new Error("the journal is shorter than it was");
    return bytes;
  }

  async close(): Promise<void> {
    await this.#last;
    closeSync(this.#fd);
  }

  async #run(): Promise<void> {
    await nextTurn(); // what arrives in the same turn shares the write
    try {
      while (this.#waiting.length > 0) {
        await this.#writeRound();
        if (this.#isMostlyHistory()) await this.#compact();
      }
    } catch (error) {
      this.#options.failed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#isRunning = false;
    }
  }

  async #writeRound(): Promise<void> {
    const round = this.#waiting;
    const { promise, resolve } = this.#round;
    this.#waiting = [];
    this.#round = Promise.withResolvers<undefined>();
    this.#writing = promise;
    const buffer = Buffer.concat(round.map(({ framed }) => framed));
    await writeFully(this.#fd, buffer, this.#size);
    await syncData(this.#fd);
    this.#tell(round);
    this.#writing = undefined;
    resolve(undefined);
  }

  #tell(round: readonly Waiting[]): void {
    for (const { framed, bodyLength, written } of round) {
      this.#size += framed.length;
      written?.({ offset: this.#size - bodyLength, length: bodyLength });
    }
  }

  #isMostlyHistory(): boolean {
    const { compactFromBytes = COMPACT_FROM_BYTES, liveBytes } = this.#options;
    return this.#size > compactFromBytes && this.#size > LEAST_GAIN * liveBytes();
  }

  /** What is appended meanwhile waits, and is written behind the snapshot. */
  async #compact(): Promise<void> {
    const { fd, size, moved } = await rewrite(this.#file, this.#options.snapshot(), this.#fd);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#size = size;
    for (const [location, offset] of moved) location.offset = offset;
    this.compactions += 1;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function writeFully(fd: number, buffer: Buffer, position: number): Promise<void> {
  for (let done = 0; done < buffer.length;)
    done += (await writeAt(fd, buffer, done, buffer.length - done, position + done)).bytesWritten;
}
