import type { ExaminedPart } from "../../domain/doctor.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { TableProbe } from "../../ports/doctor.ts";
import type { Tables } from "./tables.ts";

/** The one table that a part has no right on, by `infra/permissions.yaml`. */
const OTHERS: Readonly<Partial<Record<ExaminedPart, string>>> = { worker: "checkpoints", sweeper: "changes" };

/** Reads one row that cannot be there of every table: the cheapest request that needs the right to read. */
export const createTableProbe = (tables: Tables): TableProbe => ({
  reach: (part) =>
    Promise.all(
      Object.entries(tables).flatMap(([name, table]) => {
        if (typeof table === "function" || OTHERS[part] === name) return [];
        const reached = table.get("doctor", "nothing").then(
          () => ({ name, problem: undefined }),
          (error: unknown) => ({
            name,
            problem: error instanceof DependencyError ? error.message : "it does not answer",
          }),
        );
        return [reached];
      }),
    ),
});
