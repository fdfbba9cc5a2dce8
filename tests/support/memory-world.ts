import { signInNonce } from "../../shared/crypto/nonce.ts";
import { canonicalJson, digestOf } from "../../shared/crypto/digest.ts";
import { createSealing } from "../../shared/adapters/keys/sealing.ts";
import {
  isFinal,
  type ActivationClaim,
  type ActivationFacts,
  type ActivationState,
} from "../../shared/domain/activation.ts";
import type {
  ActivationId,
  DirectoryScopeId,
  PersonKey,
  PrincipalId,
  RoleDefinitionId,
} from "../../shared/domain/ids.ts";
import { nextStep, type ActivationAct } from "../../shared/domain/next-step.ts";
import { peopleMap, type Person } from "../../shared/domain/people.ts";
import type { ManualApproval, Policy, RolePolicy } from "../../shared/domain/policy.ts";
import type { Ticket } from "../../shared/domain/ticket.ts";
import { HOUR_MS, MINUTE_MS, msOf, plus, type Instant } from "../../shared/domain/time.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { ActivationRecord, PendingBody } from "../../shared/ports/activation-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { DecisionContent, SignInProof } from "../../shared/ports/sealing.ts";
import type { VerifiedSignIn } from "../../shared/ports/sign-in.ts";
import type { DirectGateway } from "../../shared/ports/workflow-gateway.ts";
import { factsOf, stateOf } from "../../functions/activation/facts.ts";
import { shownRequest } from "../../functions/activation/view.ts";
import { reconcile } from "../../functions/activation/reconcile.ts";
import { ringDue } from "../../functions/activation/ring-due.ts";
import { sweep } from "../../functions/activation/sweep.ts";
import { EFFECTS } from "../../functions/activities/effects.ts";
import type { Worker } from "../../functions/worker.ts";
import { START } from "./memory-directory.ts";
import { MemoryTables } from "./memory-ports.ts";
import { MemoryTenant } from "./memory-tenant.ts";

export const ROLE = "62e90394-69f5-4237-9190-012177145e10" as RoleDefinitionId;
const id = (n: number): PrincipalId => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as PrincipalId;
export const ACTIVATION = "0123456789abcdef0123456789abcdef" as ActivationId;

const person = (key: string, n: number): Person => ({
  key: key as PersonKey,
  name: key,
  dailyAccount: id(n),
  mail: `${key}@example.com`,
  adminAccounts: [id(n + 100)],
  servicenowUser: `user-${n}`,
});

export const ADA = person("ada", 1);
export const CORA = person("cora", 2);
export const DEV = person("dev", 3);
export const EVA = person("eva", 4);
export const APPROVERS = id(900);
export const OWNERS = id(901);
export const TEAM = id(902);

export const aRole = (changes: Partial<RolePolicy> = {}): RolePolicy => ({
  roleDefinitionId: ROLE,
  name: "Global Administrator",
  tier0: true,
  maximumDurationMs: 4 * HOUR_MS,
  scopes: undefined,
  tickets: [
    { system: "servicenow", type: "change_request", window: "ignored", graceMs: 0, approved: true, namesRole: false },
  ],
  stepUp: { authenticationContext: "c1", maxAgeMs: 10 * MINUTE_MS, withinMs: HOUR_MS },
  approval: {
    mode: "manual",
    requirements: [{ name: "Security", count: 1, from: [{ kind: "group", group: APPROVERS }] }],
    decideWithinMs: 8 * HOUR_MS,
    remindAfterMs: 2 * HOUR_MS,
    escalateAfterMs: 4 * HOUR_MS,
    backups: [],
  },
  start: "immediate",
  hours: undefined,
  onTicketClosed: { kind: "grace", ms: 10 * MINUTE_MS },
  usesPerTicket: 1,
  ...changes,
});

/** The role with other terms of approval. */
export function manualRole(changes: Partial<ManualApproval>): RolePolicy {
  const role = aRole();
  return role.approval.mode === "manual" ? { ...role, approval: { ...role.approval, ...changes } } : role;
}

export const aTicket = (changes: Partial<Ticket> = {}): Ticket => ({
  system: "servicenow",
  number: "CHG0030192",
  id: "a".repeat(32),
  type: "change_request",
  summary: "Rotate the signing key",
  configurationItem: undefined,
  status: "open",
  onHold: false,
  approval: "approved",
  window: undefined,
  assignee: "user-1",
  assignmentGroup: undefined,
  creator: "user-9",
  asks: { role: undefined, duration: undefined, scope: undefined },
  ...changes,
});

