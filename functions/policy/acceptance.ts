import { canonicalJson } from "../../shared/crypto/digest.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { StatedPolicy } from "../../shared/domain/policy-change.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Notifier } from "../../shared/ports/notifier.ts";
import type { AcceptedPolicies, PolicyAcceptance } from "../../shared/ports/policy-acceptance.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { Sealing } from "../../shared/ports/sealing.ts";
import { event, WORKER } from "../activation/change.ts";
import { mailTo } from "../activation/messages.ts";
import type { Log } from "../worker.ts";

/** One accepted policy, under the worker's seal. */
interface Acceptance extends StatedPolicy {
  readonly hash: string;
  readonly at: Instant;
  /** The first policy there ever was, a setting for emergencies, two persons, or accepted before another one and back. */
  readonly how: "bootstrap" | "override" | "persons" | "returned";
  readonly acceptedBy: readonly PersonKey[];
}

interface Parts {
  readonly clock: Clock;
  readonly policies: PolicyStore;
  readonly accepted: AcceptedPolicies;
  readonly sealing: Sealing;
  readonly audit: Pick<AuditLog, "append" | "chain">;
  readonly notifier: Notifier;
  readonly log: Log;
  /** Hash that a setting accepts in an emergency, when two persons cannot be had. */
  readonly override: string | undefined;
}

const SUBJECT = "policy";
const WHY = {
  bootstrap: "No policy was accepted before: this is the first.",
  override: "The setting POLICY_OVERRIDE names it.",
  returned: "It was accepted before, and another after it: it was deployed again.",
} as const;
/** More than one record is more than a first policy leaves. */
const LOOKED_AT = 10;

const keyOf = (hash: string, how: Acceptance["how"], after = ""): string => `accepted-${hash}-${how}${after}`;

/**
 * A changed policy takes effect only after two persons accepted its hash. The first policy there ever was accepts itself,
 * and a setting can accept one in an emergency: both are recorded and mailed. What was accepted once stays accepted, so
 * the answer is asked of the store until it is yes; where another was accepted since, its return is recorded and mailed, and
 * it is what the next one is compared with.
 */
export function createPolicyAcceptance(parts: Parts): PolicyAcceptance {
  const { clock, policies, accepted, sealing, audit, notifier, log, override } = parts;
  let known = false;
  /** One look for all who ask at the same time. */
  let looking: Promise<boolean> | undefined;

  async function valid(): Promise<readonly { readonly policy: Acceptance; readonly row: SealedRow }[]> {
    return (await accepted.list())
      .filter(({ body, mac }) => sealing.verify("policy", body, mac))
      .map((row) => ({ policy: JSON.parse(row.body) as Acceptance, row }))
      .toSorted((a, b) => b.policy.at.localeCompare(a.policy.at));
  }

  /** Under the key that seals now: the acceptance outlives the key that it was sealed with first. */
  async function keep(hash: string, { body, mac }: SealedRow): Promise<void> {
    const sealedNow = sealing.mac("policy", body);
    if (mac !== sealedNow) await accepted.accept(hash, { body, mac: sealedNow });
    known = true;
  }

  async function write(how: Acceptance["how"], persons: readonly PersonKey[], after = ""): Promise<void> {
    const { hash, ...policy } = policies.policy;
    const at = clock.now();
    const stated: StatedPolicy = { policy, persons: policies.people.all() };
    await audit.append(SUBJECT, keyOf(hash, how, after), event("PolicyAccepted", at, { hash, how, persons }, WORKER));
    if (how !== "persons") await tell(how, hash);
    const body = canonicalJson({ ...stated, hash, at, how, acceptedBy: persons });
    await accepted.accept(hash, { body, mac: sealing.mac("policy", body) });
    known = true;
  }

  async function tell(how: keyof typeof WHY, hash: string): Promise<void> {
    log("error", "policy accepted without two persons", { how, hash });
    const message = mailTo(
      policies.policy.alertMail,
      "A policy took effect without two persons",
      [`${WHY[how]} Its hash is ${hash}.`, "If you did not expect this, freeze the grants: zs freeze."],
      "https://entra.microsoft.com",
      "Open Entra",
    );
    await notifier.mail(message);
  }

  /** By the trail, which bears witness also where the accepted rows are gone; a start that died half-way is no other. */
  async function isFirst(): Promise<boolean> {
    for await (const { key } of audit.chain(SUBJECT, 0, LOOKED_AT))
      if (key !== keyOf(policies.policy.hash, "bootstrap")) return false;
    return true;
  }

  async function look(): Promise<boolean> {
    const all = await valid();
    const { hash } = policies.policy;
    const inForce = all.find(({ policy }) => policy.hash === hash);
    if (inForce && inForce !== all[0])
      await write("returned", inForce.policy.acceptedBy, `-${all[0]?.policy.at ?? ""}`);
    else if (inForce) await keep(hash, inForce.row);
    else if (all.length === 0 && (await isFirst())) await write("bootstrap", []);
    else if (override === hash) await write("override", []);
    return known;
  }

  return {
    isAccepted: async () => known || (looking ??= look().finally(() => (looking = undefined))),
    last: async () => (await valid())[0]?.policy,
    accept: (persons) => write("persons", persons),
  };
}
