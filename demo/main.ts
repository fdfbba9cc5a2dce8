import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "../local/supervisor.ts";
import type { Stack } from "../local/stack/stack.ts";
import { writeReviewedPolicy } from "./reviewed-policy.ts";
import type { Scene } from "./scene.ts";
import { SCENES } from "./scenes/scenes.ts";
import { Story } from "./story.ts";
import { World } from "./world.ts";

const USAGE = `npm run demo [-- --report FILE]

Plays whole activations on the local stack and checks what the product promises.
  --report FILE   write every promise, whether it held and what was seen, as JSON
  --help          this text

Exit code 0: every promise held. 1: one did not, or could not be checked. 2: wrong arguments.`;

const USAGE_ERROR = 2;

await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (options === undefined) return;
  const dataDirectory = mkdtempSync(join(tmpdir(), "zero-standing-demo-"));
  let stack: Stack | undefined;
  const cleanUp = async (): Promise<void> => {
    await stack?.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    process.once(signal, () => void cleanUp().finally(() => process.exit(code)));
  try {
    const startedAt = performance.now();
    const settings = { POLICY_DIRECTORY: writeReviewedPolicy(dataDirectory) };
    stack = await startStack({ dataDirectory, clock: "manual", settings });
    const story = await tell(stack);
    story.close((performance.now() - startedAt) / 1_000);
    const held = story.promises.every((one) => one.held);
    if (options.report !== undefined) writeReport(options.report, story, held);
    process.exitCode = held ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}

function readArguments(): { readonly report: string | undefined } | undefined {
  try {
    const { values } = parseArgs({ options: { report: { type: "string" }, help: { type: "boolean" } } });
    if (values.help !== true) return { report: values.report };
    console.log(USAGE);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = USAGE_ERROR;
  }
  return undefined;
}

async function tell(stack: Stack): Promise<Story> {
  const world = new World(stack);
  const story = new Story(() => world.now());
  story.title("Zero Standing: nobody holds a privileged role permanently", [
    "A bank on this machine: a directory, two ticket systems, a mailbox, a Service Bus broker and the app, all real programs.",
    "Only the clock is moved by hand: hours pass at once. Times are UTC. ✔ marks a promise that was checked.",
  ]);
  for (const scene of SCENES) await play(scene, world, story);
  return story;
}

/** A scene that stops in the middle counts as a promise that was not held; the others are still told. */
async function play(scene: Scene, world: World, story: Story): Promise<void> {
  story.scene(scene.id, scene.title, scene.intro);
  try {
    await scene.play(world, story);
  } catch (error) {
    const seen = error instanceof Error ? (error.stack ?? error.message) : String(error);
    story.promise("told", "The scene can be told to its end.", false, seen);
  }
}

function writeReport(file: string, { promises }: Story, held: boolean): void {
  const content = { held, total: promises.length, broken: promises.filter((one) => !one.held).length, promises };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
