import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Session } from "node:inspector/promises";
import { clockNow } from "../clock.ts";
import type { ControlOperations, LocalService } from "../service.ts";
import { readAppPackage } from "./app-package.ts";
import { DurableDoor } from "./durable-door.ts";
import { DurableRunner, usesDurable } from "./durable-triggers.ts";
import { defineFunctions, resolveSettings, type FunctionDefinition } from "./function-definition.ts";
import { FunctionsCore } from "./functions-core.ts";
import { HostLog } from "./host-log.ts";
import { FunctionDoor } from "./http/function-door.ts";
import { HostServer } from "./http/host-server.ts";
import { HttpRoutes } from "./http/http-routes.ts";
import { Invoker } from "./invoker.ts";
import { loadApp } from "./load-app.ts";
import { ServiceBusTriggers } from "./service-bus/triggers.ts";
import { ScheduleMonitor } from "./timer/schedule-monitor.ts";
import { TimerListener } from "./timer/timer-listener.ts";

interface EmbeddedHostOptions {
  readonly appDirectory: string;
  readonly dataDirectory: string;
  /** Base URL of the app. */
  readonly address: string;
  /** Settings of the app; they win over its local.settings.json. */
  readonly environment: Readonly<Record<string, string>>;
  /** The `code` of the Durable webhooks; `undefined`: they ask for none, as under Core Tools. */
  readonly taskHubKey: string | undefined;
}

/** As a debugger does it, which also gives the pages back. */
async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post("HeapProfiler.enable");
  await session.post("HeapProfiler.collectGarbage");
  session.disconnect();
}

const STOP_GRACE_MS = 5_000;
const SETTLE_DEADLINE_MS = 60_000;

/** Loads a built Functions app as it is and runs its functions: HTTP, timers, Service Bus, Durable. See README.md. */
export class EmbeddedHost implements LocalService {
  readonly name = "host";
  readonly #options: EmbeddedHostOptions;
  readonly #log: HostLog;
  readonly #core: FunctionsCore;
  readonly #invoker: Invoker;
  #definitions: readonly FunctionDefinition[] = [];
  #timers: readonly TimerListener[] = [];
  #server: HostServer | undefined;
  #durable: DurableDoor | undefined;
  #serviceBus: ServiceBusTriggers | undefined;

  constructor(options: EmbeddedHostOptions) {
    this.#options = options;
    this.#log = new HostLog(join(options.dataDirectory, "host.log"));
    this.#core = new FunctionsCore(this.#log);
    this.#invoker = new Invoker(this.#core, this.#log, () => this.#durable?.hub.clientBinding() ?? "");
  }

