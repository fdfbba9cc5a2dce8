import type { KeyObject } from "node:crypto";
import type { InvocationContext } from "@azure/functions";
import { getClient } from "durable-functions";
import { createSealing } from "../shared/adapters/keys/sealing.ts";
import { createPemSigner } from "../shared/adapters/keys/pem-signer.ts";
import { loadPolicy } from "../shared/config/compiled-policy.ts";
import { parseSettings, SettingsError, type Settings } from "../shared/config/settings.ts";
import type { TicketSystemName } from "../shared/domain/ticket.ts";
import type { Lift } from "../shared/domain/resume.ts";
import { instant } from "../shared/domain/time.ts";
import type { ActivationStore } from "../shared/ports/activation-store.ts";
import type { AuditLog } from "../shared/ports/audit-log.ts";
import type { Checkpoints } from "../shared/ports/checkpoints.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { Controls, Deliveries, Holders } from "../shared/ports/controls.ts";
import type { EventPublisher } from "../shared/ports/event-publisher.ts";
import type { HandoverQueue } from "../shared/ports/handover.ts";
import type { KeptMessages } from "../shared/ports/kept-messages.ts";
import type { Notifier } from "../shared/ports/notifier.ts";
import type { RequestQueues } from "../shared/ports/request-queues.ts";
import type { RoleDirectory } from "../shared/ports/role-directory.ts";
import type { ProofOpener, ProofSealer, Sealing } from "../shared/ports/sealing.ts";
import type { CallerVerifier, IdTokenVerifier, SignInFlow } from "../shared/ports/sign-in.ts";
import type { TicketSystem } from "../shared/ports/ticket-system.ts";
import type { DirectGateway } from "../shared/ports/workflow-gateway.ts";
import type { Front } from "./front/front.ts";
import { queueGateway } from "./handover.ts";
import type { HandoverDoor } from "./triggers/receive-handover.servicebus.ts";
import type { MessageDoor } from "./triggers/receive-request.servicebus.ts";
import { createNoise } from "./http/noise.ts";
import { createLinkWriter } from "./links.ts";
import { lazy, once } from "./lazy.ts";
import type { Log, Worker } from "./worker.ts";
import type { Notary } from "./triggers/write-checkpoint.timer.ts";
import { durableGateway } from "./workflow.ts";

/** Reads settings and policy, and makes every adapter; SDKs are loaded when first needed. @throws SettingsError, PolicyError */
export async function compose(env: Readonly<Record<string, string | undefined>>): Promise<{
  readonly settings: Settings;
  readonly worker: Worker;
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
  const { directory, notifier } = graphPorts(settings);
  const entra = entraPorts(settings, clock);
  const signer = settings.checkpointKey && createPemSigner(settings.checkpointKey);
  const busPorts = serviceBusPorts(settings, policies.policy, clock);
  const handover = settings.handover === "queue" ? busPorts?.handover : undefined;
  const common = { clock, policies, links, log, ...tables, directory };
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

const credential = (settings: Settings) =>
  once(async () => {
    const { ManagedIdentityCredential } = await import("@azure/identity");
    const { azureClientId } = settings;
    return azureClientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId: azureClientId });
  });

interface TablePorts {
  readonly store: ActivationStore;
  readonly audit: AuditLog;
  readonly checkpoints: Checkpoints;
  readonly controls: Controls;
  readonly holders: Holders;
  readonly deliveries: Deliveries;
}

function tablePorts(settings: Settings, sealing: Sealing): TablePorts {
  const opened = once(async () => {
    const { createTables } = await import("../shared/adapters/tables/tables.ts");
    const { storage } = settings;
    const tables = createTables(
      storage.kind === "connection"
        ? { connectionString: storage.connection.reveal() }
        : { tableUrl: storage.tableUrl, credential: await credential(settings)() },
    );
    await tables.ensureTables();
    return tables;
  });
  const auditLog = once(async () =>
    (await import("../shared/adapters/tables/audit-log.ts")).createAuditLog(await opened()),
  );
  const checkpoints = once(async () =>
    (await import("../shared/adapters/tables/checkpoints.ts")).createCheckpoints(await opened()),
  );
  return {
    store: lazy<ActivationStore>(async () =>
      (await import("../shared/adapters/tables/activation-store.ts")).createActivationStore(await opened(), {
        publishes: settings.serviceBus !== undefined,
      }),
    ),
    checkpoints: {
      append: async (checkpoint) => (await checkpoints()).append(checkpoint),
      async *read(after) {
        yield* (await checkpoints()).read(after);
      },
    },
    audit: {
      append: async (...args) => (await auditLog()).append(...args),
      async *read(range) {
        yield* (await auditLog()).read(range);
      },
      async *heads() {
        yield* (await auditLog()).heads();
      },
    },
    controls: lazy<Controls>(async () =>
      (await import("../shared/adapters/tables/controls.ts")).createControls(
        await opened(),
        ({ body, mac }, freezeId) => {
          if (!sealing.verify("resume", body, mac)) return undefined;
          const lift = JSON.parse(body) as Lift;
          return lift.freezeId === freezeId ? { at: lift.at } : undefined;
        },
      ),
    ),
    holders: lazy<Holders>(async () =>
      (await import("../shared/adapters/tables/holders.ts")).createHolders(await opened()),
    ),
    deliveries: lazy<Deliveries>(async () =>
      (await import("../shared/adapters/tables/deliveries.ts")).createDeliveries(await opened()),
    ),
  };
}

