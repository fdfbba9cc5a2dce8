import { createPemSigner } from "../shared/adapters/keys/pem-signer.ts";
import { SettingsError, type FrontSettings, type Settings, type SweeperSettings } from "../shared/config/settings.ts";
import type { Lift } from "../shared/domain/resume.ts";
import type { TicketSystemName } from "../shared/domain/ticket.ts";
import type { AuditCopy } from "../shared/ports/audit-copy.ts";
import type { AccessReviews } from "../shared/ports/access-reviews.ts";
import type { ActivationStore } from "../shared/ports/activation-store.ts";
import type { AuditLog } from "../shared/ports/audit-log.ts";
import type { ChangeStore } from "../shared/ports/change-store.ts";
import type { Checkpoints } from "../shared/ports/checkpoints.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { Controls, Deliveries, Holders } from "../shared/ports/controls.ts";
import type { QueueProbe, SelfDirectory, TableProbe } from "../shared/ports/doctor.ts";
import type { EventPublisher } from "../shared/ports/event-publisher.ts";
import type { Findings } from "../shared/ports/findings.ts";
import type { HandoverQueue } from "../shared/ports/handover.ts";
import type { KeptMessages } from "../shared/ports/kept-messages.ts";
import type { Notifier } from "../shared/ports/notifier.ts";
import type { AcceptedPolicies } from "../shared/ports/policy-acceptance.ts";
import type { EligibilityDirectory, PostureDirectory } from "../shared/ports/posture-directory.ts";
import type { RequestQueues } from "../shared/ports/request-queues.ts";
import type { RoleDirectory } from "../shared/ports/role-directory.ts";
import type { Sealing } from "../shared/ports/sealing.ts";
import type { Signer } from "../shared/ports/signer.ts";
import type { CallerVerifier, IdTokenVerifier, SignInFlow } from "../shared/ports/sign-in.ts";
import type { SelfReports } from "../shared/ports/self-reports.ts";
import type { TicketAccount, TicketSystem } from "../shared/ports/ticket-system.ts";
import type { WritePace } from "../shared/ports/write-pace.ts";
import { lazy, once } from "./lazy.ts";
import type { Worker } from "./worker.ts";

// Which adapter stands behind each port. Every SDK is loaded when its port is first used.

/** The managed identity of this app: its own, unless a setting names another one. */
export const credential = (settings: Pick<Settings, "azureClientId">) =>
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
  readonly changes: ChangeStore;
  readonly findings: Findings;
  readonly accepted: AcceptedPolicies;
  readonly pace: WritePace;
  readonly reports: SelfReports;
  readonly probe: TableProbe;
}

/** @param sealing checks who lifted a freeze; without it the row is taken at its word */
export function tablePorts(settings: Settings, sealing: Sealing | undefined): TablePorts {
  const opened = once(async () => {
    const { createTables } = await import("../shared/adapters/tables/tables.ts");
    const { storage } = settings;
    const tables = createTables(
      storage.kind === "connection"
        ? { connectionString: storage.connection.reveal() }
        : storage.kind === "signatures"
          ? { tableUrl: storage.tableUrl, signatures: storage.signatures.reveal() }
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
      async *chain(...part) {
        yield* (await auditLog()).chain(...part);
      },
      async *heads() {
        yield* (await auditLog()).heads();
      },
    },
    controls: lazy<Controls>(async () =>
      (await import("../shared/adapters/tables/controls.ts")).createControls(
        await opened(),
        sealing &&
          (({ body, mac }, freezeId) => {
            if (!sealing.verify("resume", body, mac)) return undefined;
            const lift = JSON.parse(body) as Lift;
            return lift.freezeId === freezeId ? { at: lift.at } : undefined;
          }),
      ),
    ),
    holders: lazy<Holders>(async () =>
      (await import("../shared/adapters/tables/holders.ts")).createHolders(await opened()),
    ),
    changes: lazy<ChangeStore>(async () =>
      (await import("../shared/adapters/tables/change-store.ts")).createChangeStore(await opened()),
    ),
    accepted: lazy<AcceptedPolicies>(async () =>
      (await import("../shared/adapters/tables/accepted-policies.ts")).createAcceptedPolicies(await opened()),
    ),
    findings: lazy<Findings>(async () =>
      (await import("../shared/adapters/tables/findings.ts")).createFindings(await opened()),
    ),
    deliveries: lazy<Deliveries>(async () =>
      (await import("../shared/adapters/tables/deliveries.ts")).createDeliveries(await opened()),
    ),
    pace: lazy<WritePace>(async () =>
      (await import("../shared/adapters/tables/write-pace.ts")).createWritePace(await opened()),
    ),
    reports: lazy<SelfReports>(async () =>
      (await import("../shared/adapters/tables/self-reports.ts")).createSelfReports(await opened()),
    ),
    probe: lazy<TableProbe>(async () =>
      (await import("../shared/adapters/tables/table-probe.ts")).createTableProbe(await opened()),
    ),
  };
}

/** What signs checkpoints; `undefined`: there are none. */
export function checkpointSigner(settings: Settings, own: SweeperSettings): Signer | undefined {
  const { checkpointKey: key } = own;
  if (key?.kind !== "vault") return key && createPemSigner(key.privateKey);
  return lazy<Signer>(async () =>
    (await import("../shared/adapters/key-vault/vault-signer.ts")).createVaultSigner(
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
      (await import("../shared/adapters/audit-copy/append-blobs.ts")).createAuditCopy(
        auditCopy.kind === "connection"
          ? { connectionString: auditCopy.connection.reveal() }
          : { containerUrl: auditCopy.containerUrl, credential: await credential(settings)() },
        clock,
      ),
    )
  );
}

interface BusPorts {
  readonly requests: RequestQueues;
  readonly events: EventPublisher;
  readonly handover: HandoverQueue;
  readonly kept: KeptMessages;
  readonly probe: QueueProbe;
}

/** @throws SettingsError when the policy names systems that send messages and there is no bus for them */
export function serviceBusPorts(
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
    probe: lazy<QueueProbe>(async () =>
      (await import("../shared/adapters/service-bus/queue-probe.ts")).createQueueProbe(
        await bus(),
        Object.keys(senders),
      ),
    ),
  };
}

