import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ZS = resolve(import.meta.dirname, "../cli/main.ts");
const FILE = "audit.jsonl";

interface ZsAnswer {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

/** Runs `zs` as a person of the identity team does, with a token of the everyday account. */
export function zs(
  words: readonly string[],
  { apiUrl, token, directory }: { readonly apiUrl: string; readonly token: string; readonly directory: string },
): Promise<ZsAnswer> {
  const env = { ZS_API_URL: apiUrl, ZS_ACCESS_TOKEN: token, XDG_CONFIG_HOME: directory };
  return run(words, directory, env);
}

/** Runs `zs audit verify` on an export, which is written into the directory first. Offline: it gets no address and no token, only the id of the key that signs checkpoints. */
export function zsAuditVerify(jsonLines: string, directory: string, keyId: string): Promise<ZsAnswer> {
  writeFileSync(join(directory, FILE), jsonLines);
  return run(["audit", "verify", `--key-id=${keyId}`, FILE], directory, {});
}

function run(words: readonly string[], directory: string, env: Readonly<Record<string, string>>): Promise<ZsAnswer> {
  return new Promise((answer) => {
    const all = ["--disable-warning=ExperimentalWarning", ZS, ...words];
    const child = execFile(process.execPath, all, { cwd: directory, env }, (_, stdout, stderr) => {
      answer({ exitCode: child.exitCode ?? -1, lines: `${stdout}${stderr}`.split("\n").filter(Boolean) });
    });
  });
}