interface BusPorts {
  readonly requests: RequestQueues;
  readonly events: EventPublisher;
  readonly handover: HandoverQueue;
  readonly kept: KeptMessages;
}

/** @throws SettingsError when the policy names systems that send messages and there is no bus for them */
function serviceBusPorts(
  settings: Settings,
  { senders }: Worker["policies"]["policy"],
  clock: Clock,
): BusPorts | undefined {
  const { serviceBus } = settings;
  if (!serviceBus) {
    if (Object.keys(senders).length === 0) return undefined;
    throw new SettingsError([{ name: "SERVICE_BUS", problem: "is missing: the policy names senders" }]);
  }
  const bus = once(async () =>
    (await import("../shared/adapters/service-bus/client.ts")).createBus(
      serviceBus.kind === "connection"
        ? { connectionString: serviceBus.connection.reveal() }
        : { ...serviceBus, credential: await credential(settings)() },
    ),
  );
  return {
    requests: lazy<RequestQueues>(async () =>
      (await import("../shared/adapters/service-bus/request-queues.ts")).createRequestQueues(await bus()),
    ),
    events: lazy<EventPublisher>(async () =>
      (await import("../shared/adapters/service-bus/event-publisher.ts")).createEventPublisher(
        await bus(),
        settings.publicUrl,
        clock,
      ),
    ),
    handover: lazy<HandoverQueue>(async () =>
      (await import("../shared/adapters/service-bus/handover-queue.ts")).createHandoverQueue(await bus()),
    ),
    kept: lazy<KeptMessages>(async () =>
      (await import("../shared/adapters/service-bus/kept-messages.ts")).createKeptMessages(
        await bus(),
        Object.keys(senders),
      ),
    ),
  };
}

function graphPorts(settings: Settings): { readonly directory: RoleDirectory; readonly notifier: Notifier } {
  const graph = once(async () => {
    const { createGraph } = await import("../shared/adapters/graph/graph-client.ts");
    return createGraph(settings.graphUrl, await credential(settings)());
  });
  return {
    directory: lazy<RoleDirectory>(async () =>
      (await import("../shared/adapters/graph/role-directory.ts")).createRoleDirectory(await graph()),
    ),
    notifier: lazy<Notifier>(async () =>
      (await import("../shared/adapters/graph/mail-notifier.ts")).createMailNotifier(
        await graph(),
        settings.mailSender,
      ),
    ),
  };
}

function entraPorts(
  settings: Settings,
  clock: Clock,
): { readonly callers: CallerVerifier; readonly idTokens: IdTokenVerifier; readonly signIn: SignInFlow } {
  const issuer = once(async () => (await import("../shared/adapters/entra/issuer.ts")).createIssuer(settings));
  const { api, signIn, publicUrl } = settings;
  return {
    callers: lazy<CallerVerifier>(async () =>
      (await import("../shared/adapters/entra/caller-verifier.ts")).createCallerVerifier({
        issuer: await issuer(),
        clock,
        ...api,
      }),
    ),
    idTokens: lazy<IdTokenVerifier>(async () =>
      (await import("../shared/adapters/entra/id-token-verifier.ts")).createIdTokenVerifier({
        issuer: await issuer(),
        clock,
        signInClientId: signIn.clientId,
      }),
    ),
    signIn: lazy<SignInFlow>(async () =>
      (await import("../shared/adapters/entra/sign-in-flow.ts")).createSignInFlow({
        issuer: await issuer(),
        clientId: signIn.clientId,
        clientSecret: signIn.clientSecret.reveal(),
        redirectUrl: `${publicUrl}/api/sign-in/callback`,
      }),
    ),
  };
}

function ticketPorts(
  settings: Settings,
  systems: Worker["policies"]["policy"]["ticketSystems"],
  clock: Clock,
): Partial<Record<TicketSystemName, TicketSystem>> {
  const { servicenow, jira } = settings;
  return {
    ...(servicenow && systems.servicenow
      ? { servicenow: lazy<TicketSystem>(serviceNow(servicenow, systems.servicenow, clock)) }
      : {}),
    ...(jira && systems.jira ? { jira: lazy<TicketSystem>(jiraSystem(jira, systems.jira)) } : {}),
  };
}

type Policies = Worker["policies"]["policy"]["ticketSystems"];

const serviceNow =
  (settings: NonNullable<Settings["servicenow"]>, policy: NonNullable<Policies["servicenow"]>, clock: Clock) =>
  async () =>
    (await import("../shared/adapters/tickets/servicenow.ts")).createServiceNow({
      url: settings.url,
      clientId: settings.clientId,
      clientSecret: () => settings.clientSecret.reveal(),
      policy,
      clock,
    });

const jiraSystem = (settings: NonNullable<Settings["jira"]>, policy: NonNullable<Policies["jira"]>) => async () =>
  (await import("../shared/adapters/tickets/jira.ts")).createJira({
    url: settings.url,
    user: settings.user,
    apiToken: () => settings.apiToken.reveal(),
    policy,
  });
