import type { z } from "zod";
import type { checkpointKeys } from "../../shared/contracts/checkpoint.ts";
import { keyIdOf } from "../../shared/crypto/checkpoint.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";

/** `GET /api/audit/keys`: the public key that signs the checkpoints, as a JWK set; open to everybody. */
export const showAuditKeys =
  ({ signer }: Pick<Door, "signer">): Handler =>
  async () => {
    const key = await signer?.publicKey();
    const keys = key ? [{ ...key, kid: keyIdOf(key), alg: "ES256" as const, use: "sig" as const }] : [];
    return json(200, { keys } satisfies z.output<typeof checkpointKeys>);
  };
