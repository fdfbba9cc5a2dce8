import { partReport, type PartReport } from "../../contracts/doctor.ts";
import type { PrincipalId } from "../../domain/ids.ts";
import type { SelfReport, SelfReports } from "../../ports/self-reports.ts";
import { jsonProperties, readForeignJson } from "./json-property.ts";
import { encodeKey } from "./keys.ts";
import type { Tables } from "./tables.ts";

const RUNS = "timer";
const REPORTS = "self-report";

/** Runs and reports over Azure Table Storage: one row for each timer and part. @throws DependencyError */
export const createSelfReports = ({ findings }: Pick<Tables, "findings">): SelfReports => ({
  noteRun: (timer, at) => findings.put([{ partitionKey: RUNS, rowKey: encodeKey(timer), timer, at }]),
  lastRuns: async () =>
    new Map((await findings.partition(RUNS)).map((row) => [String(row["timer"]), String(row["at"])])),
  keep: (report) =>
    findings.put([{ partitionKey: REPORTS, rowKey: encodeKey(report.part), ...jsonProperties("json", report) }]),
  kept: async () =>
    (await findings.partition(REPORTS)).flatMap((row) => {
      const report = partReport.safeParse(readForeignJson(row, "json")).data;
      return report && row.rowKey === encodeKey(report.part) ? [reportOf(report)] : [];
    }),
});

const reportOf = ({ identity, ...rest }: PartReport): SelfReport => ({
  ...rest,
  identity: identity && {
    ...identity,
    principalId: identity.principalId as PrincipalId,
    granted: identity.granted,
  },
});
