import { InvocationContext } from "@azure/functions";
import { CHANGE_EFFECTS } from "../../functions/changes/effects.ts";
import { changeActivity } from "../../functions/changes/change-activity.ts";
import type { ChangeWorker } from "../../functions/changes/change-worker.ts";
import type { DriftChecker } from "../../functions/standing/drift.ts";
import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import { signInNonce } from "../../shared/crypto/nonce.ts";
import type {
  Change,
  ChangeBody,
  ChangeDecision,
  ChangeFacts,
  ChangeId,
  ChangeItem,
  ChangeState,
  FrozenChange,
} from "../../shared/domain/change.ts";
import type { DirectoryScopeId, PrincipalId } from "../../shared/domain/ids.ts";
import { nextChangeStep } from "../../shared/domain/next-change-step.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { Permissions } from "../../shared/domain/standing-plan.ts";
import type { Principal } from "../../shared/domain/posture.ts";
import { DAY_MS, plus } from "../../shared/domain/time.ts";
import type { VerifiedSignIn } from "../../shared/ports/sign-in.ts";
import type { SignInProof } from "../../shared/ports/sealing.ts";
import { MemoryAccessReviews } from "./memory-access-reviews.ts";
import { ADA, adminOf, APPROVERS, aRole, MemoryWorld, OWNERS, ROLE } from "./memory-world.ts";

