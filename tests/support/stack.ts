import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, type TestContext } from "vitest";
import type { Stack, StackOptions } from "../../local/stack/stack.ts";
import { startStack } from "../../local/supervisor.ts";
import { AttachedStack } from "./attached-stack.ts";

/** `ZS_TEST_HANDOVER=queue` runs every suite with a front that hands over through the queue. */
const HANDOVER = process.env["ZS_TEST_HANDOVER"];
/** `ZS_TEST_FORM=split` runs every suite with the app in three processes, each with its own rights. */
const SPLIT = process.env["ZS_TEST_FORM"] === "split";
/** `ZS_BASE_URL=http://127.0.0.1:7071` runs every suite against the app of a stack that is already there. */
const BASE_URL = process.env["ZS_BASE_URL"];

/** Suites whose tests each begin a story with the same people: one that was left half done is in the way of the next. */
const OWN_STORIES = /\/(cli|lost-and-killed|messages|standing|upgrade)\.test\.ts$/;
/** Suites whose tests go on from each other. */
const ONE_STORY = /\/(handover|i07-i12-truth|key-rotation|reviews|reviews-by-managers)\.test\.ts$/;
/** What is asked of everything that a suite did. */
const LOOKS_BACK = /^(I8: everything|I9: (the audit chains|a changed record)|keeps no token|spoke to Microsoft Graph)/;

/**
 * A stack for one suite: started before it on a data directory of its own, with a clock that stands still, and stopped
 * after it. Call it inside `describe`; the answer works from the first test on.
 */
export function useStack(options: Partial<StackOptions> = {}, onReady?: () => void): () => Stack {
  const settings = { ...(HANDOVER === undefined ? {} : { HANDOVER }), ...options.settings };
  const isWholeStack = options.appDirectory === undefined && options.only === undefined;
  if (BASE_URL !== undefined && isWholeStack) return useStackOf(BASE_URL, { ...options, settings }, onReady);
  const dataDirectory = mkdtempSync(join(tmpdir(), "zero-standing-"));
  let stack: Stack | undefined;
  beforeAll(async () => {
    stack = await startStack({
      dataDirectory,
      clock: "manual",
      ...(SPLIT && options.appDirectory === undefined ? { split: true } : {}),
      ...options,
      settings,
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

/**
 * The stack of a base URL, as new for this suite. A test that asks for what the host has no door for (its clock, faults
 * inside its task hub) is skipped there and says why; a suite about a form of the app that does not run there is skipped as a
 * whole.
 */
function useStackOf(
  baseUrl: string,
  { split, settings = {} }: Partial<StackOptions>,
  onReady: (() => void) | undefined,
): () => Stack {
  let stack: AttachedStack | undefined;
  let test: TestContext | undefined;
  let otherForm: string | undefined;
  let isHalfDone = false;
  const cannot = (reason: string): never => {
    isHalfDone = true;
    test?.skip(reason);
    throw new Error(reason);
  };
  beforeAll(async () => {
    stack = await AttachedStack.to(baseUrl, cannot);
    if (split !== undefined && split !== stack.isSplit)
      otherForm = `about the app in ${split ? "three processes" : "one process"}, which does not run at ${baseUrl}`;
    await stack.reset(settings);
    onReady?.();
  });
  beforeEach(async (context) => {
    test = context;
    if (otherForm !== undefined) context.skip(otherForm);
    if (!isHalfDone || LOOKS_BACK.test(context.task.name)) return;
    if (ONE_STORY.test(context.task.file.name)) context.skip("goes on from a test that was skipped half-way");
    if (!OWN_STORIES.test(context.task.file.name)) return;
    await stack?.reset(settings);
    isHalfDone = false;
  });
  return () => {
    if (!stack) throw new Error("the stack is not there before the first test");
    return stack;
  };
}
