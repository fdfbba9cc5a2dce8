import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { CHECKSUM_FILE, checksumLines, sha256Of } from "../shared/config/package-checksums.ts";

/** Everything that is shipped as it lies in the project; `package.json` is written anew, and the checksums come last. */
const SHIPPED = ["dist/functions/*", "dist/policy.json", "dist/sbom.cdx.json", "host.json", "policy/*.yaml"];

/** What the platform reads of `package.json`. */
const READ_BY_PLATFORM = ["name", "version", "private", "type", "main"];

/** The files of the deployable package of a project that is built, by path. */
export function packageFiles(project: string): ReadonlyMap<string, Uint8Array> {
  const paths = SHIPPED.flatMap((pattern) => {
    const found = globSync(pattern, { cwd: project });
    if (found.length === 0) throw new Error(`there is no ${pattern} in ${project}`);
    return found;
  });
  const files = new Map<string, Uint8Array>(
    paths.map((path) => [path.replaceAll(sep, "/"), readFileSync(join(project, path))]),
  );
  files.set("package.json", Buffer.from(packageJson(readFileSync(join(project, "package.json"), "utf8"))));
  const sums = new Map([...files].map(([path, content]) => [path, sha256Of(content)]));
  return files.set(CHECKSUM_FILE, Buffer.from(checksumLines(sums)));
}

function packageJson(text: string): string {
  const whole = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const read = Object.fromEntries(READ_BY_PLATFORM.map((name) => [name, whole[name]]));
  return `${JSON.stringify(read, null, 2)}\n`;
}
