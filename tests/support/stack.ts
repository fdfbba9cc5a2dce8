import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Stack, StackOptions } from "../../local/stack/stack.ts";
import { startStack } from "../../local/supervisor.ts";

/** `ZS_TEST_HANDOVER=queue` runs every suite with a front that hands over through the queue. */
const HANDOVER = process.env["ZS_TEST_HANDOVER"];
/** `ZS_TEST_FORM=split` runs every suite with the app in three processes, each with its own rights. */
const SPLIT = process.env["ZS_TEST_FORM"] === "split";

/**
 * A stack for one suite: started before it on a data directory of its own, with a clock that stands still, and stopped
 * after it. Call it inside `describe`; the answer works from the first test on.
 */
export function useStack(options: Partial<StackOptions> = {}, onReady?: () => void): () => Stack {
  const dataDirectory = mkdtempSync(join(tmpdir(), "zero-standing-"));
  let stack: Stack | undefined;
  beforeAll(async () => {
    stack = await startStack({
      dataDirectory,
      clock: "manual",
      ...(SPLIT && options.appDirectory === undefined ? { split: true } : {}),
      ...options,
      settings: { ...(HANDOVER === undefined ? {} : { HANDOVER }), ...options.settings },
    });
    onReady?.();
  });
  afterAll(async () => {
    await stack?.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  return () => {
    if (!stack) throw new Error("the stack is not there before the first test");
    return stack;
  };
}
