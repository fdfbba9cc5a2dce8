import { join } from "node:path";
import { z } from "zod";
import { SEED_ACCESS_POLICY } from "./access-policies.ts";
import { DirectoryStore, type Collection } from "./directory-store.ts";
import {
  endOf,
  isInForce,
  type AccessReview,
  type DirectoryApp,
  type DirectoryGroup,
  type DirectoryUser,
  type PermissionGrant,
  type RoleRow,
  type ScheduleRequest,
  type Entity,
} from "./facts.ts";
import { INITIAL_RULES, type PolicyRule } from "./policy-rules.ts";
import { seedTenant } from "./tenant.ts";

const milliseconds = z.number().int().nonnegative();

const DirectorySettings = z.strictObject({
  /** Items on a page of any list. */
  pageSize: z.number().int().positive().default(100),
  /** Every other page, the first one too, is empty. */
  emptyPages: z.boolean().default(false),
  /** Reads of schedules, instances and role assignments show the world as it was this long ago. */
  readLagMs: milliseconds.default(0),
  /** A list that would show a change shows the world without it this many times. Not kept over a restart. */
  readLagReads: z.number().int().nonnegative().default(0),
  /** Errors of PIM come as code `UnknownError` with the true error as JSON text in the message. */
  wrapErrors: z.boolean().default(false),
  /** How far the header `Date` is ahead of the clock. */
  dateSkewMs: z.number().int().default(0),
  /** Rows of the audit log appear this long after what they tell. */
  auditLagMs: milliseconds.default(120_000),
  /** Service plans of the tenant's subscription. Without P2 or Governance no access review is made; nothing else changes here. */
  servicePlans: z.array(z.string()).default(["AAD_PREMIUM", "AAD_PREMIUM_P2"]),
  /** Writes of one app in 150 seconds, and of all apps in five minutes; what is more is 429. */
  writesOfApp: z.number().int().positive().default(3_000),
  writesOfTenant: z.number().int().positive().default(18_000),
  /** Messages that one mailbox sends in a minute; Exchange takes 30. */
  mailsOfMailbox: z.number().int().positive().default(1_000_000),
  /** Actions on an active row after which the principal's eligibility for the same role and scope is gone. */
  dropEligibilityOn: z.array(z.enum(["adminAssign", "adminUpdate", "adminRemove"])).default(["adminUpdate"]),
});
type DirectorySettings = z.infer<typeof DirectorySettings>;

/** What the next schedule requests come to, whatever they ask for. */
interface PlannedOutcome {
  readonly status: string;
  /** The request is done this much later; without it: never. */
  readonly provisionAfterMs?: number | undefined;
  times: number;
}

/** Everything the directory knows. Lives in `<data>/directory.sqlite`; a killed process loses nothing of it. */
export class DirectoryState {
  readonly users: Collection<DirectoryUser>;
  readonly groups: Collection<DirectoryGroup>;
  readonly apps: Collection<DirectoryApp>;
  readonly permissionGrants: Collection<PermissionGrant>;
  readonly rows: Collection<RoleRow>;
  readonly requests: Collection<ScheduleRequest>;
  /** Rows of the audit log as Graph shows them. */
  readonly audits: Collection<Entity & { readonly activityDateTime: string }>;
  /** Rows of the sign-in log, the oldest first. */
  readonly signIns: Collection<Entity & { readonly createdDateTime: string }>;
  /** Conditional Access policies as Graph shows them. */
  readonly accessPolicies: Collection<Entity & { readonly id: string }>;
  readonly accessReviews: Collection<AccessReview>;
  readonly plannedOutcomes: PlannedOutcome[] = [];
  readonly #rules: Collection<PolicyRule>;
  readonly #settings: Collection<DirectorySettings>;
  readonly #store: DirectoryStore;
  readonly #readsUntilSeen = new Map<string, number>();

  constructor(dataDirectory: string) {
    const store = new DirectoryStore(join(dataDirectory, "directory.sqlite"));
    this.#store = store;
    this.users = store.collection("user");
    this.groups = store.collection("group");
    this.apps = store.collection("app");
    this.permissionGrants = store.collection("permissionGrant");
    this.rows = store.collection("row");
    this.requests = store.collection("request");
    this.audits = store.collection("audit");
    this.signIns = store.collection("signIn");
    this.accessPolicies = store.collection("accessPolicy");
    this.accessReviews = store.collection("accessReview");
    this.#rules = store.collection("rule");
    this.#settings = store.collection("settings");
    if (this.users.size === 0) this.write(() => this.#seed());
  }

  get settings(): DirectorySettings {
    return this.#settings.get("settings") ?? DirectorySettings.parse({});
  }

  changeSettings(change: Readonly<Record<string, unknown>>): DirectorySettings {
    const settings = DirectorySettings.parse({ ...this.settings, ...change });
    this.write(() => this.#settings.put("settings", settings));
    return settings;
  }

  /** Runs a change as one transaction. */
  write<T>(change: () => T): T {
    return this.#store.write(change);
  }

  close(): void {
    this.#store.close();
  }

  ruleOf(roleDefinitionId: string, ruleId: string): PolicyRule {
    const initial = INITIAL_RULES.find(({ id }) => id === ruleId);
    if (!initial) throw new Error(`there is no rule ${ruleId}`);
    return this.#rules.get(`${roleDefinitionId}/${ruleId}`) ?? initial;
  }

  putRule(roleDefinitionId: string, rule: PolicyRule): void {
    this.#rules.put(`${roleDefinitionId}/${rule.id}`, rule);
  }

  /** Writes a row that was made or ended just now: lists may be slow to show it. */
  putRow(row: RoleRow): void {
    this.rows.put(row.id, row);
    if (this.settings.readLagReads > 0) this.#readsUntilSeen.set(row.id, this.settings.readLagReads);
  }

  /** Rows that a reader with the lag of now could be shown; `shows` decides for each. */
  *readableRows(kind: RoleRow["kind"], now: number): Generator<RoleRow> {
    for (const row of this.rows.all()) {
      const endedLately = this.#readsUntilSeen.has(row.id) || endOf(row) + this.settings.readLagMs > now;
      if (row.kind === kind && endedLately) yield row;
    }
  }

  /** Whether a read shows that the row is in force. Counts as one read where reads make the lag. */
  shows(row: RoleRow, now: number): boolean {
    const seenAt = now - this.settings.readLagMs;
    const reads = this.#readsUntilSeen.get(row.id);
    if (reads === undefined) return isInForce(row, seenAt);
    if (reads > 1) this.#readsUntilSeen.set(row.id, reads - 1);
    else this.#readsUntilSeen.delete(row.id);
    return row.removedAt !== null;
  }

  #seed(): void {
    const { users, groups, apps, permissionGrants, rows } = seedTenant(Date.now());
    for (const user of users) this.users.put(user.id, user);
    for (const group of groups) this.groups.put(group.id, group);
    for (const app of apps) this.apps.put(app.id, app);
    for (const grant of permissionGrants) this.permissionGrants.put(grant.id, grant);
    for (const row of rows) this.rows.put(row.id, row);
    this.accessPolicies.put(SEED_ACCESS_POLICY.id, SEED_ACCESS_POLICY);
  }
}
