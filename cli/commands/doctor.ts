import { doctorView, type DoctorView } from "../../shared/contracts/doctor.ts";
import { azureSettings } from "../config/azure-settings.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { judgeAdministrators, type Power } from "../doctor/administrators.ts";
import { lookAtAzure } from "../doctor/azure/look.ts";
import { lookBehind } from "../doctor/applications.ts";
import { judgeCredentials } from "../doctor/credentials.ts";
import { doctorText } from "../doctor/doctor-text.ts";
import { judgePermissions, permissionGaps } from "../doctor/graph-permissions.ts";
import { permissionScript } from "../doctor/permission-commands.ts";
import { readPermissionsFile } from "../doctor/permissions-file.ts";
import { located, type Located } from "../doctor/result.ts";
import { ExitCode } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "what is wrong with this installation, and what to do next (identity team)",
  details:
    "Asks every part of the service what it finds about itself, compares what the identities may do with\ninfra/permissions.yaml, and names everybody who can deploy to, configure or take over the apps and identities. Changes\nnothing. Exit code 1 if there is a fault; a warning is none.",
  options: {
    subscription: { value: "ID", help: "the subscription of the installation in Azure (or ZS_AZURE_SUBSCRIPTION)" },
    "resource-group": { value: "NAME", help: "its resource group (or ZS_AZURE_RESOURCE_GROUP)" },
    permissions: { value: "FILE", help: "what may be; infra/permissions.yaml of this checkout if left out" },
    "fix-permissions": {
      help: "print what an administrator must run so that the permissions of Graph are as the file says",
    },
  },
  examples: ["zs doctor", "zs doctor --json", "zs doctor --fix-permissions > permissions.sh"],
  run: async (input, { env, directory, terminal }) => {
    const file = readPermissionsFile(input.optional("permissions"));
    const azureAt = azureSettings(env, directory, {
      subscription: input.optional("subscription"),
      resourceGroup: input.optional("resource-group"),
    });
    const session = openSession(env, directory);
    const api = createApi(session);
    const view = await api.get("/api/doctor", doctorView);
    const parts = view.parts.map((report) => ({ report, gaps: permissionGaps(report, view, file) }));
    if (input.flag("fix-permissions")) {
      const gaps = parts.flatMap((part) => part.gaps);
      answer(terminal, { gaps }, () => permissionScript(gaps).map(safeText));
      return ExitCode.Ok;
    }
    const azure = await lookAtAzure(azureAt, {
      api,
      token: azureAt && (env["AZURE_ACCESS_TOKEN"]?.trim() || (await session.tokenFor(azureAt.scope))),
      parts: view.parts,
      file,
      now: view.at,
      tenantId: view.tenantId,
    });
    const powers = [...directoryPowers(view, azure.own), ...azure.powers];
    const behind = await lookBehind(api, powers, azure.federatedOf);
    const { shown, results } = judgeAdministrators([...powers, ...behind.powers], file);
    const credentials = [...behind.results, ...judgeCredentials(behind.applications, file)];
    const all: readonly Located[] = [
      ...parts.flatMap(({ report, gaps }) =>
        located(report.part === "all" ? "app" : report.part, [...judgePermissions(report, gaps), ...report.results]),
      ),
      ...located("azure", azure.results),
      ...located("installation", [...results, ...credentials]),
    ];
    const { tenantId, policyHash, at } = view;
    answer(terminal, { at, tenantId, policyHash, results: all, administrators: shown }, () =>
      doctorText(terminal, all, shown),
    );
    return all.some(({ result }) => result === "fault") ? ExitCode.Refused : ExitCode.Ok;
  },
};

/**
 * What the policy calls an identity of this system may have its permissions only where the apps run as it: as Azure says,
 * else as the parts say of themselves.
 */
function directoryPowers(
  { administrators, parts }: DoctorView,
  own: ReadonlySet<string> | undefined,
): readonly Power[] {
  const ours = own ?? new Set(parts.flatMap(({ identity }) => identity?.principalId.toLowerCase() ?? []));
  return (administrators ?? [])
    .filter((one) => !(one.own && ours.has(one.principalId.toLowerCase())))
    .map((one) => ({
      ...one,
      remove: one.eligible ? "end the eligibility (zs eligibility remove, or in Entra)" : "take it away in Entra",
    }));
}
