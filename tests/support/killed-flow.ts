import { setTimeout as pause } from "node:timers/promises";
import { MINUTE_MS, type RunningApp, type Wish } from "./running-app.ts";

/** What is left when a story is over, with everything gone that may differ between two runs of it. */
export interface EndState {
  readonly status: string;
  readonly records: readonly string[];
  readonly grants: readonly (string | null)[];
  readonly notes: readonly string[];
}

/** Records that say that the directory was asked again: a crash may add some. */
const REPEATABLE = ["GrantIntended", "GrantAttempted", "RemovalAttempted"];
/** Longer than the visibility timeout of the task hub and the pace of the sweeper together. */
const RECOVERY_MS = 3 * MINUTE_MS;
const DEADLINE_MS = 30_000;

/**
 * The whole story from the ticket to the end of the access. With `killAt` the host is killed as soon as that many audit
 * records of the activation can be read, after another `delayMs`, and started again; people then do again what did not
 * go through. Answers what is left in the end.
 */
export async function wholeStory(
  app: RunningApp,
  wish: Wish,
  kill?: { readonly at: number; readonly delayMs: number },
): Promise<EndState> {
  const { stack } = app;
  const ticket = await app.openChange(wish);
  const killer = kill && new Killer(app, ticket, kill);
  const done = async (step: () => Promise<unknown>, from: string): Promise<void> => {
    for (let tries = 0; (await statusOr(app, ticket, from)) === from && tries < 3; tries++) {
      await step().catch(() => undefined); // the host may die under it
      await stack.settle().catch(() => undefined);
      if (await killer?.revived()) await stack.clock.advance(RECOVERY_MS);
    }
  };
  await done(async () => undefined, "Requested");
  await done(() => app.confirm(wish, ticket), "AwaitingStepUp");
  for (const approver of wish.approvers) await done(() => app.decide(approver, ticket), "AwaitingApproval");
  await done(() => stack.clock.advance(MINUTE_MS), "Granting");
  await done(() => stack.clock.advance(3 * 60 * MINUTE_MS), "Active");
  await killer?.over();
  await stack.clock.advance(RECOVERY_MS);
  return endState(app, ticket);
}

const statusOr = async (app: RunningApp, ticket: string, absent: string): Promise<string> =>
  (await app.activations(ticket))[0]?.state.status ?? absent;

/** What is left of the story of a ticket. */
export async function endState(app: RunningApp, ticket: string): Promise<EndState> {
  const { id, state } = await app.activation(ticket);
  const types = await app.auditTypes(id);
  const once = [...new Set(types.filter((type) => REPEATABLE.includes(type)))];
  return {
    status: state.status,
    records: [...types.filter((type) => !REPEATABLE.includes(type)), ...once].toSorted(),
    grants: (await app.grants(ticket)).map(({ ended }) => ended),
    notes: (await app.notes(ticket)).map((text) => withoutChance(text).replaceAll(id, "<id>")).toSorted(),
  };
}

/** A note ends in a marker; its nonce is another one in every story, and a crash may cost an attempt. */
const withoutChance = (text: string): string =>
  text
    .replaceAll(/\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d UTC/g, "<time>")
    .replaceAll(/send-proof-[\w-]{43}/g, "send-proof-<nonce>")
    .replaceAll(/send-granted-\d/g, "send-granted-<attempt>");

/** Watches the audit trail of one activation and kills the host once. */
class Killer {
  readonly #app: RunningApp;
  readonly #watching: Promise<void>;
  #state: "armed" | "killed" | "revived" | "over" = "armed";

  constructor(app: RunningApp, ticket: string, { at, delayMs }: { readonly at: number; readonly delayMs: number }) {
    this.#app = app;
    this.#watching = this.#watch(ticket, at, delayMs);
  }

  /** Starts the host again if it was killed since. */
  async revived(): Promise<boolean> {
    if (this.#state !== "killed") return false;
    await this.#watching;
    await this.#app.stack.start("host");
    this.#state = "revived";
    return true;
  }

  /** The story is over. @throws Error when the host never was killed: the test would show nothing */
  async over(): Promise<void> {
    if (this.#state === "armed") this.#state = "over";
    await this.revived();
    if (this.#state === "over") throw new Error("the host was never killed");
  }

  async #watch(ticket: string, at: number, delayMs: number): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    while (this.#state === "armed" && performance.now() < deadline) {
      const [activation] = await this.#app.activations(ticket);
      const records = activation === undefined ? 0 : (await this.#app.audit(activation.id)).length;
      if (records >= at) return this.#kill(delayMs);
      await pause(1);
    }
  }

  async #kill(delayMs: number): Promise<void> {
    this.#state = "killed";
    if (delayMs > 0) await pause(delayMs);
    await this.#app.stack.kill("host");
  }
}
