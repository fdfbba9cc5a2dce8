import { join } from "node:path";
import { BROKER_NODE_OPTIONS } from "../local/supervisor.ts";
import { startProgram, type Program } from "./program.ts";

export interface BrokerProgram extends Program {
  readonly port: number;
  readonly connectionString: string;
}

/** The broker in a process of its own, as the stack runs it, with the entities of `broker.config.json`. */
export async function startBroker(directory: string): Promise<BrokerProgram> {
  const config = join(import.meta.dirname, "broker.config.json");
  const words = ["local/broker/main.ts", "--config", config, "--data", directory, "--port", "0"];
  const program = await startProgram({ words, nodeOptions: BROKER_NODE_OPTIONS, lines: 2 });
  const connectionString = program.lines[1] ?? "";
  return { ...program, connectionString, port: Number(/:(\d+);/.exec(connectionString)?.[1]) };
}
