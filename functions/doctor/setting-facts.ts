import type { Settings } from "../../shared/config/settings.ts";
import type { SettingFacts } from "../../shared/domain/doctor.ts";

/** What an installation may do without, or has for an emergency only. A key on loopback opens nothing that others reach. */
export function settingFacts({ storage, serviceBus, worker, sweeper }: Settings): SettingFacts {
  const connections = [
    { name: "STORAGE_CONNECTION", ...storage },
    { name: "SERVICE_BUS", ...serviceBus },
    { name: "AUDIT_COPY_CONNECTION", ...sweeper?.auditCopy },
  ];
  return {
    keyed: connections.flatMap((one) =>
      "connection" in one && !isLoopback(one.connection.reveal()) ? [one.name] : [],
    ),
    signsCheckpoints: !sweeper || sweeper.checkpointKey !== undefined,
    policyOverridden: worker?.policyOverride !== undefined,
  };
}

const LOOPBACK = /^\/\/(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?=[:/;]|$)/;

/** Every address in the string, behind its scheme: a key may hold slashes too. Where none is named it is the cloud's own. */
function isLoopback(connection: string): boolean {
  const addresses = [...connection.matchAll(/:(\/\/[^;]+)/g)].map(([, address = ""]) => address);
  return addresses.length > 0 && addresses.every((address) => LOOPBACK.test(address));
}
