import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setClock } from "../../local/clock.ts";
import type { HistoryEvent } from "../../local/host/durable/history.ts";
import type { HubRequest, HubResponse } from "../../local/host/durable/http-messages.ts";
import type { FunctionRunner } from "../../local/host/durable/runner.ts";
import { parseTaskHubSettings } from "../../local/host/durable/settings.ts";
import { openTaskHub, type TaskHub } from "../../local/host/durable/task-hub.ts";
import { SandboxApp } from "./durable-sandbox.ts";

export const VISIBILITY_MS = 60_000;

export interface Status {
  readonly name: string;
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly input: unknown;
}

/** A hub on a file of its own, with an app from a source text and a clock that only the test moves. */
export class TestHub {
  readonly file: string;
  readonly app = new SandboxApp();
  /** The histories that orchestrators were sent, in order. */
  readonly sent: (readonly HistoryEvent[])[] = [];
  readonly activities: string[] = [];
  hub: TaskHub;
  readonly #folder = mkdtempSync(join(tmpdir(), "hub-"));
  readonly #durableTask: object;

  constructor(source: string, file?: string, durableTask: object = {}) {
    this.#durableTask = durableTask;
    setClock({ mode: "manual", nowMs: Date.parse("2026-03-01T08:00:00Z") });
    this.file = file ?? join(this.#folder, "hub.sqlite");
    this.app.load(`const df = require("durable-functions");\n${source}`);
    this.hub = this.open();
  }

  open(): TaskHub {
    const hub = openTaskHub({
      file: this.file,
      hubName: "Test",
      runner: this.#runner(),
      settings: parseTaskHubSettings({
        ...this.#durableTask,
        storageProvider: {
          controlQueueVisibilityTimeout: "00:01:00",
          workItemQueueVisibilityTimeout: "00:01:00",
        },
      }),
      address: { baseUrl: "http://127.0.0.1:1/hooks", key: "K", rpcBaseUrl: "http://127.0.0.1:1/rpc/" },
    });
    hub.start();
    return hub;
  }

  async close(): Promise<void> {
    await this.hub.stop();
    setClock({ mode: "real", offsetMs: 0 });
    rmSync(this.#folder, { recursive: true });
  }

  answer(method: string, path: string, body = "", headers?: HubRequest["headers"]): Promise<HubResponse> {
    const [pathname = "", query = ""] = path.split("?");
    return this.hub.http({
      method,
      url: `http://127.0.0.1:1/rpc/${path}`,
      path: pathname,
      query: new URLSearchParams(query),
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  }

  async post(path: string, body = "{}"): Promise<number> {
    return (await this.answer("POST", path, body)).status;
  }

  /** Asks for a change and waits until nothing is left to do at this instant. */
  async does(path: string, body?: string): Promise<void> {
    await this.post(path, body);
    await this.hub.idle();
  }

  async status(instanceId: string): Promise<Status> {
    const { body } = await this.answer("GET", `instances/${instanceId}`);
    return JSON.parse(body) as Status;
  }

  /** The first page of all instances. */
  async list(): Promise<readonly { readonly instanceId: string }[]> {
    return JSON.parse((await this.answer("GET", "instances/")).body) as { instanceId: string }[];
  }

  /** The state of `Name/key`. */
  async entity(path: string): Promise<unknown> {
    return JSON.parse((await this.answer("GET", `entities/${path}`)).body);
  }

  /** The types of the newest history that an orchestrator was sent; `p` = played. */
  lastTypes(): string[] {
    return (this.sent.at(-1) ?? []).map(({ EventType, IsPlayed }) => `${EventType}${IsPlayed ? "p" : ""}`);
  }

  /** What the newest history says was decided: `id kind`. */
  lastDecisions(): string[] {
    return (this.sent.at(-1) ?? []).flatMap((event) => {
      if (event.EventType === 4) return [`${event.EventId} ${event.Name}`];
      if (event.EventType === 7) return [`${event.EventId} ${event.InstanceId}`];
      return event.EventType === 10 ? [`${event.EventId} timer`] : [];
    });
  }

  /** Moves the clock without letting anything run. */
  jump(ms: number): void {
    setClock({ mode: "manual", nowMs: Date.now() + ms });
  }

  /** Moves the clock, stopping at everything that is due on the way. */
  async advance(ms: number): Promise<void> {
    const target = Date.now() + ms;
    for (;;) {
      await this.hub.idle();
      const next = Math.min(target, this.hub.nextDueAt() ?? Infinity);
      if (next > Date.now()) setClock({ mode: "manual", nowMs: next });
      await this.hub.idle();
      if (next >= target) return;
    }
  }

  #runner(): FunctionRunner {
    return {
      has: (name, kind) => this.app.has(name, kind),
      run: async (name, kind, payload, instanceId) => {
        if (kind === "orchestration") {
          this.sent.push((JSON.parse(payload.string ?? "") as { history: HistoryEvent[] }).history);
        } else if (kind === "activity") {
          this.activities.push(name);
        }
        return this.app.run(name, kind, payload, instanceId);
      },
    };
  }
}
