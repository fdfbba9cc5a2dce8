import { SandboxApp } from "./durable-sandbox.ts";
import { sourcesOf, stateOf, type Exchange, type Trace } from "./durable-traces.ts";

/** The sources of a scenario whose code was changed while it ran; a source that redefines a function is new code. */
export interface CodeChange {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The first recorded call that only the new code explains; undefined where the code was not changed. */
  readonly at: number | undefined;
}

export async function codeChangeOf(trace: Trace): Promise<CodeChange> {
  const [before, after]: [string[], string[]] = [[], []];
  const probe = new SandboxApp();
  for (const [, source] of sourcesOf(trace)) (probe.load(source) ? after : before).push(source);
  if (after.length === 0) return { before, after, at: undefined };
  const [old, changed] = [new SandboxApp(), new SandboxApp()];
  for (const source of before) for (const app of [old, changed]) app.load(source);
  for (const source of after) changed.load(source);
  for (const exchange of trace.exchanges) {
    const isOld = await explains(old, exchange);
    if (!isOld && (await explains(changed, exchange))) return { before, after, at: Date.parse(exchange.at) };
  }
  return { before, after, at: undefined };
}

/** Whether an app answers a recorded call as it was answered then. */
async function explains(app: SandboxApp, { function: name, sent, returned }: Exchange): Promise<boolean> {
  const { actions } = stateOf({ returned } as Exchange);
  try {
    const ours = await app.run(name, "orchestration", { string: JSON.stringify(sent) }, sent.instanceId);
    return (
      JSON.stringify((JSON.parse(ours?.json ?? "{}") as { actions?: unknown }).actions) === JSON.stringify(actions)
    );
  } catch {
    return false;
  }
}