/** A whole small tenant in memory, a worker over it, and a driver that does what the durable loop does. */
export class MemoryWorld {
  now: Instant = START;
  readonly tables = new MemoryTables();
  readonly directory = new MemoryTenant(() => this.now);
  ticket: Ticket | undefined = aTicket();
  ticketSystemDown = false;
  policyAccepted = true;
  contextGuard: Worker["contextGuard"] = { gap: async () => undefined };
  readonly mails: { readonly to: string; readonly subject: string; readonly html: string }[] = [];
  readonly notes: string[] = [];
  #sweep: (() => Promise<void>) | undefined;
  /** Activations whose orchestration `ringDue` started. */
  readonly started: ActivationId[] = [];
  /** Freezes whose orchestration `ringDue` started. */
  readonly resumed: string[] = [];
  readonly worker: Worker;
  policy: Policy;

  #reconciled: (() => Promise<void>) | undefined;

  constructor(role: RolePolicy = aRole()) {
    const people = peopleMap([ADA, CORA, DEV, EVA]);
    this.policy = {
      hash: "policy-1",
      tenantId: id(1),
      mode: "enforce",
      selfActivated: "report",
      breakGlassAccounts: [id(950)],
      identityTeamGroup: TEAM,
      alertMail: "identity@example.com",
      caps: { openPerPerson: 3, openPerTicketCreator: 10 },
      breaker: { grants: 3, withinMs: 10 * MINUTE_MS },
      ticketSystems: {},
      senders: {},
      governance: undefined,
      roles: [role],
    };
    for (const one of [ADA, CORA, DEV, EVA])
      for (const account of [one.dailyAccount, ...one.adminAccounts])
        this.directory.accounts.set(account, { id: account, enabled: true, userType: "Member" });
    const group = { assignableToRole: true, dynamic: false, nested: false, owned: false };
    this.directory.groups.set(APPROVERS, { ...group, id: APPROVERS, members: [CORA.dailyAccount, DEV.dailyAccount] });
    this.directory.groups.set(OWNERS, { ...group, id: OWNERS, members: [DEV.dailyAccount, EVA.dailyAccount] });
    this.directory.groups.set(TEAM, { ...group, id: TEAM, members: [CORA.dailyAccount, DEV.dailyAccount] });
    this.directory.eligible.push({
      principalId: adminOf(ADA),
      roleDefinitionId: ROLE,
      directoryScopeId: "/" as DirectoryScopeId,
      memberType: "Direct",
      endsAt: undefined,
    });
    const getPolicy = (): Policy => this.policy;
    this.worker = {
      clock: { now: () => this.now },
      policies: {
        get policy() {
          return getPolicy();
        },
        people,
      },
      store: this.tables.store,
      audit: this.tables.audit,
      controls: this.tables.controls,
      holders: this.tables.holders,
      deliveries: this.tables.deliveries,
      directory: this.directory,
      tickets: {
        servicenow: {
          fetch: async () => this.#fetchTicket(),
          note: async (_ticket, { marker, text }) => this.#note(marker, text),
        },
      },
      acceptance: {
        isAccepted: async () => this.policyAccepted,
        last: async () => undefined,
        accept: async () => void (this.policyAccepted = true),
      },
      contextGuard: { gap: () => this.contextGuard.gap() },
      sealing: createSealing({ keys: [{ id: 1, secret: Buffer.alloc(32, 7) }] }),
      proofs: { open: async (sealed) => (sealed.startsWith("{") ? (JSON.parse(sealed) as SignInProof) : undefined) },
      idTokens: {
        verify: async (token) =>
          token.startsWith("{") ? { signIn: JSON.parse(token) as VerifiedSignIn } : { problem: "forged" },
      },
      events: undefined,
      notifier: { mail: async ({ to, subject, html }) => void this.mails.push({ to: to.join(), subject, html }) },
      links: {
        signed: (purpose, _id, slot) => `https://app/l/${purpose}-${slot}`,
        page: () => "https://app/a",
        changePage: () => "https://app/c",
        eligibilityPage: () => "https://app/e",
        freezePage: () => "https://app/freeze",
      },
      log: () => undefined,
    };
  }

  claim(changes: Partial<ActivationClaim> = {}): Promise<{ readonly won: boolean; readonly claim: ActivationClaim }> {
    return this.tables.store.claim({
      activationId: ACTIVATION,
      door: "http",
      claimedAt: this.now,
      ticket: { system: "servicenow", number: "CHG0030192" },
      person: ADA.key,
      principalId: adminOf(ADA),
      roleDefinitionId: ROLE,
      directoryScopeId: "/" as DirectoryScopeId,
      use: 1,
      requestKey: null,
      durationMs: 2 * HOUR_MS,
      justification: "rotate the signing key",
      ...changes,
    });
  }

  /** Runs the process until it waits or ends; a thrown fault is tried again after a pause, as the loop does. */
  async run(activation: ActivationId = ACTIVATION, mostSteps = 60): Promise<ActivationState> {
    for (let steps = 0; steps < mostSteps; steps += 1) {
      const record = await this.record(activation);
      const step = nextStep(factsOf(record, this.now), this.now);
      if (step.kind !== "act") return stateOf(record);
      try {
        await this.act(step.act, activation);
      } catch {
        this.now = plus(this.now, 1_000);
      }
    }
    throw new Error("the process spins");
  }

