import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeCheckpoint } from "../../functions/triggers/write-checkpoint.timer.ts";
import { createPemSigner } from "../../shared/adapters/keys/pem-signer.ts";
import { bodyOf, keyIdOf, signedBytes } from "../../shared/crypto/checkpoint.ts";
import { digestOf } from "../../shared/crypto/digest.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { AuditCopy } from "../../shared/ports/audit-copy.ts";
import type { Checkpoint, CheckpointKey } from "../../shared/domain/checkpoint.ts";
import { instant, MINUTE_MS } from "../../shared/domain/time.ts";
import type { Signer } from "../../shared/ports/signer.ts";
import { anAuditEvent } from "./audit-file.ts";
import { MemoryTables } from "./memory-ports.ts";

export const newKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

export const jwkOf = (key: KeyObject): CheckpointKey =>
  createPublicKey(key).export({ format: "jwk" }) as unknown as CheckpointKey;

/** A checkpoint as whoever has this key would sign it, whatever it says of the key. */
export const signedBy = async (key: KeyObject, checkpoint: Checkpoint): Promise<Checkpoint> => ({
  ...checkpoint,
  hash: digestOf(bodyOf(checkpoint)),
  signature: await createPemSigner(key).sign(signedBytes(bodyOf(checkpoint))),
});

/** A trail in memory with what writes its checkpoints; every checkpoint is ten minutes after the one before. */
export class NotarizedTrail {
  readonly tables = new MemoryTables();
  readonly logged: string[] = [];
  readonly key = newKey();
  readonly keyId = keyIdOf(jwkOf(this.key));
  #nowMs = Date.parse("2026-11-24T09:00:00Z");
  /** Where this instance and those after it copy to. */
  copy: AuditCopy | undefined;
  readonly checkpoint = this.notary();

  /** One more instance of the app. */
  notary(key: KeyObject | Signer = this.key, copy: AuditCopy | undefined = this.copy): () => Promise<void> {
    return writeCheckpoint({
      audit: this.tables.audit,
      checkpoints: this.tables.checkpoints,
      signer: "sign" in key ? key : createPemSigner(key),
      copy,
      clock: { now: () => instant((this.#nowMs += 10 * MINUTE_MS)) },
      log: (level, message) => this.logged.push(`${level} ${message}`),
    });
  }

  /** One record at the end of each of these chains. */
  async grow(...subjects: readonly string[]): Promise<void> {
    for (const subject of subjects) {
      const length = this.tables.chains.get(subject)?.length ?? 0;
      await this.tables.audit.append(subject, `key-${length}`, anAuditEvent("RequestRefusedAtDoor", { length }));
    }
  }

  get checkpoints(): readonly Checkpoint[] {
    return this.tables.checkpointRows;
  }

  /** In the order of the export. */
  get records(): readonly AuditRecord[] {
    return [...this.tables.chains].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, records]) => records);
  }
}

/** The file as the service writes it. */
export const exportOf = (checkpoints: readonly Checkpoint[], records: readonly AuditRecord[]): string =>
  [...checkpoints.map((checkpoint) => ({ checkpoint })), ...records]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");
