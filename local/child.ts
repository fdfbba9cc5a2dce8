import { join } from "node:path";
import { setClock, type ClockSetting } from "./clock.ts";
import { holdLock } from "./data-lock.ts";
import type { LocalService, StackSettings } from "./service.ts";

/** What the supervisor tells a child at its start. `options` is free for the process in question. */
export interface ChildStart {
  readonly process: string;
  readonly settings: StackSettings;
  readonly clock: ClockSetting;
  readonly options: Readonly<Record<string, unknown>>;
}

export type ToChild =
  | { readonly start: ChildStart }
  | { readonly id: number; readonly clock: ClockSetting }
  | { readonly id: number; readonly settle: true }
  | {
      readonly id: number;
      readonly part: string;
      readonly operation: string;
      readonly parameters: Readonly<Record<string, unknown>>;
    };

export type FromChild =
  | { readonly ready: true }
  | { readonly failed: string }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

const PREDECESSOR_WAIT_MS = 10_000;

/**
 * Runs a child process of the stack: starts the services that `make` answers, serves their control operations over
 * the IPC channel, and stops them when the channel is closed or its other end gone. See README.md, "Child protocol".
 */
export function runChild(make: (start: ChildStart) => Promise<readonly LocalService[]>): void {
  let services: readonly LocalService[] = [];
  let stopping = false;

  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    for (const service of services.toReversed()) await service.stop().catch((error: unknown) => console.error(error));
    process.exit(code);
  };
  const send = (message: FromChild): Promise<void> =>
    new Promise((resolve) => {
      if (process.connected) process.send?.(message, undefined, {}, () => resolve());
      else resolve();
    });

  const start = async (message: ChildStart): Promise<void> => {
    setClock(message.clock);
    // A predecessor whose supervisor was killed may still be writing its last files.
    if (!holdLock(join(message.settings.dataDirectory, `${message.process}.lock`), PREDECESSOR_WAIT_MS))
      throw new Error(`another ${message.process} still uses ${message.settings.dataDirectory}`);
    services = await make(message);
    for (const service of services) await service.start();
    await send({ ready: true });
  };

  const call = async (part: string, name: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const operation = services.find((service) => service.name === part)?.control[name];
    if (!operation) throw new Error(`no operation ${part}/${name}`);
    return (await operation(parameters)) ?? null;
  };

  const settle = async (): Promise<boolean> => {
    const busy = await Promise.all(services.map(async (service) => (await service.settle?.()) ?? false));
    return busy.includes(true);
  };

  const answer = async (message: ToChild): Promise<void> => {
    if ("start" in message) {
      await start(message.start).catch(async (error: unknown) => {
        console.error(error);
        await send({ failed: error instanceof Error ? error.message : String(error) });
        await stop(1);
      });
    } else if ("clock" in message) {
      setClock(message.clock);
      await send({ id: message.id, result: null });
    } else {
      const { id } = message;
      const work = "settle" in message ? settle() : call(message.part, message.operation, message.parameters);
      await work.then(
        (result) => send({ id, result }),
        (error: unknown) => send({ id, error: error instanceof Error ? error.message : String(error) }),
      );
    }
  };

  process.on("message", (message: ToChild) => void answer(message));
  process.on("disconnect", () => void stop(0));
  // They reach the whole process group: the supervisor decides who stops when, so that none loses its peers.
  for (const signal of ["SIGTERM", "SIGINT"])
    process.on(signal, () => {
      if (!process.connected) void stop(0);
    });
}
