import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HostLog } from "../../../../local/host/host-log.ts";

describe("the log of the host", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "host-log-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("has written what was said when it is asked to, also what was held back for a moment", async () => {
    const file = join(directory, "host.log");
    const log = new HostLog(file);
    for (const message of ["one", "two", "three"]) {
      log.write("information", "system", message);
      await log.written();
    }
    log.write("information", "system", "four"); // just after a write: kept for the next one
    await log.written();
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      "one",
      "two",
      "three",
      "four",
    ]);
    await log.close();
  });
});
