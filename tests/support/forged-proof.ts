import { createPublicKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createProofSealer } from "../../shared/adapters/keys/proof-envelope.ts";
import { canonicalJson, digestOf } from "../../shared/crypto/digest.ts";
import { signInNonce } from "../../shared/crypto/nonce.ts";
import type { ActivationRequest } from "../../shared/domain/activation.ts";
import type { DecisionContent } from "../../shared/ports/sealing.ts";
import type { RunningApp } from "./running-app.ts";
import { jsonOf, overwriteRow, storedRows } from "./stored-rows.ts";

/** A sign-in that never happened, or not like that. Left out: what a true one would have. */
export interface ForgedSignIn {
  readonly purpose?: "stepUp" | "decision";
  /** Account in the token. */
  readonly account: string;
  readonly slot?: number;
  readonly decision?: DecisionContent;
  /** What the nonce was made for. */
  readonly nonce?: string;
  readonly acrs?: readonly string[];
  readonly ageSeconds?: number;
  readonly lifetimeSeconds?: number;
  readonly clientId?: string;
  /** Claims that replace the usual ones; `null` leaves one out. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly key?: "own" | "other";
  /** Changes the token after it was made. */
  readonly spoil?: (token: string) => string;
}

/** The request in force, as it stands in the table. */
export async function storedRequest(app: RunningApp, id: string): Promise<ActivationRequest> {
  const last = (await storedRows(app.stack, "activations", id)).findLast(({ rowKey }) =>
    rowKey?.startsWith("request-"),
  );
  if (!last) throw new Error(`activation ${id} has no request`);
  return JSON.parse((jsonOf(last) as { readonly body: string }).body) as ActivationRequest;
}

/**
 * What somebody with the storage key and the public key of the worker can do: seal a token of their own making, put it
 * among the promises and ring. Only the token itself is for the tenant to sign.
 */
export async function forgeSignIn(app: RunningApp, id: string, forged: ForgedSignIn): Promise<void> {
  const { stack } = app;
  const purpose = forged.purpose ?? "decision";
  const content = purpose === "stepUp" ? "" : canonicalJson(forged.decision ?? { kind: "approve", durationMs: null });
  const random = randomBytes(16).toString("base64url");
  const requestDigest = digestOf(await storedRequest(app, id));
  const nonce = forged.nonce ?? signInNonce({ purpose, requestDigest, content, random });
  const token = (await stack.call("login", "mintIdToken", {
    oid: forged.account,
    nonce,
    acrs: forged.acrs ?? ["c1"],
    authTime: Math.floor(stack.clock.now() / 1_000) - (forged.ageSeconds ?? 0),
    lifetimeSeconds: forged.lifetimeSeconds ?? 3_600,
    overrides: forged.overrides ?? {},
    key: forged.key ?? "own",
    ...(forged.clientId === undefined ? {} : { clientId: forged.clientId }),
  })) as string;
  const idToken = forged.spoil?.(token) ?? token;
  const sealed = await workerSealer(app).seal({ purpose, idToken, random, slot: forged.slot ?? 1, content });
  await putProof(app, id, `proof-${randomBytes(8).toString("hex")}`, sealed);
}

/** Puts a sealed sign-in where the front would put it, and rings. */
export async function putProof(app: RunningApp, id: string, rowKey: string, sealed: string): Promise<void> {
  const at = new Date(app.stack.clock.now()).toISOString();
  const json = JSON.stringify({ createdAt: at, dueAt: at, body: { kind: "proof", sealed } });
  await overwriteRow(app.stack, "pending", { partitionKey: id, rowKey, kind: "proof", dueAt: at, json });
  await app.ring(id);
  await app.stack.settle();
}

/** The worker's public key is no secret. */
function workerSealer({ stack }: RunningApp) {
  const { publicKeys } = JSON.parse(readFileSync(join(stack.dataDirectory, "secrets.json"), "utf8")) as {
    readonly publicKeys: { readonly worker: string };
  };
  return createProofSealer(createPublicKey(publicKeys.worker));
}
