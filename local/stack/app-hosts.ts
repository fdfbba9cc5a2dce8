import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { APPS } from "../seed.ts";
import type { StackAddresses } from "../service.ts";
import {
  APP_PARTS,
  appendOnly,
  makeTables,
  partSettings,
  readRights,
  type AppPartName,
  type TableStorage,
} from "./parts.ts";
import type { StackPorts } from "./ports.ts";
import type { SecretStore } from "./secrets.ts";
import type { Settled } from "./stack-clock.ts";
import type { StackProcess } from "./stack-process.ts";

type Words = Readonly<Record<string, unknown>>;

/** The processes that run the app: one, or one for each of its parts. The name `host` stands for all of them. */
export class AppHosts {
  /** Empty where the app does not run. */
  readonly names: readonly string[];
  /** The one that holds the task hub. */
  readonly hub: string;
  readonly #split: boolean;
  readonly #dataDirectory: string;
  readonly #appDirectory: string;
  readonly #processes: ReadonlyMap<string, StackProcess>;

  constructor(
    options: {
      readonly isChosen: boolean;
      readonly split: boolean;
      readonly dataDirectory: string;
      readonly appDirectory: string;
    },
    processes: ReadonlyMap<string, StackProcess>,
  ) {
    this.#split = options.split;
    this.names = options.isChosen ? (options.split ? APP_PARTS : ["host"]) : [];
    this.hub = options.split ? "worker" : "host";
    this.#dataDirectory = options.dataDirectory;
    this.#appDirectory = options.appDirectory;
    this.#processes = processes;
  }

  /** The processes that a name stands for. */
  named(name: string): readonly string[] {
    return name === "host" ? this.names : [name];
  }

  get logs(): readonly string[] {
    return this.names.flatMap((name) => [
      join(this.#directoryOf(name), "host.log"),
      join(this.#dataDirectory, `${name}.out`),
    ]);
  }

  addressOf(name: string, addresses: StackAddresses, ports: StackPorts | undefined): string {
    return (name === "worker" || name === "sweeper") && ports ? `http://127.0.0.1:${ports[name]}` : addresses.app;
  }

  /** What each process is started with. `environment` is that of the whole app. */
  startOptions(
    environment: Readonly<Record<string, string>>,
    known: {
      readonly addresses: StackAddresses;
      readonly ports: StackPorts;
      readonly secrets: SecretStore;
      readonly storage: TableStorage;
      /** The path of `func`, where it runs the app. */
      readonly command: string | undefined;
    },
  ): Record<string, Words> {
    const { identityHeader, frontIdentityHeader, sweeperIdentityHeader } = known.secrets.stackSecrets();
    const headers = { front: frontIdentityHeader, worker: identityHeader, sweeper: sweeperIdentityHeader };
    const ofPart = (part: AppPartName): Record<string, string> => ({
      ...partSettings(part, environment, { rights: readRights(this.#appDirectory), storage: known.storage }),
      ...(part === "front" ? { CHECKPOINT_PUBLIC_KEY: known.secrets.publicKeyPem("checkpoint") } : {}),
      ...(part === "sweeper" ? { AUDIT_COPY_CONNECTION: appendOnly(known.addresses.storage) } : {}),
      IDENTITY_HEADER: headers[part],
    });
    const optionsOf = (name: string): Words => {
      const dataDirectory = this.#directoryOf(name);
      mkdirSync(dataDirectory, { recursive: true });
      return {
        appDirectory: this.#appDirectory,
        dataDirectory,
        address: this.addressOf(name, known.addresses, known.ports),
        taskHubKey: known.secrets.secret("taskHubKey"),
        ...(known.command === undefined ? {} : { command: known.command }),
        environment: this.#split ? ofPart(name as AppPartName) : environment,
      };
    };
    return Object.fromEntries(this.names.map((name) => [name, optionsOf(name)]));
  }

  /** What a deployment does for a split app, once the storage runs. */
  async prepare(storage: TableStorage): Promise<void> {
    if (this.#split) await makeTables(readRights(this.#appDirectory), storage);
  }

  /** The directory knows the documented permissions of each part's identity. */
  async grantRights(world: StackProcess): Promise<void> {
    if (!this.#split) return;
    const rights = readRights(this.#appDirectory);
    for (const part of APP_PARTS) {
      const permissions = Object.keys(rights[part].graph);
      await world.call("login", "setPermissions", { clientId: APPS[part].clientId, permissions });
      await world.call("graph", "setApp", { id: APPS[part].objectId, permissions });
    }
  }

  /** What is asked of all is answered by all; a timer runs where it is; everything else is about the task hub. */
  async call(part: string, operation: string, parameters: Words): Promise<unknown> {
    if (part !== "host") return this.#ask(part, operation, parameters);
    if (operation === "functions" || operation === "receives")
      return (await Promise.all(this.names.map((name) => this.#ask(name, operation, parameters)))).flat();
    if (operation !== "runTimer" || !this.#split) return this.#ask(this.hub, operation, parameters);
    for (const name of this.names) {
      const functions = (await this.#ask(name, "functions", {})) as readonly { readonly name: string }[];
      if (functions.some((one) => one.name === parameters["name"])) return this.#ask(name, operation, parameters);
    }
    throw new Error(`no operation host/runTimer for '${String(parameters["name"])}': there is no such timer function`);
  }

  /** The one with the task hub last: the others may have rung it. */
  async settle(): Promise<Settled> {
    for (const name of this.names.filter((one) => one !== this.hub)) await this.#settleOne(name);
    return this.#settleOne(this.hub);
  }

  /** A host that does not run, or is killed meanwhile, has nothing to do. */
  async #settleOne(name: string): Promise<Settled> {
    const host = this.#processes.get(name);
    if (host?.state !== "ready") return { nextDueAt: null };
    try {
      return (await host.call("host", "settle", {})) as Settled;
    } catch (error) {
      if (this.#processes.get(name)?.pid === undefined) return { nextDueAt: null };
      throw error;
    }
  }

  #ask(name: string, operation: string, parameters: Words): Promise<unknown> {
    const host = this.#processes.get(name);
    if (!host) throw new Error("there is no process or part host");
    return host.call("host", operation, parameters);
  }

  #directoryOf(name: string): string {
    return this.#split ? join(this.#dataDirectory, name) : this.#dataDirectory;
  }
}
