import { createPemSigner } from "../../shared/adapters/keys/pem-signer.ts";
import type { Settings, SweeperSettings } from "../../shared/config/settings.ts";
import type { AuditCopy } from "../../shared/ports/audit-copy.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Signer } from "../../shared/ports/signer.ts";
import { lazy } from "../lazy.ts";
import { credential } from "./identity.ts";

/** What signs checkpoints; `undefined`: there are none. */
export function checkpointSigner(settings: Settings, own: SweeperSettings): Signer | undefined {
  const { checkpointKey: key } = own;
  if (key?.kind !== "vault") return key && createPemSigner(key.privateKey);
  return lazy<Signer>(async () =>
    (await import("../../shared/adapters/key-vault/vault-signer.ts")).createVaultSigner(
      key.keyId,
      await credential(settings)(),
    ),
  );
}

/** `undefined`: there is no copy. */
export function auditCopyPort(settings: Settings, { auditCopy }: SweeperSettings, clock: Clock): AuditCopy | undefined {
  return (
    auditCopy &&
    lazy<AuditCopy>(async () =>
      (await import("../../shared/adapters/audit-copy/append-blobs.ts")).createAuditCopy(
        auditCopy.kind === "connection"
          ? { connectionString: auditCopy.connection.reveal() }
          : { containerUrl: auditCopy.containerUrl, credential: await credential(settings)() },
        clock,
      ),
    )
  );
}
