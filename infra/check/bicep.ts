import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The Bicep command line as a NuGet package: one program, kept under `.local/`. */
const PACKAGE = "Azure.Bicep.CommandLine.linux-x64";
const VERSION = "0.49.2";
const FOLDER = resolve(import.meta.dirname, "../../.local/bicep");
const PROGRAM = join(FOLDER, "packages", PACKAGE.toLowerCase(), VERSION, "tools/bicep");
const PROJECT = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net8.0</TargetFramework>
    <RestorePackagesPath>packages</RestorePackagesPath>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup><PackageDownload Include="${PACKAGE}" Version="[${VERSION}]" /></ItemGroup>
</Project>
`;

/** Fetches the program once. Answers where it is, or why it cannot be had here. */
export function findBicep(): { readonly program: string } | { readonly missing: string } {
  if (existsSync(PROGRAM)) return { program: PROGRAM };
  if (process.platform !== "linux" || process.arch !== "x64")
    return { missing: `${PACKAGE} is not for ${process.platform} ${process.arch}` };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "tool.csproj"), PROJECT);
  const restored = spawnSync("dotnet", ["restore", "tool.csproj"], { cwd: FOLDER, encoding: "utf8", timeout: 120_000 });
  if (restored.error) return { missing: "dotnet is not on the path" };
  return existsSync(PROGRAM) ? { program: PROGRAM } : { missing: `NuGet has no ${PACKAGE} ${VERSION} for us` };
}

export interface Diagnostic {
  readonly source: string;
  readonly level: string;
  readonly code: string;
  readonly message: string;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** One process answers everything: starting Bicep costs more than compiling with it. */
export class Bicep {
  readonly #process;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #received = Buffer.alloc(0);
  #last = 0;

  constructor(program: string, env: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(program, ["jsonrpc", "--stdio"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1", ...env },
    });
    this.#process.once("exit", () => this.#end("Bicep ended"));
    this.#process.once("error", ({ message }) => this.#end(message));
    this.#process.stdout.on("data", (bytes: Buffer) => this.#take(bytes));
  }

  /** @throws Error with what Bicep says; an error in the file is a diagnostic, not an exception */
  async compile(path: string): Promise<{ readonly contents: string; readonly diagnostics: readonly Diagnostic[] }> {
    const { contents, diagnostics } = (await this.#call("bicep/compile", { path })) as {
      contents?: string;
      diagnostics: Diagnostic[];
    };
    return { contents: contents ?? "", diagnostics };
  }

  async compileParams(path: string): Promise<readonly Diagnostic[]> {
    const { diagnostics } = (await this.#call("bicep/compileParams", { path, parameterOverrides: {} })) as {
      diagnostics: Diagnostic[];
    };
    return diagnostics;
  }

  /** The file as it should be laid out. */
  async format(path: string): Promise<string> {
    return ((await this.#call("bicep/format", { path })) as { contents: string }).contents;
  }

  /** What a deployment of the parameter file would make. @throws Error with the reason of a refusal */
  async snapshot(path: string, metadata: Readonly<Record<string, string>>): Promise<string> {
    const { snapshot } = (await this.#call("bicep/getSnapshot", { path, metadata, externalInputs: [] })) as {
      snapshot: string;
    };
    return snapshot;
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.#process.once("exit", done));
    this.#process.kill("SIGKILL"); // it keeps nothing
    await ended;
  }

  #end(message: string): void {
    for (const [id, answer] of this.#waiting) answer({ id, error: { message } });
    this.#waiting.clear();
  }

  async #call(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#last;
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params: [params] });
    const { result, error } = await new Promise<Reply>((answered) => {
      this.#waiting.set(id, answered);
      this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
    if (error) throw new Error(error.message);
    return result;
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const begin = this.#received.indexOf("\r\n\r\n");
      if (begin === -1) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString("latin1", 0, begin))?.[1]);
      if (this.#received.length < begin + 4 + length) return;
      const reply = JSON.parse(this.#received.toString("utf8", begin + 4, begin + 4 + length)) as Reply;
      this.#received = this.#received.subarray(begin + 4 + length);
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    }
  }
}