const NO_CONTEXT = new InvocationContext();
export const PLAN = "a".repeat(64);
export const BREAK_GLASS = [950, 951].map(
  (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as PrincipalId,
);

export const aUser = (id: PrincipalId, changes: Partial<Principal> = {}): Principal => ({
  id,
  kind: "user",
  name: `user ${id.slice(-3)}`,
  enabled: true,
  guest: false,
  synchronised: false,
  ...changes,
});

/** A tenant with two break-glass accounts, a policy with governance, and a driver that does what the durable loop does. */
export class ChangeWorld extends MemoryWorld {
  readonly changeWorker: ChangeWorker & DriftChecker;
  readonly inEntra = new MemoryAccessReviews();
  permissions: Permissions = { kind: "notKnown" };
  #asked = 0;

  constructor() {
    super(aRole());
    this.policy = {
      ...this.policy,
      breakGlassAccounts: BREAK_GLASS,
      governance: {
        owners: [{ kind: "group", group: OWNERS }],
        approvers: [{ kind: "group", group: APPROVERS }],
        decideWithinMs: 3 * DAY_MS,
        longestEligibilityMs: 365 * DAY_MS,
        ownIdentities: [],
        nativeDoorGroup: undefined,
        reviews: undefined,
        stopGrantsOnContextGap: false,
        exceptions: [],
      },
    };
    this.directory.roles.set(ROLE, { id: ROLE, name: "Global Administrator", builtIn: true });
    this.directory.eligible.splice(0);
    for (const id of BREAK_GLASS) this.directory.stand(aUser(id), ROLE);
    this.changeWorker = {
      ...this.worker,
      policies: this.worker.policies,
      changes: this.tables.changes,
      posture: this.directory,
      eligibility: this.directory,
      accessReviews: this.inEntra,
      workerPermissions: async () => this.permissions,
      pace: this.tables.pace,
      findings: this.tables.findings,
    };
  }

  /** Somebody holds Global Administrator permanently. */
  stands(person: Person = ADA): void {
    this.directory.stand(aUser(adminOf(person), { name: person.name }), ROLE);
  }

  async askFor(by: Person, body: ChangeBody, items: readonly ChangeItem[]): Promise<ChangeId> {
    const id = (this.#asked += 1).toString(16).padStart(32, "c") as ChangeId;
    const change: Change = {
      id,
      askedBy: by.key,
      account: by.dailyAccount,
      askedAt: this.now,
      because: "a test",
      body,
    };
    await this.tables.store.ask({
      activationId: id,
      key: "change",
      createdAt: this.now,
      dueAt: this.now,
      body: { kind: "change" },
    });
    await this.tables.changes.ask(change, items);
    return id;
  }

  /** What throws again and again is tried after twice as long each time, five minutes at most, as the loop does. */
  backsOff = false;
  #fails = 0;
  /** Before every activity: the host has started again, if it died. */
  beforeAct = (): void => undefined;

  /** Does what the durable loop does until the process waits or ends; what throws is tried again a second later. */
  async runChange(id: ChangeId, mostSteps = 80): Promise<ChangeState> {
    let facts = await this.#attempt("readChange", id);
    for (let steps = 0; steps < mostSteps; steps += 1) {
      const step = facts && nextChangeStep(facts, this.now);
      if (facts && step?.kind !== "act") return facts.state;
      facts = await this.#attempt(step?.kind === "act" ? step.act : "readChange", id);
    }
    throw new Error("the process spins");
  }

  async #attempt(act: keyof typeof CHANGE_EFFECTS, id: ChangeId): Promise<ChangeFacts | undefined> {
    this.beforeAct();
    try {
      const facts = (await changeActivity(
        this.changeWorker,
        act,
        CHANGE_EFFECTS[act],
      )({ id }, NO_CONTEXT)) as ChangeFacts;
      if (act !== "readChange") this.#fails = 0;
      return facts;
    } catch {
      this.now = plus(this.now, this.backsOff ? Math.min(300_000, 1_000 * 2 ** this.#fails) : 1_000);
      this.#fails += 1;
      return undefined;
    }
  }

  /** Goes on from due moment to due moment until it is over or waits for a person. */
  async runOn(id: ChangeId): Promise<ChangeState> {
    for (let rounds = 0; rounds < 200; rounds += 1) {
      const state = await this.runChange(id);
      if (state.status !== "Working") return state;
      this.now = state.notBefore > this.now ? state.notBefore : plus(this.now, 1_000);
    }
    throw new Error("the change does not end");
  }

  frozen(id: ChangeId): FrozenChange {
    return JSON.parse(this.tables.changes.frozenRows.get(id)?.body ?? "null") as FrozenChange;
  }

  /** A person signs in for a change; `changes` spoil it. */
  async signsFor(
    id: ChangeId,
    person: Person,
    decision: ChangeDecision,
    changes: Partial<VerifiedSignIn> & {
      readonly slot?: number;
      readonly digest?: string;
      readonly content?: string;
    } = {},
  ): Promise<void> {
    const slot = changes.slot ?? this.frozen(id).approvers.find((one) => one.person === person.key)?.slot ?? 0;
    const requestDigest = changes.digest ?? sha256Hex(this.tables.changes.frozenRows.get(id)?.body ?? "");
    const content = changes.content ?? canonicalJson(decision);
    const random = `random-${(this.#asked += 1)}`;
    const nonce = signInNonce({ purpose: "change", requestDigest, content, random });
    const signIn: VerifiedSignIn = {
      account: person.dailyAccount,
      nonce,
      authenticatedAt: this.now,
      authenticationContexts: ["c1"],
      ...changes,
    };
    const proof: SignInProof = { purpose: "change", idToken: JSON.stringify(signIn), random, slot, content };
    await this.tables.store.ask({
      activationId: id,
      key: `proof-${nonce}`,
      createdAt: this.now,
      dueAt: this.now,
      body: { kind: "proof", sealed: JSON.stringify(proof) },
    });
  }

  records = (id: ChangeId) => this.tables.chains.get(`change-${id}`) ?? [];
  recordTypes = (id: ChangeId): readonly string[] => this.records(id).map(({ type }) => type);
}

export const anItem = (person: Person, changes: Partial<ChangeItem> = {}): ChangeItem => ({
  action: "convert",
  principalId: adminOf(person),
  roleDefinitionId: ROLE,
  directoryScopeId: "/" as DirectoryScopeId,
  role: "Global Administrator",
  holder: person.name,
  person: person.key,
  eligibleForMs: 365 * DAY_MS,
  madeEligible: false,
  ...changes,
});

export const WAVE_1: ChangeBody = { kind: "wave", planId: PLAN, wave: 1, items: 1 };
export const BACK_1: ChangeBody = { kind: "rollback", planId: PLAN, wave: 1, items: 1 };
