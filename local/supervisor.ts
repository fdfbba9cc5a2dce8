import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { holdLock } from "./data-lock.ts";
import { findCoreTools } from "./func/core-tools.ts";
import { APPS, RESOURCE_GROUP, SUBSCRIPTION_ID, TENANT_ID } from "./seed.ts";
import type { StackAddresses } from "./service.ts";
import { AppHosts } from "./stack/app-hosts.ts";
import { appEnvironment, settingsTemplate } from "./stack/app-settings.ts";
import { startControlServer } from "./stack/control-server.ts";
import { addressesOf, choosePorts, STORAGE_ACCOUNT, type StackPorts } from "./stack/ports.ts";
import { removeState } from "./stack/kept-state.ts";
import { SecretStore } from "./stack/secrets.ts";
import { StackClock, type Settled } from "./stack/stack-clock.ts";
import { StackProcess, type ProcessEntry } from "./stack/stack-process.ts";
import { triggerQueuesAreQuiet } from "./stack/trigger-queues.ts";
import { PROCESSES, WORLD_PARTS, type Stack, type StackDescription, type StackOptions } from "./stack/stack.ts";

const SETTLE_DEADLINE_MS = 60_000;
const PROJECT = resolve(import.meta.dirname, "..");
/** The broker makes much garbage and keeps little: with a small young generation it stays small itself. */
export const BROKER_NODE_OPTIONS = ["--max-semi-space-size=2", "--max-old-space-size=384"] as const;
const ENTRIES = {
  storage: { file: "storage.ts" },
  world: { file: "world.ts" },
  broker: { file: "broker/main.ts", nodeOptions: BROKER_NODE_OPTIONS },
  host: { file: "host/main.ts" },
  realHost: { file: "func/main.ts", hasOwnGroup: true },
} as const satisfies Readonly<Record<string, ProcessEntry>>;

/** What the app needs when its first line runs. */
const DEPENDENCIES = ["storage", "world", "broker"] as const;

