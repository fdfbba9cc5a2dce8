import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import type { Exchange } from "../local/http/server.ts";
import { SecretStore } from "../local/stack/secrets.ts";
import type { Stack } from "../local/stack/stack.ts";
import { startStack } from "../local/supervisor.ts";
import { newestLink, openIncident, stepUp } from "./activations.ts";
import type { Benchmark } from "./benchmark.ts";
import { openPlainSequence } from "./plain-sequence.ts";
import { toRow } from "./row.ts";
import { interleaved, median, percentile } from "./statistics.ts";

const ROUNDS = 60;
const WARM_UP = 3;
const PEOPLE = ["ben.okafor", "grace.oduya", "kira.sato"] as const;
/** Past the end of the last role, and past the window in which grants are counted. */
const APART_MS = 65 * 60_000;
const GRANT_PATH = "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests";

/** How long the app takes from the last sign-in it waits for to its request for the role. */
export const callbackToGrant: Benchmark = {
  id: "callback-to-grant",
  async run(session) {
    const dataDirectory = session.directory("callback-to-grant");
    const stack = await startStack({ dataDirectory, clock: "real" });
    try {
      const secrets = new SecretStore(join(dataDirectory, "secrets.json"));
      const sequence = await openPlainSequence(stack, secrets);
      const state = { round: 0, ticket: "" };
      const subjects = {
        app: async () => {
          const person = PEOPLE[state.round++ % PEOPLE.length] ?? PEOPLE[0];
          state.ticket = await openIncident(stack, person, "Helpdesk Administrator");
          return activate(stack, person);
        },
        sequence: () => sequence(state.ticket),
      };
      await interleaved(WARM_UP, subjects);
      const samples = await interleaved(ROUNDS, subjects);
      session.keep(this.id, samples);
      return rowsOf(samples.app, samples.sequence);
    } finally {
      await stack.stop();
    }
  },
};

/** One activation; answers the time between the callback and Graph's answer to the grant in ms. */
async function activate(stack: Stack, person: string): Promise<number> {
  await stack.call("graph", "clearExchanges");
  const link = await newestLink(stack, person);
  const sent = watchCallback(stack);
  await stepUp(link, person);
  const sentAt = sent();
  await stack.settle();
  const exchanges = (await stack.call("graph", "exchanges")) as readonly Exchange[];
  const grants = exchanges.filter(
    ({ method, path, status }) => method === "POST" && path === GRANT_PATH && status === 201,
  );
  const [grant] = grants;
  if (!grant || grants.length > 1) throw new Error(`${grants.length} grants for one activation of ${person}`);
  await stack.clock.advance(APART_MS);
  return Date.parse(grant.at) - sentAt;
}

/** Notes the instant, on the stack's clock, at which this process begins to send a callback; it has whole milliseconds. */
function watchCallback(stack: Stack): () => number {
  let at: number | undefined;
  const listener = (message: unknown): void => {
    const { request } = message as { readonly request: { readonly method: string; readonly path: string } };
    if (request.method === "POST" && request.path === "/api/sign-in/callback") at = stack.clock.now();
  };
  subscribe("undici:request:create", listener);
  return () => {
    unsubscribe("undici:request:create", listener);
    if (at === undefined) throw new Error("no callback was sent");
    return at;
  };
}

function rowsOf(app: readonly number[], sequence: readonly number[]) {
  const p50 = median(app);
  return [
    toRow({
      id: "callback-to-grant.p50",
      what: `last sign-in callback sent to the grant answered by Graph, p50 of ${app.length} activations`,
      value: p50,
      unit: "ms",
      goal: { atMost: 60 },
    }),
    toRow({
      id: "callback-to-grant.p99",
      what: `the same, p99`,
      value: percentile(app, 0.99),
      unit: "ms",
      goal: { atMost: 250 },
    }),
    toRow({
      id: "callback-to-grant.to-sequence",
      what: `the same, p50, to the same calls in sequence without Durable (${p50.toFixed(0)} ms)`,
      value: p50 / median(sequence),
      unit: "x",
      baseline: `${median(sequence).toFixed(0)} ms`,
    }),
  ];
}
