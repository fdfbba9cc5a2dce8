import {
  judgeClock,
  judgePolicy,
  judgeQueues,
  judgeSettings,
  judgeTables,
  judgeTickets,
  judgeTimers,
  fault,
  type CheckResult,
  type ExaminedPart,
  type Read,
  type SettingFacts,
  type TicketFacts,
} from "../../shared/domain/doctor.ts";
import { judgeApiRegistration, judgeSignInRegistration } from "../../shared/domain/doctor-registrations.ts";
import { judgeSignInSecret } from "../../shared/domain/doctor-keys.ts";
import type { TicketSystemName } from "../../shared/domain/ticket.ts";
import { msOf, type Instant } from "../../shared/domain/time.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { OwnIdentity, QueueProbe, Registration, SelfDirectory, TableProbe } from "../../shared/ports/doctor.ts";
import type { AcceptedPolicies } from "../../shared/ports/policy-acceptance.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { SelfReport, SelfReports } from "../../shared/ports/self-reports.ts";
import type { TicketAccount } from "../../shared/ports/ticket-system.ts";
import { SILENCE_MS, type TimerName } from "./timers.ts";

/** What a part of the app looks at itself with. */
export interface Examiner {
  readonly part: ExaminedPart;
  readonly startedAt: Instant;
  readonly clock: Clock;
  readonly policies: PolicyStore;
  readonly tenantId: string;
  readonly settings: SettingFacts;
  readonly self: SelfDirectory;
  readonly tables: TableProbe;
  /** `undefined`: there is no bus. */
  readonly queues: QueueProbe | undefined;
  /** `undefined`: this part reads no tickets. */
  readonly tickets: Partial<Record<TicketSystemName, TicketAccount>> | undefined;
  readonly accepted: Pick<AcceptedPolicies, "list">;
  readonly reports: SelfReports;
  /** Of the part that signs people in. */
  readonly signIn:
    | {
        readonly clientId: string;
        readonly secretHint: string;
        /** Where the app takes answers to sign-ins. */
        readonly redirectUri: string;
        readonly apiClientId: string;
      }
    | undefined;
}

/** Looks at everything that this part can see, now. Changes nothing, throws nothing: what cannot be read is a fault. */
export async function examine(examiner: Examiner): Promise<SelfReport> {
  const { part, clock } = examiner;
  const at = clock.now();
  const identity = await read(() => examiner.self.identity());
  const parts = await Promise.all([
    read(() => skewOf(examiner)).then(judgeClock),
    examiner.tables.reach(part).then(judgeTables),
    Promise.resolve(examiner.queues?.reach(part)).then(judgeQueues),
    examineTickets(examiner),
    examinePolicy(examiner, identity),
    examineSignIn(examiner, at),
    watchesTimers(part) ? examineTimers(examiner, at) : Promise.resolve([]),
  ]);
  return {
    part,
    at,
    identity: "value" in identity ? identity.value : null,
    results: [...identityFault(identity), ...judgeSettings(examiner.settings), ...parts.flat()],
  };
}

/** Looks, and keeps what it found where the front can read it. May run twice. @throws DependencyError */
export const keepReport = (examiner: Examiner) => async (): Promise<void> => {
  await examiner.reports.keep(await examine(examiner));
};

/** The front sees when timers ran: who runs them cannot say that they do not. */
const watchesTimers = (part: ExaminedPart): boolean => part === "all" || part === "front";

const identityFault = (identity: Read<OwnIdentity>): readonly CheckResult[] =>
  "value" in identity
    ? []
    : [
        fault(
          "permissions",
          `The identity of the app gets no token for Graph: ${identity.problem}.`,
          "Give the app its identity again; where it is a user-assigned one, AZURE_CLIENT_ID names it.",
        ),
      ];

/** Half of the way there and back is taken off; `Date` has whole seconds. */
async function skewOf({ self, clock }: Examiner): Promise<number> {
  const sentAt = msOf(clock.now());
  const theirs = msOf(await self.time());
  return (sentAt + msOf(clock.now())) / 2 - theirs;
}

async function examineTickets({ tickets, policies }: Examiner): Promise<readonly CheckResult[]> {
  if (!tickets) return [];
  const wanted = Object.keys(policies.policy.ticketSystems) as TicketSystemName[];
  const facts = await Promise.all(
    wanted.flatMap((name) => {
      const system = tickets[name];
      return system ? [ticketFacts(name, system)] : [];
    }),
  );
  return judgeTickets(
    facts,
    wanted.filter((name) => !tickets[name]),
  );
}

async function ticketFacts(name: TicketSystemName, system: TicketAccount): Promise<TicketFacts> {
  const account = await read(() => system.signedInAs());
  return "value" in account
    ? { name, problem: undefined, account: account.value }
    : { name, problem: account.problem, account: undefined };
}

async function examinePolicy(
  { policies, tenantId, accepted }: Examiner,
  identity: Read<OwnIdentity>,
): Promise<readonly CheckResult[]> {
  const { policy } = policies;
  return judgePolicy({
    policyTenant: policy.tenantId,
    settingTenant: tenantId,
    identityTenant: "value" in identity ? identity.value.tenantId : undefined,
    hash: policy.hash,
    accepted: await read(async () => isAccepted(await accepted.list(), policy.hash)),
  });
}

/**
 * As the rows say: their seals are the worker's to check, and it does before it grants. Where there is none yet, the
 * first policy accepts itself.
 */
const isAccepted = (rows: readonly { readonly body: string }[], hash: string): boolean =>
  rows.length === 0 || rows.some(({ body }) => body.includes(`"hash":"${hash}"`));

async function examineSignIn({ signIn, self }: Examiner, now: Instant): Promise<readonly CheckResult[]> {
  if (!signIn) return [];
  const { clientId, apiClientId, secretHint, redirectUri } = signIn;
  const found = await read(() => self.registrations([clientId, apiClientId]));
  const of = (id: string): Registration | undefined =>
    "value" in found ? found.value.find((one) => one.clientId === id) : undefined;
  const [ours, api] = [of(clientId), of(apiClientId)];
  return [
    ...judgeSignInSecret("value" in found ? { value: ours?.secrets } : found, { hint: secretHint, now }),
    ...(ours ? judgeSignInRegistration(ours, redirectUri) : []),
    ...("value" in found ? judgeApiRegistration(api) : []),
  ];
}

async function examineTimers({ reports, startedAt }: Examiner, now: Instant): Promise<readonly CheckResult[]> {
  const runs = await read(async () => {
    const lastRuns = await reports.lastRuns();
    return (Object.keys(SILENCE_MS) as TimerName[]).map((name) => ({
      name,
      silentMs: SILENCE_MS[name],
      lastRanAt: lastRuns.get(name),
    }));
  });
  return judgeTimers(runs, { now, startedAt });
}

/** Never the text of an unknown error: it may hold anything. */
async function read<T>(what: () => Promise<T>): Promise<Read<T>> {
  try {
    return { value: await what() };
  } catch (error) {
    return { problem: error instanceof DependencyError ? error.message : "it failed in an unknown way" };
  }
}
