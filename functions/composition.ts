import type { KeyObject } from "node:crypto";
import type { FunctionInput, InvocationContext } from "@azure/functions";
import { createSealing } from "../shared/adapters/keys/sealing.ts";
import { createKeyView } from "../shared/adapters/keys/pem-signer.ts";
import { loadPolicy } from "../shared/config/compiled-policy.ts";
import { parseSettings, type FrontSettings, type Settings } from "../shared/config/settings.ts";
import { instant } from "../shared/domain/time.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { PolicyAcceptance } from "../shared/ports/policy-acceptance.ts";
import type { PolicyStore } from "../shared/ports/policy-store.ts";
import type { ProofOpener, ProofSealer } from "../shared/ports/sealing.ts";
import type { Signer } from "../shared/ports/signer.ts";
import type { WorkflowGateway } from "../shared/ports/workflow-gateway.ts";
import type { Reconciler } from "./activation/foreign-findings.ts";
import { auditCopyPort, checkpointSigner } from "./adapters/audit.ts";
import { accessReviewsPort, graphClient, graphPorts, mailPort, selfPort } from "./adapters/graph.ts";
import { serviceBusPorts } from "./adapters/service-bus.ts";
import { callerPorts, idTokenPort, signInCallback } from "./adapters/sign-in.ts";
import { tablePorts } from "./adapters/tables.ts";
import { ticketPorts } from "./adapters/tickets.ts";
import type { ChangeWorker } from "./changes/change-worker.ts";
import type { Examiner } from "./doctor/examine.ts";
import { settingFacts } from "./doctor/setting-facts.ts";
import { createRunNotes } from "./doctor/timers.ts";
import { workerPermissions } from "./doctor/worker-permissions.ts";
import type { Front } from "./front/front.ts";
import { queueGateway } from "./handover.ts";
import { createNoise } from "./http/noise.ts";
import { lazy } from "./lazy.ts";
import { createLinkWriter } from "./links.ts";
import type { DriftChecker } from "./standing/drift.ts";
import type { HandoverDoor } from "./triggers/receive-handover.servicebus.ts";
import type { MessageDoor } from "./triggers/receive-request.servicebus.ts";
import type { DoctorDoor } from "./triggers/show-doctor.http.ts";
import type { Notary } from "./triggers/write-checkpoint.timer.ts";
import type { Log } from "./worker.ts";

/** How the doors reach the orchestrations. */
interface Ringing {
  /** Inputs that each function needs for it: the durable client, or none. */
  readonly inputs: readonly FunctionInput[];
  readonly gatewayOf: (context: InvocationContext) => WorkflowGateway;
}

export interface FrontPart {
  readonly front: Front;
  readonly hooks: Pick<FrontSettings, "servicenow" | "jira">;
  /** Where the files lie that run now. */
  readonly packageDirectory: string;
  readonly inputs: readonly FunctionInput[];
  readonly doctor: Pick<DoctorDoor, "examiner" | "clientIds">;
}

/** How a part without doors says that it is well. */
interface Watched {
  readonly examiner: Examiner;
  readonly noteRun: ReturnType<typeof createRunNotes>;
}

export interface WorkerPart extends Watched {
  readonly worker: ChangeWorker;
  /** `undefined`: no bus is configured. */
  readonly messages: MessageDoor | undefined;
  /** `undefined`: the others touch the task hub themselves. */
  readonly handovers: HandoverDoor | undefined;
}

export interface SweeperPart extends Watched {
  readonly sweeper: DriftChecker & Reconciler;
  readonly notary: Notary;
}

/** What this process is: one part of the app, or all of them. */
export interface App {
  readonly front: FrontPart | undefined;
  readonly worker: WorkerPart | undefined;
  readonly sweeper: SweeperPart | undefined;
}

/**
 * Reads settings and policy, and makes the adapters of the parts that this process is, and no other; SDKs are loaded when
 * first needed. @throws SettingsError, PolicyError
 */
export async function compose(env: Readonly<Record<string, string | undefined>>): Promise<App> {
  const settings = parseSettings(env);
  const policies = await loadPolicy(settings.policyDirectory, settings.compiledPolicyFile);
  const shared = sharedPorts(settings, policies);
  const bus = serviceBusPorts(settings, policies.policy, shared.clock);
  const handover = settings.handover === "queue" ? bus?.handover : undefined;
  const examiner = examinerOf(shared, settings, bus);
  const watched: Watched = { examiner, noteRun: createRunNotes(shared) };
  const hub = settings.worker && (await import("./workflow.ts"));
  const signer = settings.sweeper && checkpointSigner(settings, settings.sweeper);
  const ringing = handover
    ? { inputs: [], gatewayOf: () => queueGateway(handover, log) }
    : hub && { inputs: [hub.durableClient], gatewayOf: hub.gatewayOf };
  return {
    front:
      settings.front && ringing && frontPart(shared, settings, settings.front, bus, signer, { ...ringing, examiner }),
    worker: settings.worker &&
      hub && {
        ...watched,
        worker: workerPorts(shared, settings, settings.worker, bus, examiner),
        messages: bus && { ...shared, requests: bus.requests, gatewayOf: hub.gatewayOf },
        handovers: handover && { ...shared, handover, gatewayOf: hub.gatewayOf },
      },
    sweeper: settings.sweeper && {
      ...watched,
      sweeper: { ...shared, ...outsidePorts(settings, shared), events: bus?.events },
      notary: { ...shared, signer, copy: auditCopyPort(settings, settings.sweeper, shared.clock) },
    },
  };
}

