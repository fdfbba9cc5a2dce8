import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import type { Worker } from "../worker.ts";
import { event } from "./change.ts";
import { mailTo, sendRow } from "./messages.ts";

/** Rows that should carry the worker's seal and do not. They count as absent; that they exist is news. */
const unsealed = ({ sealing }: Pick<Worker, "sealing">, record: ActivationRecord): readonly string[] => [
  ...record.verdicts
    .filter(({ body, mac }) => !sealing.verify("verdict", body, mac))
    .map(({ body }) => `verdict ${body}`),
  ...record.intents.filter(({ body, mac }) => !sealing.verify("intent", body, mac)).map(({ body }) => `intent ${body}`),
];

/** Makes tampering loud: one audit record and one mail for each forged row, however often it is seen. */
export async function reportForgedRows(worker: Worker, record: ActivationRecord): Promise<void> {
  for (const row of unsealed(worker, record))
    await reportTampering(worker, record, row.split(" ")[0] ?? "row", sha256Hex(row).slice(0, 16));
}

async function reportTampering(worker: Worker, record: ActivationRecord, what: string, id: string): Promise<void> {
  const now = worker.clock.now();
  if (!(await worker.deliveries.first("finding", `${record.id}-${id}`, now))) return;
  worker.log("error", "tampering", { activationId: record.id, what });
  await worker.audit.append(
    "findings",
    `tampered-${record.id}-${id}`,
    event("TamperingFound", now, { activationId: record.id, what }),
  );
  const line = `A stored ${what} of this activation does not carry this system's seal: somebody wrote into its tables.`;
  const mail = mailTo(
    worker.policies.policy.alertMail,
    "Zero Standing: somebody changed its records",
    [line],
    worker.links.page(record.id),
    "Open the record",
  );
  await worker.store.ask(sendRow(record.id, `tampered-${id}`, mail, now));
}