/** Starts the local stack and resolves when every part is ready. @throws Error with one sentence if something refuses */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDirectory = resolve(options.dataDirectory);
  const coreTools = options.realHost ? findCoreTools() : undefined;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const lock = holdLock(join(dataDirectory, "supervisor.lock"), 0);
  if (!lock) throw new Error(`another stack already runs on ${dataDirectory}`);
  const supervisor = new Supervisor(dataDirectory, options, coreTools, lock.release);
  try {
    await supervisor.startAll();
    return supervisor;
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

class Supervisor implements Stack {
  readonly dataDirectory: string;
  readonly #options: StackOptions;
  /** The path of `func`, if it runs the app. */
  readonly #coreTools: string | undefined;
  readonly #releaseLock: () => void;
  readonly #secrets: SecretStore;
  readonly #processes = new Map<string, StackProcess>();
  readonly #hosts: AppHosts;
  readonly clock: StackClock;
  #addresses: StackAddresses | undefined;
  #ports: StackPorts | undefined;
  /** Settings of the app that were changed since. */
  #configured: Readonly<Record<string, string>> = {};
  #starts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {};
  #isComplete = false;
  #closeControl: (() => Promise<void>) | undefined;

  constructor(dataDirectory: string, options: StackOptions, coreTools: string | undefined, releaseLock: () => void) {
    this.dataDirectory = dataDirectory;
    this.#options = options;
    this.#coreTools = coreTools;
    this.#releaseLock = releaseLock;
    this.#secrets = new SecretStore(join(dataDirectory, "secrets.json"));
    const chosen = this.#chosen();
    this.#hosts = new AppHosts(
      {
        isChosen: chosen.includes("host"),
        split: options.split ?? false,
        dataDirectory,
        appDirectory: resolve(options.appDirectory ?? PROJECT),
      },
      this.#processes,
    );
    const names = [...chosen.filter((name) => name !== "host"), ...this.#hosts.names];
    for (const name of names) {
      const output = join(dataDirectory, `${name}.out`);
      const known = name === "storage" || name === "world" || name === "broker" ? ENTRIES[name] : this.#hostEntry();
      const entry = { ...known, file: join(import.meta.dirname, known.file) };
      const lost = (exitCode: number | null): void => options.onProcessLost?.(name, exitCode);
      this.#processes.set(name, new StackProcess(name, entry, output, lost));
    }
    const clockFile = join(dataDirectory, "clock.json");
    const settle = (): Promise<Settled> => this.#settleAll();
    this.clock = new StackClock(clockFile, options.clock ?? "real", [...this.#processes.values()], settle);
    if (coreTools !== undefined) this.clock.fix();
  }

  get addresses(): StackAddresses {
    if (!this.#addresses) throw new Error("the stack has no addresses yet");
    return this.#addresses;
  }

  get taskHubKey(): string {
    return this.#secrets.secret("taskHubKey");
  }

  get taskHubAddress(): string {
    return this.#hosts.addressOf(this.#hosts.hub, this.addresses, this.#ports);
  }

  get hostLogs(): readonly string[] {
    return this.#hosts.logs;
  }

  /** The app comes last: what it depends on is there when its first line runs. */
  async startAll(): Promise<void> {
    for (const process of this.#processes.values()) process.fork();
    const ports = await choosePorts(this.#options.portBase);
    this.#ports = ports;
    const keys = { storage: this.#secrets.secret("storageKey"), serviceBus: this.#secrets.secret("serviceBusKey") };
    this.#addresses = addressesOf(ports, keys, this.#coreTools !== undefined);
    this.#starts = this.#startOptions(ports);
    this.#secrets.save();
    this.#closeControl = await startControlServer(ports.control, this);
    await this.#startParts();
  }

  async #startParts(): Promise<void> {
    await Promise.all(DEPENDENCIES.filter((name) => this.#processes.has(name)).map((name) => this.start(name)));
    await this.#hosts.prepare(this.#tableStorage());
    if (this.#hosts.names.length > 0) await this.start("host");
    this.#isComplete = true;
    this.#writeStackFile();
  }

  async start(name: string): Promise<void> {
    await Promise.all(this.#hosts.named(name).map((one) => this.#startOne(one)));
  }

  async #startOne(name: string): Promise<void> {
    const process = this.#process(name);
    if (process.state === "ready") throw new Error(`${name} is already running`);
    await process.start({
      process: name,
      settings: {
        dataDirectory: this.dataDirectory,
        addresses: this.addresses,
        secrets: this.#secrets.stackSecrets(),
      },
      clock: this.clock.setting,
      options: this.#starts[name] ?? {},
    });
    await process.setClock(this.clock.setting); // it may have moved in the meantime
    if (name === "world") await this.#hosts.grantRights(process);
    if (this.#isComplete) this.#writeStackFile();
  }

  async kill(name: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await Promise.all(this.#hosts.named(name).map((one) => this.#process(one).kill(signal)));
  }

  configure(settings: Readonly<Record<string, string>>): void {
    this.#configured = { ...this.#configured, ...settings };
    if (this.#ports) this.#starts = this.#startOptions(this.#ports);
  }

  async stopProcess(name: string): Promise<void> {
    await Promise.all(this.#hosts.named(name).map((one) => this.#process(one).stop()));
  }

  call(part: string, operation: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (part === "host" || this.#hosts.names.includes(part)) return this.#hosts.call(part, operation, parameters);
    const owner = (WORLD_PARTS as readonly string[]).includes(part) ? "world" : part;
    return this.#process(owner).call(part, operation, parameters);
  }

  #tableStorage() {
    const [, tableUrl = ""] = /TableEndpoint=([^;]+)/.exec(this.addresses.storage) ?? [];
    return { account: STORAGE_ACCOUNT, key: this.#secrets.secret("storageKey"), tableUrl };
  }

  async settle(): Promise<void> {
    await this.#settleAll();
  }

  describe(): StackDescription {
    const processes = [...this.#processes.values()];
    return {
      addresses: this.addresses,
      processes: Object.fromEntries(processes.map(({ name, pid, state }) => [name, { pid: pid ?? null, state }])),
      clock: { now: new Date(this.clock.now()).toISOString(), mode: this.clock.setting.mode },
      isRealHost: this.#coreTools !== undefined,
      taskHubAddress: this.taskHubAddress,
      taskHubKey: this.taskHubKey,
      dataDirectory: this.dataDirectory,
      hostLogs: this.hostLogs,
    };
  }

  async reset(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#isComplete = false;
    await this.#stopAll();
    removeState(this.dataDirectory);
    this.clock.restart();
    this.#configured = {};
    this.configure(settings);
    await this.#startParts();
  }

  /** The app first, while what it depends on is still there. */
  async stop(): Promise<void> {
    rmSync(this.#stackFile, { force: true });
    await this.#closeControl?.();
    await this.#stopAll();
    this.#releaseLock();
  }

  async #stopAll(): Promise<void> {
    await this.stopProcess("host");
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
  }

  get #stackFile(): string {
    return join(this.dataDirectory, "stack.json");
  }

  #hostEntry(): ProcessEntry {
    return this.#coreTools === undefined ? ENTRIES.host : ENTRIES.realHost;
  }

  #chosen(): (typeof PROCESSES)[number][] {
    const { only } = this.#options;
    const wanted = (name: string): boolean =>
      only === undefined ||
      only.includes(name) ||
      (name === "world" && WORLD_PARTS.some((part) => only.includes(part)));
    return PROCESSES.filter(wanted);
  }

  #startOptions(ports: StackPorts): Record<string, Record<string, unknown>> {
    const { table, blob, queue, broker } = ports;
    const isReal = this.#coreTools !== undefined;
    const appDirectory = resolve(this.#options.appDirectory ?? PROJECT);
    const sources = { addresses: this.addresses, dataDirectory: this.dataDirectory, secrets: this.#secrets };
    const environment = appEnvironment(settingsTemplate(PROJECT, appDirectory), sources);
    const parts = WORLD_PARTS.filter((part) => this.#options.only?.includes(part));
    return {
      storage: {
        account: STORAGE_ACCOUNT,
        key: this.#secrets.secret("storageKey"),
        tablePort: table,
        blobPort: blob,
        ...(isReal ? { queuePort: queue } : {}),
      },
      world: parts.length > 0 ? { parts } : {},
      broker: { port: broker, key: this.#secrets.secret("serviceBusKey") },
      ...this.#hosts.startOptions(
        { ...this.#defaultConnection(), ...environment, ...this.#options.settings, ...this.#configured },
        {
          addresses: this.addresses,
          ports,
          secrets: this.#secrets,
          storage: this.#tableStorage(),
          command: this.#coreTools,
        },
      ),
    };
  }

  /** What a Service Bus trigger uses that names no connection. */
  #defaultConnection(): Record<string, string> {
    return this.#processes.has("broker") ? { AzureWebJobsServiceBus: this.addresses.serviceBus } : {};
  }

  #process(name: string): StackProcess {
    const process = this.#processes.get(name);
    if (!process) throw new Error(`there is no process or part ${name}`);
    return process;
  }

  /** The host works on what the others sent, and they on what the host did to them, until all are quiet. */
  async #settleAll(): Promise<Settled> {
    const others = ["world", "broker"].flatMap((name) => this.#processes.get(name) ?? []);
    const deadline = performance.now() + SETTLE_DEADLINE_MS;
    for (;;) {
      const settled = await this.#hosts.settle();
      const busy = await Promise.all(others.map((process) => process.settle().catch(() => false)));
      if (!busy.includes(true) && (await this.#triggerQueuesAreQuiet())) return settled;
      if (performance.now() > deadline) throw new Error("messages still wait for the host, or somebody is still busy");
    }
  }

  /** A process that is killed meanwhile has nothing left to receive or to give. */
  async #triggerQueuesAreQuiet(): Promise<boolean> {
    const [host, broker] = [this.#processes.get(this.#hosts.hub), this.#processes.get("broker")];
    return triggerQueuesAreQuiet(host, broker).catch((error: unknown) => {
      if (host?.pid === undefined || broker?.pid === undefined) return true;
      throw error;
    });
  }

  #writeStackFile(): void {
    const { storage, serviceBus, ...addresses } = this.addresses;
    const pids = Object.fromEntries([...this.#processes.values()].map(({ name, pid }) => [name, pid ?? null]));
    const content = {
      ...addresses,
      storage,
      serviceBus,
      task_hub_key: this.taskHubKey,
      tenant_id: TENANT_ID,
      cli_client_id: APPS.cli.clientId,
      api_client_id: APPS.api.clientId,
      azure_subscription: SUBSCRIPTION_ID,
      azure_resource_group: RESOURCE_GROUP,
      pids: { supervisor: process.pid, ...pids },
    };
    writeFileSync(this.#stackFile, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  }
}
