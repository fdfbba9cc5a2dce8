import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setClock } from "../../local/clock.ts";
import type { HistoryEvent } from "../../local/host/durable/history.ts";
import type { HubResponse } from "../../local/host/durable/http-messages.ts";
import type { FunctionKind, FunctionRunner } from "../../local/host/durable/runner.ts";
import { parseTaskHubSettings } from "../../local/host/durable/settings.ts";
import { openTaskHub, type TaskHub } from "../../local/host/durable/task-hub.ts";
import type { TypedData } from "../../local/host/typed-data.ts";
import { SandboxApp } from "./durable-sandbox.ts";
import { codeChangeOf, type CodeChange } from "./durable-code-change.ts";
import { RecordedHttp } from "./durable-recorded-http.ts";
import { RecordedPace } from "./durable-recorded-pace.ts";
import { ScriptedActivities } from "./durable-scripted-activities.ts";
import { DAY_MS, endOf, timeline } from "./durable-timeline.ts";
import { sourcesOf, type HttpExchange, type Trace } from "./durable-traces.ts";

/** One call of an orchestrator or activity during a live run. */
export interface LiveCall {
  readonly kind: FunctionKind;
  readonly name: string;
  readonly instanceId: string;
  readonly sent: TypedData;
  returned: TypedData | undefined;
  thrown: Error | undefined;
}

export interface LiveRun {
  readonly calls: readonly LiveCall[];
  /** Our answers, in the order of the recorded ones. */
  readonly answers: readonly HubResponse[];
  /** Our final status by instance id, as recorded. */
  readonly finalStatus: ReadonlyMap<string, HubResponse>;
  /** Ids that the hub made up, by the recorded ones. */
  readonly ids: ReadonlyMap<string, string>;
}

const ORIGIN = "http://127.0.0.1:17071";
const AFTER_THE_END_MS = 1500;
const CONTINUATION = "x-ms-continuation-token";

