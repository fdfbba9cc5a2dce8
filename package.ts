import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./packaging/bundle.ts";
import { packageFiles } from "./packaging/package-files.ts";
import { writeBuild } from "./packaging/write-build.ts";
import { zipOf } from "./packaging/zip.ts";
import { CHECKSUM_FILE, sha256Of } from "./shared/config/package-checksums.ts";

/**
 * `npm run package`: builds, and writes `dist/package.zip` with its checksums beside it. The same commit gives the same
 * bytes. See docs/decisions/0018-package.md.
 */
await writeBuild();
const files = packageFiles(PROJECT);
const zip = zipOf(files);
const list = files.get(CHECKSUM_FILE) ?? "";
const hashes = `${sha256Of(zip)}  package.zip\n${sha256Of(list)}  ${CHECKSUM_FILE}\n`;
const dist = join(PROJECT, "dist");
writeFileSync(join(dist, "package.zip"), zip);
writeFileSync(join(dist, CHECKSUM_FILE), list);
writeFileSync(join(dist, "package.zip.sha256"), hashes);
console.log(
  `dist/package.zip: ${files.size} files, ${zip.length} bytes\n${hashes}The last is packageHash in GET /api/health.`,
);
