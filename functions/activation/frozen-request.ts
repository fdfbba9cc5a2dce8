import { canonicalJson, digestOf } from "../../shared/crypto/digest.ts";
import type { ActivationRequest } from "../../shared/domain/activation.ts";
import type { Verdict } from "../../shared/domain/verdict.ts";
import type { ActivationRecord, SealedRow } from "../../shared/ports/activation-store.ts";
import type { Sealing } from "../../shared/ports/sealing.ts";

/** The request in force with the digest that sign-ins are bound to. */
export interface FrozenRequest {
  readonly request: ActivationRequest;
  readonly digest: string;
}

export function freezeRequest(sealing: Sealing, request: ActivationRequest): SealedRow & { readonly revision: number } {
  const body = canonicalJson(request);
  return { body, mac: sealing.mac("request", body), revision: request.revision };
}

/** The last frozen revision; `undefined` when there is none, or when its seal or its id is not right: somebody changed it. */
export function frozenRequest(sealing: Sealing, record: ActivationRecord): FrozenRequest | undefined {
  const row = record.requests.at(-1);
  if (!row || !sealing.verify("request", row.body, row.mac)) return undefined;
  const request = JSON.parse(row.body) as ActivationRequest;
  return request.activationId === record.id && request.revision === record.requests.length
    ? { request, digest: digestOf(request) }
    : undefined;
}

/** The verified sign-ins that count for this request: right seal, right activation, right digest. */
export function verdictsFor(sealing: Sealing, record: ActivationRecord, digest: string): readonly Verdict[] {
  return record.verdicts
    .filter((row) => sealing.verify("verdict", row.body, row.mac))
    .map((row) => JSON.parse(row.body) as Verdict)
    .filter((verdict) => verdict.activationId === record.id && verdict.requestDigest === digest);
}

export function sealVerdict(sealing: Sealing, key: string, verdict: Verdict): SealedRow & { readonly key: string } {
  const body = canonicalJson(verdict);
  return { key, body, mac: sealing.mac("verdict", body) };
}