/** Repeats the recorded requests at their recorded times against a hub of ours, on a clock that only we move. */
export async function runLive(trace: Trace): Promise<LiveRun> {
  const folder = mkdtempSync(join(tmpdir(), "durable-"));
  const stage = new Stage(trace, join(folder, "hub.sqlite"), await codeChangeOf(trace));
  try {
    return await stage.play();
  } finally {
    await stage.close();
    setClock({ mode: "real", offsetMs: 0 });
    rmSync(folder, { recursive: true });
  }
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

class Stage {
  readonly #trace: Trace;
  readonly #app = new SandboxApp();
  readonly #hub: TaskHub;
  readonly #scripted: ScriptedActivities | undefined;
  readonly #pace: RecordedPace;
  readonly #calls: LiveCall[] = [];
  readonly #answers: HubResponse[] = [];
  readonly #ids = new Map<string, string>();
  readonly #tokens = new Map<string, string>();
  #codeChange: CodeChange;
  #sleepers: Sleeper[] = [];
  #workerFreeAt = 0;
  #changes = 0;

  constructor(trace: Trace, file: string, codeChange: CodeChange) {
    this.#trace = trace;
    this.#codeChange = codeChange;
    this.#pace = new RecordedPace(trace);
    const readsFiles = sourcesOf(trace).some(([, source]) => source.includes("process.env"));
    this.#scripted = readsFiles ? new ScriptedActivities(trace) : undefined;
    setClock({ mode: "manual", nowMs: (timeline(trace)[0]?.at ?? 0) - 1000 });
    for (const source of codeChange.before) this.#app.load(source, this.#globals());
    this.#hub = openTaskHub({
      file,
      hubName: "Recorded",
      runner: this.#recorder(),
      callHttp: new RecordedHttp(trace).call,
      settings: { ...settingsOf(trace), maxConcurrentActivities: 100, maxConcurrentOrchestrators: 100 },
      address: {
        baseUrl: `${ORIGIN}/runtime/webhooks/durabletask`,
        key: "KEY",
        rpcBaseUrl: `${ORIGIN}/durabletask/`,
      },
    });
    this.#hub.start();
  }

  async play(): Promise<LiveRun> {
    const answers = new Map<HttpExchange, HubResponse>();
    for (const { request, at } of timeline(this.#trace)) {
      await this.#goTo(at);
      answers.set(request, await this.#ask(request));
    }
    await this.#goTo(endOf(this.#trace) + AFTER_THE_END_MS);
    this.#answers.push(...this.#trace.http.flatMap((request) => answers.get(request) ?? []));
    this.#matchChildren();
    const finalStatus = new Map<string, HubResponse>();
    for (const id of Object.keys(this.#trace.finalStatus)) {
      const path = `instances/${encodeURIComponent(this.#ids.get(id) ?? id)}?showHistory=true&showHistoryOutput=true`;
      finalStatus.set(id, await this.#request("GET", path, {}, ""));
    }
    return { calls: this.#calls, answers: this.#answers, finalStatus, ids: this.#ids };
  }

  async close(): Promise<void> {
    for (const { wake } of this.#sleepers.splice(0)) wake();
    await this.#hub.stop();
  }

  /** Moves the clock, stopping wherever something is due. */
  async #goTo(target: number): Promise<void> {
    for (;;) {
      await this.#settle();
      const now = Date.now();
      const due = [...this.#sleepers.map(({ at }) => at), ...this.#stops()].filter((at) => at > now);
      const next = Math.min(target, ...due);
      if (next > now) setClock({ mode: "manual", nowMs: next });
      const awake = this.#sleepers.filter(({ at }) => at <= next);
      this.#sleepers = this.#sleepers.filter(({ at }) => at > next);
      for (const { wake } of awake) wake();
      this.#hub.poke();
      if (next >= target) break;
    }
    await this.#settle();
  }

  /** Where the clock stops: at what is due, or where the clock of the recording was put that ran over weeks. */
  #stops(): readonly number[] {
    const { exchanges } = this.#trace;
    const jumps = exchanges.map(({ at }) => Date.parse(at));
    const [first = 0, last = 0] = [jumps[0], jumps.at(-1)];
    return last - first > DAY_MS ? jumps : [this.#hub.nextDueAt() ?? Infinity];
  }

  /** Everything here is promises and synchronous writes: some turns without a change mean that it is quiet. */
  async #settle(): Promise<void> {
    for (let quietTurns = 0, seen = -1; quietTurns < 8; quietTurns += 1) {
      const changes = this.#changes + Object.values(this.#hub.transactions()).reduce((sum, count) => sum + count, 0);
      if (changes !== seen) quietTurns = 0;
      seen = changes;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #ask({ request, headers, body }: HttpExchange): Promise<HubResponse> {
    const text = requestBody(request.body);
    const path = [...this.#ids].reduce((known, [real, ours]) => known.replace(real, ours), request.path);
    const answer = await this.#request(request.method, path, this.#headersOf(request), text);
    const [token, ourToken] = [headers[CONTINUATION], answer.headers[CONTINUATION]];
    if (token && ourToken !== undefined) this.#tokens.set(token, ourToken);
    const [real, ours] = [idIn(body), idIn(parsed(answer.body))];
    if (real !== undefined && ours !== undefined) this.#ids.set(real, ours);
    await this.#settle();
    return answer;
  }

  /** Children get ids from the execution of their parent: the same place in the same parent is the same child. */
  #matchChildren(): void {
    const place = (id: string, parent: string): string => `${parent} ${id.split(":")[1] ?? ""}`;
    const ours = new Map<string, string>();
    for (const call of this.#calls) {
      const parent = call.kind === "orchestration" ? parentOf(call) : null;
      if (parent !== null) ours.set(place(call.instanceId, parent), call.instanceId);
    }
    for (const { sent } of this.#trace.exchanges) {
      if (sent.parentInstanceId === null || !/^[0-9a-f-]{32,36}:\d+$/.test(sent.instanceId)) continue;
      const id = ours.get(place(sent.instanceId, sent.parentInstanceId));
      if (id !== undefined) this.#ids.set(sent.instanceId, id);
    }
  }

  /** A page is asked for with the token of the page before it, ours instead of the recorded one. */
  #headersOf({ headers = {} }: HttpExchange["request"]): Readonly<Record<string, string>> {
    const token = headers[CONTINUATION];
    return token === undefined ? headers : { ...headers, [CONTINUATION]: this.#tokens.get(token) ?? token };
  }

  #changeCode(): void {
    const { at, after } = this.#codeChange;
    if (at === undefined || Date.now() < at) return;
    for (const source of after) this.#app.load(source, this.#globals());
    this.#codeChange = { ...this.#codeChange, at: undefined };
  }

  async #request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<HubResponse> {
    const url = new URL(`${ORIGIN}/durabletask/`);
    const [pathname = "", query = ""] = path.split("?", 2);
    const answer = this.#hub.http({
      method,
      url: `${url.href}${path}`,
      path: pathname,
      query: new URLSearchParams(query),
      headers,
      body,
    });
    let answered = false;
    const done = answer.finally(() => {
      answered = true;
    });
    // A start that waits for the end needs a clock that goes on.
    await this.#settle();
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set when the answer comes
    while (!answered) {
      await this.#goTo(Date.now() + 100);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return done;
  }

  #recorder(): FunctionRunner {
    return {
      has: (name, kind) => this.#app.has(name, kind),
      run: async (name, kind, payload, instanceId) => {
        while (Date.now() < this.#workerFreeAt) await this.#sleep(this.#workerFreeAt);
        const call: LiveCall = { kind, name, instanceId, sent: payload, returned: undefined, thrown: undefined };
        this.#calls.push(call);
        this.#changes += 1;
        try {
          await this.#keepPace(call);
          this.#changeCode();
          call.returned = await this.#answer(call);
          while (Date.now() < this.#workerFreeAt) await this.#sleep(this.#workerFreeAt);
          return call.returned;
        } catch (error) {
          call.thrown = error as Error;
          throw error;
        } finally {
          this.#changes += 1;
        }
      },
    };
  }

  async #keepPace(call: LiveCall): Promise<void> {
    const { kind, name, instanceId } = call;
    const history = kind === "orchestration" ? historyOf(call) : [];
    const started = history.find((event) => event.EventType === 0);
    const at = started
      ? this.#pace.orchestrationAt(instanceId, started.OrchestrationInstance.ExecutionId, history)
      : this.#pace.activityAt(name, instanceId);
    if (at !== undefined && at > Date.now()) await this.#sleep(at);
  }

  async #answer({ kind, name, instanceId, sent }: LiveCall): Promise<TypedData | undefined> {
    const scripted = kind === "activity" ? this.#scripted?.take(name, instanceId, sent) : undefined;
    if (!scripted) return this.#app.run(name, kind, sent, instanceId);
    await this.#sleep(Date.now() + scripted.durationMs);
    const { exception } = scripted.run.returnedRaw ?? {};
    if (exception) throw new Error(exception.message);
    return scripted.run.returnedRaw ?? undefined;
  }

  #sleep(at: number): Promise<void> {
    this.#changes += 1;
    return new Promise((wake) => this.#sleepers.push({ at, wake }));
  }

  /** Sleeping follows our clock; blocking the thread keeps every function from starting and ending. */
  #globals(): Readonly<Record<string, unknown>> {
    return {
      setTimeout: (wake: () => void, ms = 0) => {
        void this.#sleep(Date.now() + ms).then(wake);
      },
      Atomics: {
        wait: (_array: unknown, _index: number, _value: number, ms: number) => {
          this.#workerFreeAt = Date.now() + ms;
        },
      },
    };
  }
}

/** The settings of host.json that a recording says it was made with. */
const settingsOf = ({ scenario, about }: Trace) =>
  parseTaskHubSettings(
    /any-?state/i.test(`${scenario} ${about}`) ? { overridableExistingInstanceStates: "AnyState" } : {},
  );

function requestBody(body: unknown): string {
  if (typeof body === "string") return body;
  if (typeof body !== "object" || body === null) return "";
  const { data } = body as { readonly data?: readonly number[] };
  return data ? Buffer.from(data).toString("utf8") : "";
}

function idIn(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { id, statusQueryGetUri } = body as Readonly<Record<string, unknown>>;
  return typeof id === "string" && statusQueryGetUri !== undefined ? id : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The history that an orchestrator was sent. */
export const historyOf = ({ sent }: LiveCall): readonly HistoryEvent[] =>
  (JSON.parse(sent.string ?? "{}") as { readonly history: readonly HistoryEvent[] }).history;

const parentOf = ({ sent }: LiveCall): string | null =>
  (JSON.parse(sent.string ?? "{}") as { readonly parentInstanceId: string | null }).parentInstanceId;