  /**
   * `settle` waits until nothing runs or is due and answers `{ nextDueAt }` of the task hub; `runTimer { name }` runs a
   * timer function now; `functions` lists what is loaded and which timers are monitored, `receives` the queues and subscriptions that triggers receive
   * from; `collectGarbage` lets go of everything that nothing holds. The task hub adds its own.
   */
  get control(): ControlOperations {
    return {
      ...this.#durable?.hub.control,
      settle: () => this.#settle(),
      runTimer: ({ name }) => this.#timer(String(name)).runNow(),
      collectGarbage,
      receives: () => this.#serviceBus?.entities ?? [],
      functions: () =>
        this.#definitions.map(({ name, trigger }) => ({
          name,
          trigger: trigger.type,
          ...(trigger.type === "timerTrigger" && { isMonitored: trigger["useMonitor"] !== false }),
        })),
    };
  }

  /** @throws Error with the reason if the platform would not run this app */
  async start(): Promise<void> {
    const { appDirectory, dataDirectory, address, environment } = this.#options;
    const app = readAppPackage(appDirectory);
    process.chdir(app.directory);
    Object.assign(process.env, { ...app.localSettings, ...environment });
    this.#log.captureConsole();
    await loadApp(app, this.#core);
    if (process.env["WEBSITE_TIME_ZONE"] !== undefined) throw new Error("WEBSITE_TIME_ZONE: this host knows UTC only");
    this.#definitions = defineFunctions(this.#core.functions.values(), app.hostJson, process.env);

    const routes = new HttpRoutes(this.#definitions, app.hostJson.extensions?.http?.routePrefix ?? "api");
    const monitor = new ScheduleMonitor(join(dataDirectory, "timers.json"));
    this.#timers = this.#definitions
      .filter(({ trigger }) => trigger.type === "timerTrigger")
      .map((definition) => new TimerListener(definition, this.#invoker, monitor));
    if (this.#definitions.some(usesDurable)) await this.#startTaskHub(app.hostJson.extensions?.durableTask ?? {});

    this.#serviceBus = await ServiceBusTriggers.open({
      definitions: this.#definitions,
      hostJson: app.hostJson.extensions?.serviceBus,
      environment: process.env,
      invoker: this.#invoker,
      log: this.#log,
    });

    const functions = new FunctionDoor(routes, this.#invoker, {
      functions: this.#definitions,
      runTimer: (name) => this.#timer(name).runNow(),
    });
    this.#server = new HostServer(
      async (request) => (await this.#durable?.webhook(request)) ?? functions.answer(request),
      Number(process.env["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] ?? Number.NaN) || undefined,
    );
    await this.#server.listen(Number(new URL(address).port));
    for (const timer of this.#timers) timer.start();
    this.#serviceBus.start();
    this.#log.write("information", "system", `host started with ${this.#definitions.length} functions`);
  }

  /** Takes nothing new, lets what runs end for a while, then lets go. */
  async stop(): Promise<void> {
    const received = this.#serviceBus && within(STOP_GRACE_MS, this.#serviceBus.stop());
    await this.#server?.close(STOP_GRACE_MS);
    await received;
    await within(STOP_GRACE_MS, Promise.all(this.#timers.map((timer) => timer.stop())));
    if (this.#durable) await within(STOP_GRACE_MS, this.#durable.close());
    if (this.#serviceBus) await within(STOP_GRACE_MS, this.#serviceBus.close());
    await this.#core.runHooks("appTerminate", { hookData: {}, appHookData: this.#core.appHookData });
    await this.#log.close();
  }

  async #startTaskHub(durableTask: Readonly<Record<string, unknown>>): Promise<void> {
    const hubName = durableTask["hubName"];
    const name = typeof hubName === "string" ? hubName : "TestHubName";
    this.#durable = await DurableDoor.open({
      address: this.#options.address,
      taskHubKey: this.#options.taskHubKey,
      file: join(this.#options.dataDirectory, "task-hub.sqlite"),
      hubName: resolveSettings(name, process.env, "hubName in host.json"),
      durableTask,
      callHttpHosts: (process.env["LOCAL_CALL_HTTP_HOSTS"] ?? "").split(",").filter((host) => host !== ""),
      runner: new DurableRunner(this.#definitions, this.#invoker),
    });
  }

  #timer(name: string): TimerListener {
    const timer = this.#timers.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (!timer) throw new Error(`no operation host/runTimer for '${name}': there is no such timer function`);
    return timer;
  }

  async #settle(): Promise<{ readonly nextDueAt: number | null }> {
    const deadline = performance.now() + SETTLE_DEADLINE_MS;
    for (;;) {
      this.#durable?.hub.poke();
      const quiet = Promise.all([
        this.#invoker.idle(),
        this.#durable?.hub.idle(),
        this.#serviceBus?.idle(),
        ...this.#timers.map((timer) => timer.idle()),
      ]);
      if (!(await within(deadline - performance.now(), quiet)) || performance.now() > deadline)
        throw new Error(`the host is still busy: ${this.#invoker.running.join(", ") || "the task hub"}`);
      await setImmediate();
      const nextDueAt = this.#durable?.hub.nextDueAt() ?? null;
      if (this.#invoker.running.length > 0 || (nextDueAt !== null && nextDueAt <= clockNow())) continue;
      await this.#log.written();
      return { nextDueAt };
    }
  }
}

/** Whether it came about in time. */
async function within(ms: number, awaited: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, ms));
  });
  const result = await Promise.race([awaited.then(() => true as const), late]);
  clearTimeout(timer);
  return result;
}
