import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ZS = resolve(import.meta.dirname, "../cli/main.ts");
const FILE = "audit.jsonl";

interface ZsAnswer {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

/** Runs `zs audit verify` on an export, which is written into the directory first. Offline: it gets no address and no token, only the id of the key that signs checkpoints. */
export function zsAuditVerify(jsonLines: string, directory: string, keyId: string): Promise<ZsAnswer> {
  writeFileSync(join(directory, FILE), jsonLines);
  const words = ["--disable-warning=ExperimentalWarning", ZS, "audit", "verify", `--key-id=${keyId}`, FILE];
  return new Promise((answer) => {
    const child = execFile(process.execPath, words, { cwd: directory, env: {} }, (_, stdout, stderr) => {
      answer({ exitCode: child.exitCode ?? -1, lines: `${stdout}${stderr}`.split("\n").filter(Boolean) });
    });
  });
}
