import type { Row } from "./row.ts";

export interface Benchmark {
  readonly id: string;
  run(session: Session): Promise<readonly Row[]>;
}

/** What a run of the benchmarks shares. */
export interface Session {
  /** Keeps what a row was computed from. */
  readonly keep: (name: string, samples: unknown) => void;
  /** A new directory under `.bench/`; removed at the next run. */
  readonly directory: (name: string) => string;
}
