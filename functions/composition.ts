import type { KeyObject } from "node:crypto";
import type { InvocationContext } from "@azure/functions";
import { getClient } from "durable-functions";
import { createSealing } from "../shared/adapters/keys/sealing.ts";
import { createPemSigner } from "../shared/adapters/keys/pem-signer.ts";
import { loadPolicy } from "../shared/config/compiled-policy.ts";
import { parseSettings, type Settings } from "../shared/config/settings.ts";
import { instant } from "../shared/domain/time.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { ProofOpener, ProofSealer, Sealing } from "../shared/ports/sealing.ts";
import type { DirectGateway } from "../shared/ports/workflow-gateway.ts";
import { entraPorts, graphPorts, serviceBusPorts, tablePorts, ticketPorts } from "./adapters.ts";
import type { Front } from "./front/front.ts";
import { queueGateway } from "./handover.ts";
import type { HandoverDoor } from "./triggers/receive-handover.servicebus.ts";
import type { MessageDoor } from "./triggers/receive-request.servicebus.ts";
import { createNoise } from "./http/noise.ts";
import type { PolicyAcceptance } from "../shared/ports/policy-acceptance.ts";
import { createLinkWriter } from "./links.ts";
import { lazy } from "./lazy.ts";
import type { DriftChecker } from "./standing/drift.ts";
import type { Log } from "./worker.ts";
import type { Notary } from "./triggers/write-checkpoint.timer.ts";
import { durableGateway } from "./workflow.ts";

/** Reads settings and policy, and makes every adapter; SDKs are loaded when first needed. @throws SettingsError, PolicyError */
export async function compose(env: Readonly<Record<string, string | undefined>>): Promise<{
  readonly settings: Settings;
  readonly worker: DriftChecker;
  readonly front: Front;
  readonly notary: Notary;
  /** `undefined`: no bus is configured. */
  readonly messages: MessageDoor | undefined;
  /** `undefined`: the doors touch the task hub themselves. */
  readonly handovers: HandoverDoor | undefined;
}> {
  const settings = parseSettings(env);
  const policies = await loadPolicy(settings.policyDirectory, settings.compiledPolicyFile);
  const clock: Clock = { now: () => instant(Date.now()) };
  const links = createLinkWriter({ publicUrl: settings.publicUrl, keys: settings.linkKeys.reveal() });
  const sealing = settings.worker ? createSealing(settings.worker.macKeys.reveal()) : NO_SEALING;
  const tables = tablePorts(settings, sealing);
  const { directory, posture, eligibility, notifier } = graphPorts(settings);
  const entra = entraPorts(settings, clock);
  const signer = settings.checkpointKey && createPemSigner(settings.checkpointKey);
  const busPorts = serviceBusPorts(settings, policies.policy, clock);
  const handover = settings.handover === "queue" ? busPorts?.handover : undefined;
  const common = { clock, policies, links, log, ...tables, directory, posture };
  return {
    settings,
    worker: {
      ...common,
      tickets: ticketPorts(settings, policies.policy.ticketSystems, clock),
      sealing,
      proofs: proofOpener(settings.worker?.privateKey),
      idTokens: entra.idTokens,
      notifier,
      events: busPorts?.events,
      eligibility,
      contextGuard: lazy<DriftChecker["contextGuard"]>(async () =>
        (await import("./policy/context-gaps.ts")).createContextGuard(common),
      ),
      acceptance: lazy<PolicyAcceptance>(async () =>
        (await import("./policy/acceptance.ts")).createPolicyAcceptance({
          ...common,
          sealing,
          notifier,
          override: settings.policyOverride,
        }),
      ),
    },
    front: {
      ...common,
      ...entra,
      signer,
      kept: busPorts?.kept,
      noise: createNoise(common),
      proofs: lazy<ProofSealer>(async () => (await proofEnvelope()).createProofSealer(settings.workerPublicKey)),
      linkKeys: settings.linkKeys.reveal(),
      publicUrl: settings.publicUrl,
      loginUrl: settings.loginUrl,
      gatewayOf: handover ? () => queueGateway(handover, log) : gatewayOf,
    },
    notary: { ...common, signer },
    messages: busPorts && { ...common, requests: busPorts.requests, gatewayOf },
    handovers: handover && { ...common, handover, gatewayOf },
  };
}

/** Without the worker's keys nothing is sealed and no seal is believed. */
const NO_SEALING: Sealing = {
  mac: () => {
    throw new Error("this part of the app has no MAC key");
  },
  verify: () => false,
};

const proofEnvelope = () => import("../shared/adapters/keys/proof-envelope.ts");

const proofOpener = (privateKey: KeyObject | undefined): ProofOpener =>
  privateKey
    ? lazy<ProofOpener>(async () => (await proofEnvelope()).createProofOpener(privateKey))
    : { open: async () => undefined };

/** For those who may touch the task hub: the worker, the sweeper, and doors that run beside them. */
export const gatewayOf = (context: InvocationContext): DirectGateway => durableGateway(getClient(context));

const log: Log = (level, message, fields = {}) => {
  const line = JSON.stringify({ level, message, ...fields });
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
};
