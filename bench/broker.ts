import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "rhea";
import { connectTo, disconnect, FORMAT, IN_FLIGHT, putToken, receiveAll, sendAll } from "./amqp-load.ts";
import type { Benchmark, Session } from "./benchmark.ts";
import { startBroker } from "./broker-program.ts";
import { residentOf, startProgram } from "./program.ts";
import { toRow, type Row } from "./row.ts";
import { interleaved, median } from "./statistics.ts";

const ROUNDS = 7;
const MESSAGES = 10_000;
const MANY = 100_000;
const STARTS = 7;
const QUEUE = "load";
const MEGABYTE = 1_000_000;

/** The Service Bus broker, in a process of its own, with a client that does next to nothing. */
export const broker: Benchmark = {
  id: "broker",
  run: async (session) => [...(await throughput(session)), await memory(session), await start(session)],
};

async function throughput(session: Session): Promise<readonly Row[]> {
  const directory = session.directory("broker-throughput");
  const echo = await startProgram({ words: ["bench/echo-server.ts", join(directory, "echo")], lines: 1 });
  const ours = await startBroker(dataIn(directory));
  try {
    const subjects = {
      echo: () => during(connectTo(Number(echo.lines[0])), (it) => sendAll(it, "any", MESSAGES, FORMAT.bytes)),
      sends: () => during(connectToBroker(ours.port), (it) => sendAll(it, QUEUE, MESSAGES, FORMAT.message)),
      receives: () => during(connectToBroker(ours.port), (it) => receiveAll(it, QUEUE, MESSAGES)),
    };
    await interleaved(1, subjects);
    const samples = await interleaved(ROUNDS, subjects);
    session.keep("broker-throughput", samples);
    return rowsOf(samples);
  } finally {
    await Promise.all([echo.stop(), ours.stop()]);
  }
}

function rowsOf(samples: Record<"echo" | "sends" | "receives", readonly number[]>): readonly Row[] {
  const [echo, sends, receives] = [median(samples.echo), median(samples.sends), median(samples.receives)];
  const baseline = `${echo.toFixed(0)} a second`;
  return [
    toRow({
      id: "broker.sends",
      what: `durable sends a second, acknowledged, ${IN_FLIGHT} in flight (${sends.toFixed(0)}), to a bare rhea echo with fdatasync`,
      value: sends / echo,
      unit: "x",
      baseline,
      goal: { atLeast: 0.7 },
    }),
    toRow({
      id: "broker.receives",
      what: `messages received and completed a second (${receives.toFixed(0)}), to the sends of the same echo`,
      value: receives / echo,
      unit: "x",
      baseline,
      goal: { atLeast: 0.6 },
    }),
  ];
}

/** With all of them in the queue, and when all are gone. */
async function memory(session: Session): Promise<Row> {
  const ours = await startBroker(dataIn(session.directory("broker-memory")));
  try {
    await during(connectToBroker(ours.port), (it) => sendAll(it, QUEUE, MANY, FORMAT.message));
    const full = residentOf([ours.pid]);
    await during(connectToBroker(ours.port), (it) => receiveAll(it, QUEUE, MANY));
    const empty = residentOf([ours.pid]);
    session.keep("broker-memory", { full, empty });
    return toRow({
      id: "broker.memory",
      what: `resident with ${MANY} messages in a queue (${(full / MEGABYTE).toFixed(0)} MB) or after them, whichever is more`,
      value: Math.max(full, empty) / MEGABYTE,
      unit: "MB",
      goal: { atMost: 200 },
    });
  } finally {
    await ours.stop();
  }
}

async function start(session: Session): Promise<Row> {
  const samples: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const ours = await startBroker(dataIn(session.directory("broker-start")));
    samples.push(ours.startedMs);
    await ours.stop();
  }
  session.keep("broker-start", samples);
  return toRow({
    id: "broker.start",
    what: `from the command to the word that it is ready, median of ${STARTS} starts`,
    value: median(samples) / 1_000,
    unit: "s",
    goal: { atMost: 0.5 },
  });
}

async function connectToBroker(port: number): Promise<Connection> {
  const connection = await connectTo(port);
  await putToken(connection);
  return connection;
}

async function during<T>(opening: Promise<Connection>, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await opening;
  try {
    return await work(connection);
  } finally {
    await disconnect(connection);
  }
}

function dataIn(directory: string): string {
  const data = join(directory, "broker");
  mkdirSync(data, { recursive: true });
  return data;
}
