import { setClock, type ClockSetting } from "./clock.ts";
import type { LocalService, StackSettings } from "./service.ts";

/** What the supervisor tells a child at its start. `options` is free for the process in question. */
export interface ChildStart {
  readonly settings: StackSettings;
  readonly clock: ClockSetting;
  readonly options: Readonly<Record<string, unknown>>;
}

type FromSupervisor =
  | { readonly start: ChildStart }
  | { readonly id: number; readonly clock: ClockSetting }
  | {
      readonly id: number;
      readonly part: string;
      readonly operation: string;
      readonly parameters: Readonly<Record<string, unknown>>;
    };

/**
 * Runs a child process of the stack: starts the services that `make` answers, serves their control operations over
 * the IPC channel, and stops them on SIGTERM, SIGINT or when the supervisor is gone. See README.md, "Child protocol".
 */
export function runChild(make: (start: ChildStart) => Promise<readonly LocalService[]>): void {
  let services: readonly LocalService[] = [];
  let stopping = false;

  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    for (const service of services.toReversed()) await service.stop();
    process.exit(code);
  };
  const send = (message: unknown): void => {
    if (process.connected) process.send?.(message);
  };

  const answer = async (message: FromSupervisor): Promise<void> => {
    if ("start" in message) {
      setClock(message.start.clock);
      services = await make(message.start);
      for (const service of services) await service.start();
      send({ ready: true });
    } else if ("clock" in message) {
      setClock(message.clock);
      send({ id: message.id, result: null });
    } else {
      const service = services.find((candidate) => candidate.name === message.part);
      const operation = service?.control[message.operation];
      if (!operation) {
        send({ id: message.id, error: `no operation ${message.part}/${message.operation}` });
        return;
      }
      try {
        send({ id: message.id, result: (await operation(message.parameters)) ?? null });
      } catch (error) {
        send({ id: message.id, error: error instanceof Error ? error.message : String(error) });
      }
    }
  };

  process.on("message", (message: FromSupervisor) => {
    answer(message).catch((error: unknown) => {
      console.error(error);
      void stop(1);
    });
  });
  process.on("disconnect", () => void stop(0));
  process.on("SIGTERM", () => void stop(0));
  process.on("SIGINT", () => void stop(0));
}
