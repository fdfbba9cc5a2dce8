import type { OpenFinding } from "../../domain/finding.ts";
import type { Findings } from "../../ports/findings.ts";
import { jsonProperties, readForeignJson } from "./json-property.ts";
import { encodeKey, isKeyed } from "./keys.ts";
import type { Tables } from "./tables.ts";

const PARTITION = "open";

/** Open findings over Azure Table Storage. @throws DependencyError */
export const createFindings = ({ findings }: Pick<Tables, "findings">): Findings => ({
  open: async () =>
    (await findings.partition(PARTITION)).flatMap((row) => {
      const finding = readForeignJson(row, "json") as Partial<OpenFinding> | null | undefined;
      return isFinding(finding) && isKeyed(finding.id) && row.rowKey === encodeKey(finding.id) ? [finding] : [];
    }),
  put: (some) =>
    findings.put(
      some.map((one) => ({ partitionKey: PARTITION, rowKey: encodeKey(one.id), ...jsonProperties("json", one) })),
    ),
  remove: (ids) => findings.remove(PARTITION, ids.map(encodeKey)),
});

/** One bad row must not keep all the others from being told. */
const isFinding = (finding: Partial<OpenFinding> | null | undefined): finding is OpenFinding =>
  typeof finding?.id === "string" &&
  typeof finding.kind === "string" &&
  typeof finding.text === "string" &&
  typeof finding.since === "string";
