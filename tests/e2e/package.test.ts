import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startStack } from "../../local/supervisor.ts";
import { packageFiles } from "../../packaging/package-files.ts";
import { zipOf } from "../../packaging/zip.ts";
import { checksumLines, sha256Of } from "../../shared/config/package-checksums.ts";
import { copyProject } from "../support/project-copy.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
const MEGABYTE = 1_000_000;

const home = mkdtempSync(join(tmpdir(), "zero-standing-package-"));
const copy = join(home, "at", "another", "depth");
const built = (name: string): Buffer => readFileSync(join(copy, "dist", name));
let zip: Buffer;
let files: Readonly<Record<string, Uint8Array>>;

beforeAll(async () => {
  await copyProject(copy);
  execFileSync("npm", ["run", "-s", "package"], { cwd: copy, shell: process.platform === "win32" });
  zip = built("package.zip");
  files = unzipSync(zip);
});
afterAll(() => rmSync(home, { recursive: true }));

/** The package in a new folder, with nothing around it. */
function unpacked(): string {
  const directory = mkdtempSync(join(home, "app-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

const hashNextToIt = (name: string): string | undefined =>
  new RegExp(`^([0-9a-f]{64}) {2}${name}$`, "m").exec(built("package.zip.sha256").toString())?.[1];

describe("the deployable package", () => {
  it("is byte for byte the same from another folder", () => {
    expect(sha256Of(zipOf(packageFiles(PROJECT)))).toBe(sha256Of(zip));
  });

  it("is byte for byte the same at another time, in another zone, with other times and modes of files", () => {
    for (const file of ["host.json", "policy/roles.yaml", "functions/index.ts", "package.json"]) {
      utimesSync(join(copy, file), 1_000_000_000, 1_000_000_000);
      chmodSync(join(copy, file), 0o600);
    }
    const env = { ...process.env, TZ: "Pacific/Kiritimati", LC_ALL: "C" };
    execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", join(copy, "package.ts")], {
      cwd: home,
      env,
    });
    expect(sha256Of(built("package.zip"))).toBe(sha256Of(zip));
  });

  it("has its hashes beside it", () => {
    expect(hashNextToIt("package.zip")).toBe(sha256Of(zip));
    expect(hashNextToIt("SHA256SUMS")).toBe(sha256Of(files["SHA256SUMS"] ?? ""));
    expect(built("SHA256SUMS")).toEqual(Buffer.from(files["SHA256SUMS"] ?? ""));
  });

  it("lists every file in it with its hash", () => {
    const others = Object.entries(files).filter(([path]) => path !== "SHA256SUMS");
    const sums = new Map(others.map(([path, content]) => [path, sha256Of(content)]));
    expect(Buffer.from(files["SHA256SUMS"] ?? "").toString()).toBe(checksumLines(sums));
  });

  it("holds what the platform needs and nothing else", () => {
    const rest = Object.keys(files).filter((path) => !/^dist\/functions\/[\w-]+\.(js|cjs)$/.test(path));
    expect(rest.toSorted()).toEqual(
      [
        ...["SHA256SUMS", "dist/policy.json", "dist/sbom.cdx.json", "host.json", "package.json"],
        ...["policy/people.yaml", "policy/roles.yaml"],
      ].toSorted(),
    );
    expect(JSON.parse(Buffer.from(files["package.json"] ?? "").toString())).toEqual({
      name: "zero-standing",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      private: true,
      type: "module",
      main: "dist/functions/index.js",
    });
  });

  it("leaves its source maps outside, one for each file of code", () => {
    const code = Object.keys(files).filter((path) => path.startsWith("dist/functions/"));
    for (const path of code) {
      const map = JSON.parse(built(path.replace("dist/functions", "maps").concat(".map")).toString()) as object;
      expect(map).toMatchObject({ version: 3, sources: expect.any(Array) as unknown[] });
    }
    for (const path of code) expect(Buffer.from(files[path] ?? "").includes("sourceMappingURL=")).toBe(false);
  });

  it("makes forms with what is read only once one is made", () => {
    const axios = createRequire(join(unpacked(), "dist/functions/index.js"))("./axios.cjs") as {
      readonly toFormData: (value: object) => { getBuffer(): Buffer };
    };
    expect(axios.toFormData({ name: "value" }).getBuffer().toString()).toMatch(/name="name"\s+value/);
  });

  it("has at most 1.5 MB", () => {
    expect(zip.length).toBeLessThanOrEqual(1.5 * MEGABYTE);
  });
});

/** The package started from the folder; what it says of itself. */
async function healthOf(appDirectory: string): Promise<unknown> {
  const dataDirectory = mkdtempSync(join(home, "data-"));
  const stack = await startStack({ dataDirectory, clock: "manual", only: ["storage", "broker", "host"], appDirectory });
  try {
    return await (await fetch(`${stack.addresses.app}/api/health`)).json();
  } finally {
    await stack.stop();
  }
}

describe("a package in an empty folder", () => {
  it("starts, and says the hash that lies beside it", async () => {
    expect(await healthOf(unpacked())).toMatchObject({ status: "ok", packageHash: hashNextToIt("SHA256SUMS") });
  });

  it("says another hash once a file in it was changed", async () => {
    const appDirectory = unpacked();
    appendFileSync(join(appDirectory, "policy/people.yaml"), "# changed in place\n");
    const { packageHash } = (await healthOf(appDirectory)) as { readonly packageHash: string };
    expect(packageHash).toMatch(/^[0-9a-f]{64}$/);
    expect(packageHash).not.toBe(hashNextToIt("SHA256SUMS"));
  });

  it("does not start with the policy that another build checked", async () => {
    const appDirectory = unpacked();
    const file = join(appDirectory, "dist/policy.json");
    const policy = JSON.parse(readFileSync(file, "utf8")) as { readonly checker: string };
    writeFileSync(
      file,
      JSON.stringify({ ...policy, checker: policy.checker.replace(/./, (digit) => (digit === "0" ? "1" : "0")) }),
    );
    await expect(healthOf(appDirectory)).rejects.toThrow(/policy\.json is of another build/);
  });
});
