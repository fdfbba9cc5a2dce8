import { renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseInstant, type Instant } from "../../shared/domain/time.ts";
import { createApi } from "../api/client.ts";
import type { Command, Input } from "../command.ts";
import { ExitCode, unavailable, usageError } from "../exit-code.ts";
import { openSession } from "../sign-in/session.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";

export const auditExport: Command = {
  name: "audit export",
  summary: "write the audit trail as JSON lines (identity team)",
  details:
    "Writes the signed checkpoints and every chain in order, one a line, to standard output or a file. A file appears only\nwhen the export is complete. With a time range there are no checkpoints, and chains may begin in the middle: zs audit verify --partial.",
  options: {
    from: { value: "TIME", help: "only records from then on: 2026-11-24T09:00:00Z, or 2026-11-24 (midnight UTC)" },
    to: { value: "TIME", help: "only records up to then" },
    out: { value: "FILE", help: "write to this file, which only you can read, instead of standard output" },
  },
  examples: ["zs audit export --out audit.jsonl", "zs audit export --from 2026-11-01 | zs audit verify --partial -"],
  run: async (input, { env, directory, terminal, output, interrupted }) => {
    const query = new URLSearchParams();
    const [from, to] = [timeOption(input, "from"), timeOption(input, "to")];
    if (from !== undefined && to !== undefined && from > to) throw usageError("--from must not be after --to");
    if (from !== undefined) query.set("from", from);
    if (to !== undefined) query.set("to", to);
    const path = query.size > 0 ? `/api/audit?${query.toString()}` : "/api/audit";
    const body = await createApi(openSession(env, directory)).stream(path);
    const file = input.optional("out");
    if (file === undefined) {
      await copy(body, output, { end: false, escape: output.isTTY === true });
      return ExitCode.Ok;
    }
    const { lines, bytes } = await intoFile(body, file, interrupted);
    answer(terminal, { file, lines, bytes }, () => [`${lines} lines in ${safeText(file)}`]);
    return ExitCode.Ok;
  },
};

const NEWLINE = 10;

interface Copied {
  readonly lines: number;
  readonly bytes: number;
}

function timeOption(input: Input, name: string): Instant | undefined {
  const text = input.optional(name);
  if (text === undefined) return undefined;
  const at = parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at === undefined) throw usageError(`--${name} must be a time such as 2026-11-24T09:00:00Z: ${text}`);
  return at;
}

async function intoFile(body: ReadableStream<Uint8Array>, file: string, interrupted: AbortSignal): Promise<Copied> {
  const unfinished = `${file}.part`;
  const clearAway = (): void => rmSync(unfinished, { force: true });
  interrupted.addEventListener("abort", clearAway);
  try {
    // Open before anything can fail: a stream that opens by itself may still create the file after it was removed below.
    const opened = await open(unfinished, "w", 0o600);
    const copied = await copy(body, opened.createWriteStream(), { end: true, escape: false });
    renameSync(unfinished, file);
    return copied;
  } catch (error) {
    clearAway();
    if (error instanceof Error && "syscall" in error) throw usageError(`${file} cannot be written`);
    throw error;
  } finally {
    interrupted.removeEventListener("abort", clearAway);
  }
}

/** Copies the lines and counts them. @throws CliError when the stream breaks off or ends in the middle of one */
async function copy(
  body: ReadableStream<Uint8Array>,
  target: Writable,
  { end, escape }: { readonly end: boolean; readonly escape: boolean },
): Promise<Copied> {
  const decoder = new TextDecoder();
  let lines = 0;
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array | string> {
    let last: number | undefined = NEWLINE;
    for await (const chunk of whileConnected(body)) {
      lines += chunk.reduce((count, byte) => (byte === NEWLINE ? count + 1 : count), 0);
      bytes += chunk.length;
      last = chunk.at(-1) ?? last;
      yield escape ? decoder.decode(chunk, { stream: true }).split("\n").map(safeText).join("\n") : chunk;
    }
    if (last !== NEWLINE) throw unavailable("the export ended in the middle of a record");
  }
  await pipeline(counted, target, { end });
  return { lines, bytes };
}

async function* whileConnected(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw unavailable("the service broke the export off", error);
  }
}
