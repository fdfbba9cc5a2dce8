import { ContainerClient, type AppendBlobClient } from "@azure/storage-blob";
import type { TokenCredential } from "@azure/identity";
import type { AuditRecord } from "../../domain/audit-event.ts";
import type { Checkpoint } from "../../domain/checkpoint.ts";
import type { AuditCopy } from "../../ports/audit-copy.ts";
import type { Clock } from "../../ports/clock.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import { guarded } from "./blob-error.ts";
import { lastCheckpoint } from "./last-checkpoint.ts";

export type AuditCopySettings =
  /** The container `audit-copy` is made if it is missing: for storage without retention, on one's own machine. */
  | { readonly connectionString: string }
  /** Address of a container that somebody else made. */
  | { readonly containerUrl: string; readonly credential: TokenCredential };

/** Of an append blob. @see https://learn.microsoft.com/rest/api/storageservices/append-block */
const LIMITS = { blocks: 50_000, blockBytes: 4 << 20 };

/** Short: the next run comes in ten minutes. */
const RETRIES = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000, tryTimeoutInMs: 30_000 };

/** The newest blob. */
interface Tail {
  readonly name: string;
  readonly blob: AppendBlobClient;
  bytes: number;
  blocks: number;
}

/** Where the next line goes, and the last checkpoint before it. */
interface End {
  tail: Tail | undefined;
  last: Pick<Checkpoint, "sequence" | "hash"> | undefined;
}

/**
 * JSON lines in append blobs `audit-<day>-<part>.jsonl` of one container, a new one every day. Lines are only ever added,
 * each block where the one before ended: an answer that got lost, or a second writer, makes the next call look anew.
 * Needs to read blobs and to add to them; under a locked policy with protected append writes nobody can do more.
 */
export function createAuditCopy(settings: AuditCopySettings, clock: Clock, limits = LIMITS): AuditCopy {
  const container = containerOf(settings);
  let end: End | undefined;

  const opened = async (): Promise<End> => (end ??= await guarded("open", () => open(container, settings)));

  const write = async (to: End, block: Buffer): Promise<void> => {
    const today = clock.now().slice(0, 10);
    if (to.tail && dayOf(to.tail.name) >= today && to.tail.blocks < limits.blocks) {
      await add(to.tail, block);
      return;
    }
    to.tail = await create(container, nameAfter(to.tail?.name, today));
    await add(to.tail, block);
  };

  const append = async (records: AsyncIterable<AuditRecord>, checkpoint: Checkpoint): Promise<void> => {
    const to = await opened();
    let lines: Buffer[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      await write(to, Buffer.concat(lines));
      [lines, bytes] = [[], 0];
    };
    for await (const line of linesOf(records, checkpoint)) {
      if (bytes > 0 && bytes + line.length > limits.blockBytes) await flush();
      lines.push(line);
      bytes += line.length;
    }
    await flush();
    to.last = { sequence: checkpoint.sequence, hash: checkpoint.hash };
  };

  return {
    last: async () => (await opened()).last,
    append: async (records, checkpoint) => {
      try {
        await append(records, checkpoint);
      } catch (error) {
        end = undefined;
        throw error;
      }
    },
  };
}

async function* linesOf(records: AsyncIterable<AuditRecord>, checkpoint: Checkpoint): AsyncGenerator<Buffer> {
  for await (const record of records) yield Buffer.from(`${JSON.stringify(record)}\n`);
  yield Buffer.from(`${JSON.stringify({ checkpoint })}\n`);
}

function containerOf(settings: AuditCopySettings): ContainerClient {
  const options = { retryOptions: RETRIES };
  return "connectionString" in settings
    ? new ContainerClient(settings.connectionString, "audit-copy", options)
    : new ContainerClient(settings.containerUrl, settings.credential, options);
}

async function open(container: ContainerClient, settings: AuditCopySettings): Promise<End> {
  if ("connectionString" in settings) await container.createIfNotExists();
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix: "audit-" })) if (NAME.test(name)) names.push(name);
  let tail: Tail | undefined;
  for (const name of names.toSorted().toReversed()) {
    const blob = container.getAppendBlobClient(name);
    const { contentLength = 0, blobCommittedBlockCount = 0 } = await blob.getProperties();
    tail ??= { name, blob, bytes: contentLength, blocks: blobCommittedBlockCount };
    const last = await lastCheckpoint(contentLength, (offset, count) => blob.downloadToBuffer(offset, count));
    if (last) return { tail, last: { sequence: last.sequence, hash: last.hash } };
  }
  return { tail, last: undefined };
}

/** Never takes over what is there already. */
async function create(container: ContainerClient, name: string): Promise<Tail> {
  const blob = container.getAppendBlobClient(name);
  const { succeeded } = await guarded(name, () => blob.createIfNotExists());
  if (!succeeded) throw new DependencyError("Unavailable", `audit copy, ${name}: somebody else has just made it`);
  return { name, blob, bytes: 0, blocks: 0 };
}

async function add(tail: Tail, block: Buffer): Promise<void> {
  const conditions = { appendPosition: tail.bytes };
  await guarded(tail.name, () => tail.blob.appendBlock(block, block.length, { conditions }));
  tail.bytes += block.length;
  tail.blocks += 1;
}

/** Text order is time order. */
const NAME = /^audit-(\d{4}-\d{2}-\d{2})-(\d{4})\.jsonl$/;

const dayOf = (name: string): string => NAME.exec(name)?.[1] ?? "";

/** The first of a day, or the next of the same one; never before what is there, whatever the clock says. */
function nameAfter(last: string | undefined, today: string): string {
  const [, day = "", part = "0"] = NAME.exec(last ?? "") ?? [];
  return day >= today ? nameOf(day, Number(part) + 1) : nameOf(today, 1);
}

const nameOf = (day: string, part: number): string => `audit-${day}-${part.toString().padStart(4, "0")}.jsonl`;
