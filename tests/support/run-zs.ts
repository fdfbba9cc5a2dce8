import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { run } from "../../cli/run.ts";

export const MAIN = resolve(import.meta.dirname, "../../cli/main.ts");

/** What a run of `zs` left behind. */
export interface ZsResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** A folder with nothing in it: no stack, no settings, no tokens. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), "zs-"));

/** `zs` in this process; nothing of the machine's own settings is seen. */
export async function runZs(
  words: readonly string[],
  { env = {}, directory = emptyFolder(), input = "" }: { env?: Environment; directory?: string; input?: string } = {},
): Promise<ZsResult & { readonly opened: readonly string[] }> {
  const said = { stdout: "", stderr: "" };
  const opened: string[] = [];
  const output = new PassThrough();
  output.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
  const exitCode = await run(words, {
    env: { XDG_CONFIG_HOME: directory, ...env },
    directory,
    input: Readable.from([Buffer.from(input)]),
    output,
    openBrowser: (url) => opened.push(url),
    interrupted: new AbortController().signal,
    terminal: {
      colour: false,
      print: (text) => (said.stdout += `${text}\n`),
      note: (text) => (said.stderr += `${text}\n`),
    },
  });
  return { exitCode, ...said, opened };
}

/** `zs` as a process of its own, as people run it. `onStderr` sees everything said so far. */
export function spawnZs(
  words: readonly string[],
  options: { env?: Environment; directory?: string; onStderr?: (text: string) => void } = {},
): Promise<ZsResult> {
  const directory = options.directory ?? emptyFolder();
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", HOME: directory, XDG_CONFIG_HOME: directory, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    said.stderr += chunk.toString();
    options.onStderr?.(said.stderr);
  });
  return new Promise((resolveExit, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolveExit({ exitCode: code ?? -1, ...said }));
  });
}