type Shared = ReturnType<typeof sharedPorts>;
type Bus = ReturnType<typeof serviceBusPorts>;

/** What every part reads and writes. Without the worker's keys the seal of a lifted freeze is not checked: it is shown, nothing is granted by it. */
function sharedPorts(settings: Settings, policies: PolicyStore) {
  const clock: Clock = { now: () => instant(Date.now()) };
  const links = createLinkWriter({ publicUrl: settings.publicUrl, keys: settings.linkKeys.reveal() });
  const sealing = settings.worker && createSealing(settings.worker.macKeys.reveal());
  const graph = graphClient(settings);
  return { clock, policies, links, log, graph, ...tablePorts(settings, sealing), ...graphPorts(graph) };
}

function frontPart(
  { clock, ...shared }: Shared,
  settings: Settings,
  own: FrontSettings,
  bus: Bus,
  signer: Signer | undefined,
  { inputs, gatewayOf, examiner }: Ringing & { readonly examiner: Examiner },
): FrontPart {
  const { signIn, callers } = callerPorts(settings, own, clock);
  const front: Front = {
    clock,
    ...shared,
    signIn,
    callers,
    idTokens: idTokenPort(settings, own.signIn.clientId, clock),
    proofs: lazy<ProofSealer>(async () => (await proofEnvelope()).createProofSealer(own.workerPublicKey)),
    signer: signer ?? (own.checkpointPublicKey && createKeyView(own.checkpointPublicKey)),
    workerPermissions: workerPermissions(examiner),
    kept: bus?.kept,
    noise: createNoise({ clock, ...shared }),
    linkKeys: settings.linkKeys.reveal(),
    publicUrl: settings.publicUrl,
    loginUrl: settings.loginUrl,
    gatewayOf,
  };
  const clientIds = [own.api.audiences[0] ?? "", own.signIn.clientId, ...own.api.clientIds];
  return { front, hooks: own, packageDirectory: settings.packageDirectory, inputs, doctor: { examiner, clientIds } };
}

function workerPorts(
  shared: Shared,
  settings: Settings,
  own: NonNullable<Settings["worker"]>,
  bus: Bus,
  examiner: Examiner,
): ChangeWorker {
  const sealing = createSealing(own.macKeys.reveal());
  const outside = outsidePorts(settings, shared);
  return {
    ...shared,
    ...outside,
    sealing,
    proofs: proofOpener(own.privateKey),
    idTokens: idTokenPort(settings, own.signInClientId, shared.clock),
    events: bus?.events,
    workerPermissions: workerPermissions(examiner),
    accessReviews: accessReviewsPort(shared.graph),
    contextGuard: lazy<ChangeWorker["contextGuard"]>(async () =>
      (await import("./policy/context-gaps.ts")).createContextGuard(shared),
    ),
    acceptance: lazy<PolicyAcceptance>(async () =>
      (await import("./policy/acceptance.ts")).createPolicyAcceptance({
        ...shared,
        ...outside,
        sealing,
        override: own.policyOverride,
      }),
    ),
  };
}

/** What reaches people and tickets, and takes eligibility away; the front has none of it. */
const outsidePorts = (settings: Settings, { clock, policies, graph }: Shared) => ({
  tickets: ticketPorts(settings, policies.policy.ticketSystems, clock),
  notifier: mailPort(graph, settings.mailSender ?? ""),
});

function examinerOf(shared: Shared, settings: Settings, bus: Bus): Examiner {
  const { front, part, tenantId } = settings;
  return {
    ...shared,
    part,
    tenantId,
    startedAt: shared.clock.now(),
    settings: settingFacts(settings),
    self: selfPort(shared.graph, settings),
    tables: shared.probe,
    queues: bus?.probe,
    tickets: part === "front" ? undefined : ticketPorts(settings, shared.policies.policy.ticketSystems, shared.clock),
    signIn: front && {
      clientId: front.signIn.clientId,
      secretHint: front.signIn.clientSecret.reveal().slice(0, 3),
      redirectUri: signInCallback(settings),
      apiClientId: front.api.audiences[0] ?? "",
    },
  };
}

const proofEnvelope = () => import("../shared/adapters/keys/proof-envelope.ts");

const proofOpener = (privateKey: KeyObject): ProofOpener =>
  lazy<ProofOpener>(async () => (await proofEnvelope()).createProofOpener(privateKey));

const log: Log = (level, message, fields = {}) => {
  const line = JSON.stringify({ level, message, ...fields });
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
};