/** What the directory says about the identity of this process. */
export const selfPort = (graph: GraphClient, settings: Settings): SelfDirectory =>
  lazy<SelfDirectory>(async () =>
    (await import("../shared/adapters/graph/self-directory.ts")).createSelfDirectory(
      await graph(),
      settings.graphUrl,
      await credential(settings)(),
    ),
  );

export function graphPorts(graph: GraphClient): {
  readonly directory: RoleDirectory;
  readonly posture: PostureDirectory;
  readonly eligibility: EligibilityDirectory;
} {
  return {
    directory: lazy<RoleDirectory>(async () =>
      (await import("../shared/adapters/graph/role-directory.ts")).createRoleDirectory(await graph()),
    ),
    posture: lazy<PostureDirectory>(async () =>
      (await import("../shared/adapters/graph/posture-directory.ts")).createPostureDirectory(await graph()),
    ),
    eligibility: lazy<EligibilityDirectory>(async () =>
      (await import("../shared/adapters/graph/posture-directory.ts")).createEligibilityDirectory(await graph()),
    ),
  };
}

/** Reviews in Entra: for the worker alone. */
export const accessReviewsPort = (graph: GraphClient): AccessReviews =>
  lazy<AccessReviews>(async () =>
    (await import("../shared/adapters/graph/access-reviews.ts")).createAccessReviews(await graph()),
  );

/** Graph as this part of the app, with one token for all its ports. */
export const graphClient = (settings: Settings) =>
  once(async () => {
    const { createGraph } = await import("../shared/adapters/graph/graph-client.ts");
    return createGraph(settings.graphUrl, await credential(settings)());
  });

type GraphClient = ReturnType<typeof graphClient>;

/** Mail by the mailbox of the settings. */
export const mailPort = (graph: GraphClient, sender: string): Notifier =>
  lazy<Notifier>(async () =>
    (await import("../shared/adapters/graph/mail-notifier.ts")).createMailNotifier(await graph(), sender),
  );

const issuerOf = (settings: Settings) =>
  once(async () => (await import("../shared/adapters/entra/issuer.ts")).createIssuer(settings));

/** Who calls, and who signs in: for the front. */
export function callerPorts(
  settings: Settings,
  { api, signIn }: FrontSettings,
  clock: Clock,
): { readonly callers: CallerVerifier; readonly signIn: SignInFlow } {
  const issuer = issuerOf(settings);
  return {
    callers: lazy<CallerVerifier>(async () =>
      (await import("../shared/adapters/entra/caller-verifier.ts")).createCallerVerifier({
        issuer: await issuer(),
        clock,
        ...api,
      }),
    ),
    signIn: lazy<SignInFlow>(async () =>
      (await import("../shared/adapters/entra/sign-in-flow.ts")).createSignInFlow({
        issuer: await issuer(),
        clientId: signIn.clientId,
        clientSecret: signIn.clientSecret.reveal(),
        redirectUrl: signInCallback(settings),
      }),
    ),
  };
}

/** Verifies id tokens made for the sign-in's registration. */
export function idTokenPort(settings: Settings, signInClientId: string, clock: Clock): IdTokenVerifier {
  const issuer = issuerOf(settings);
  return lazy<IdTokenVerifier>(async () =>
    (await import("../shared/adapters/entra/id-token-verifier.ts")).createIdTokenVerifier({
      issuer: await issuer(),
      clock,
      signInClientId,
    }),
  );
}

export function ticketPorts(
  settings: Settings,
  systems: Worker["policies"]["policy"]["ticketSystems"],
  clock: Clock,
): Partial<Record<TicketSystemName, TicketSystem & TicketAccount>> {
  const { servicenow, jira } = settings;
  return {
    ...(servicenow && systems.servicenow
      ? { servicenow: lazy<TicketSystem & TicketAccount>(serviceNow(servicenow, systems.servicenow, clock)) }
      : {}),
    ...(jira && systems.jira ? { jira: lazy<TicketSystem & TicketAccount>(jiraSystem(jira, systems.jira)) } : {}),
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

/** Where the login answers to, and nowhere else. */
export const signInCallback = ({ publicUrl }: Pick<Settings, "publicUrl">): string =>
  `${publicUrl}/api/sign-in/callback`;