  async act(act: ActivationAct, activation: ActivationId = ACTIVATION): Promise<ActivationFacts> {
    return factsOf(await EFFECTS[act](this.worker, await this.record(activation)), this.now);
  }

  async record(activation: ActivationId = ACTIVATION): Promise<ActivationRecord> {
    const record = await this.tables.store.load(activation);
    if (!record) throw new Error("no such activation");
    return record;
  }

  async state(activation: ActivationId = ACTIVATION): Promise<ActivationState> {
    return stateOf(await this.record(activation));
  }

  /** Moves time from due moment to due moment, running the process at each; ends at the instant. */
  async runUntil(until: Instant, activation: ActivationId = ACTIVATION): Promise<ActivationState> {
    for (;;) {
      const state = await this.run(activation);
      const step = nextStep(factsOf(await this.record(activation), this.now), this.now);
      if (isFinal(state) || step.kind !== "wait" || step.until >= until) {
        if (this.now < until) this.now = until;
        return this.run(activation);
      }
      this.now = step.until > this.now ? step.until : plus(this.now, 1_000);
    }
  }

  reconcile(): Promise<void> {
    this.#reconciled ??= reconcile(Object.assign(this.worker, { findings: this.tables.findings }));
    return this.#reconciled();
  }

  findings(): readonly AuditRecord[] {
    return this.tables.chains.get("findings") ?? [];
  }

  /** The two timers of every minute. */
  async sweep(): Promise<void> {
    const gateway: DirectGateway = {
      start: async (id) => void this.started.push(id),
      ring: async () => undefined,
      resumeGrants: async (id) => void this.resumed.push(id),
      change: async (id) => void this.resumed.push(id),
      campaign: async (id) => void this.resumed.push(id),
      handleTicketEvent: async () => undefined,
    };
    await (this.#sweep ??= sweep(this.worker))();
    await ringDue({ ...this.worker, changes: this.tables.changes }, gateway);
  }

  /** Somebody or something asks for attention. */
  ask(key: string, body: PendingBody, activation: ActivationId = ACTIVATION): Promise<boolean> {
    return this.tables.store.ask({
      activationId: activation,
      key,
      createdAt: this.now,
      dueAt: plus(this.now, 30_000),
      body,
    });
  }

  /** A person completes the sign-in of a link; `changes` spoil it. */
  async signIn(
    who: {
      readonly account: PrincipalId;
      readonly purpose: SignInProof["purpose"];
      readonly slot?: number;
      readonly content?: DecisionContent;
    },
    changes: Partial<VerifiedSignIn> & {
      readonly token?: string;
      readonly activation?: ActivationId;
      readonly random?: string;
    } = {},
  ): Promise<void> {
    const activation = changes.activation ?? ACTIVATION;
    const request = shownRequest(await this.record(activation));
    const random = changes.random ?? `random-${this.tables.chains.size}-${msOf(this.now)}-${who.account}`;
    const content = who.content ? canonicalJson(who.content) : "";
    const nonce = signInNonce({ purpose: who.purpose, requestDigest: digestOf(request), content, random });
    const signIn: VerifiedSignIn = {
      account: who.account,
      nonce,
      authenticatedAt: this.now,
      authenticationContexts: ["c1"],
      ...changes,
    };
    const proof: SignInProof = {
      purpose: who.purpose,
      idToken: changes.token ?? JSON.stringify(signIn),
      random,
      slot: who.slot ?? 0,
      content,
    };
    await this.ask(`proof-${nonce}`, { kind: "proof", sealed: JSON.stringify(proof) }, activation);
  }

  stepUp(changes: Parameters<MemoryWorld["signIn"]>[1] = {}): Promise<void> {
    return this.signIn({ account: adminOf(ADA), purpose: "stepUp" }, changes);
  }

  async decide(
    who: Person,
    content: DecisionContent,
    changes: Parameters<MemoryWorld["signIn"]>[1] = {},
  ): Promise<void> {
    const request = shownRequest(await this.record(changes.activation ?? ACTIVATION));
    const slot = request?.approvers.find((approver) => approver.person === who.key)?.slot ?? 1;
    return this.signIn({ account: who.dailyAccount, purpose: "decision", slot, content }, changes);
  }

  readonly #markers = new Set<string>();

  /** Once for each marker, as the adapters promise. */
  #note(marker: string, text: string): void {
    if (!this.#markers.has(marker)) this.notes.push(text);
    this.#markers.add(marker);
  }

  #fetchTicket(): Ticket | undefined {
    if (this.ticketSystemDown) throw new DependencyError("Unavailable", "ticket system down");
    return this.ticket;
  }
}

export const adminOf = (one: Person): PrincipalId => one.adminAccounts[0] ?? one.dailyAccount;

export const APPROVE: DecisionContent = { kind: "approve", durationMs: null };
