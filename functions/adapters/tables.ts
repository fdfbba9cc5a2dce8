import type { Settings } from "../../shared/config/settings.ts";
import type { Lift } from "../../shared/domain/resume.ts";
import type { ActivationStore } from "../../shared/ports/activation-store.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { ChangeStore } from "../../shared/ports/change-store.ts";
import type { Checkpoints } from "../../shared/ports/checkpoints.ts";
import type { Controls, Deliveries, Holders } from "../../shared/ports/controls.ts";
import type { TableProbe } from "../../shared/ports/doctor.ts";
import type { Findings } from "../../shared/ports/findings.ts";
import type { AcceptedPolicies } from "../../shared/ports/policy-acceptance.ts";
import type { Sealing } from "../../shared/ports/sealing.ts";
import type { SelfReports } from "../../shared/ports/self-reports.ts";
import type { WritePace } from "../../shared/ports/write-pace.ts";
import { lazy, once } from "../lazy.ts";
import { credential } from "./identity.ts";

interface TablePorts {
  readonly store: ActivationStore;
  readonly audit: AuditLog;
  readonly checkpoints: Checkpoints;
  readonly controls: Controls;
  readonly holders: Holders;
  readonly deliveries: Deliveries;
  readonly changes: ChangeStore;
  readonly findings: Findings;
  readonly accepted: AcceptedPolicies;
  readonly pace: WritePace;
  readonly reports: SelfReports;
  readonly probe: TableProbe;
}

/** @param sealing checks who lifted a freeze; without it the row is taken at its word */
export function tablePorts(settings: Settings, sealing: Sealing | undefined): TablePorts {
  const opened = once(async () => {
    const { createTables } = await import("../../shared/adapters/tables/tables.ts");
    const { storage } = settings;
    const tables = createTables(
      storage.kind === "connection"
        ? { connectionString: storage.connection.reveal() }
        : storage.kind === "signatures"
          ? { tableUrl: storage.tableUrl, signatures: storage.signatures.reveal() }
          : { tableUrl: storage.tableUrl, credential: await credential(settings)() },
    );
    await tables.ensureTables();
    return tables;
  });
  const auditLog = once(async () =>
    (await import("../../shared/adapters/tables/audit-log.ts")).createAuditLog(await opened()),
  );
  const checkpoints = once(async () =>
    (await import("../../shared/adapters/tables/checkpoints.ts")).createCheckpoints(await opened()),
  );
  return {
    store: lazy<ActivationStore>(async () =>
      (await import("../../shared/adapters/tables/activation-store.ts")).createActivationStore(await opened(), {
        publishes: settings.serviceBus !== undefined,
      }),
    ),
    checkpoints: {
      append: async (checkpoint) => (await checkpoints()).append(checkpoint),
      async *read(after) {
        yield* (await checkpoints()).read(after);
      },
    },
    audit: {
      append: async (...args) => (await auditLog()).append(...args),
      async *read(range) {
        yield* (await auditLog()).read(range);
      },
      async *chain(...part) {
        yield* (await auditLog()).chain(...part);
      },
      async *heads() {
        yield* (await auditLog()).heads();
      },
    },
    controls: lazy<Controls>(async () =>
      (await import("../../shared/adapters/tables/controls.ts")).createControls(
        await opened(),
        sealing &&
          (({ body, mac }, freezeId) => {
            if (!sealing.verify("resume", body, mac)) return undefined;
            const lift = JSON.parse(body) as Lift;
            return lift.freezeId === freezeId ? { at: lift.at } : undefined;
          }),
      ),
    ),
    holders: lazy<Holders>(async () =>
      (await import("../../shared/adapters/tables/holders.ts")).createHolders(await opened()),
    ),
    changes: lazy<ChangeStore>(async () =>
      (await import("../../shared/adapters/tables/change-store.ts")).createChangeStore(await opened()),
    ),
    accepted: lazy<AcceptedPolicies>(async () =>
      (await import("../../shared/adapters/tables/accepted-policies.ts")).createAcceptedPolicies(await opened()),
    ),
    findings: lazy<Findings>(async () =>
      (await import("../../shared/adapters/tables/findings.ts")).createFindings(await opened()),
    ),
    deliveries: lazy<Deliveries>(async () =>
      (await import("../../shared/adapters/tables/deliveries.ts")).createDeliveries(await opened()),
    ),
    pace: lazy<WritePace>(async () =>
      (await import("../../shared/adapters/tables/write-pace.ts")).createWritePace(await opened()),
    ),
    reports: lazy<SelfReports>(async () =>
      (await import("../../shared/adapters/tables/self-reports.ts")).createSelfReports(await opened()),
    ),
    probe: lazy<TableProbe>(async () =>
      (await import("../../shared/adapters/tables/table-probe.ts")).createTableProbe(await opened()),
    ),
  };
}
