import { DAY_MS, HOUR_MS, MINUTE_MS, msOf, type Instant } from "./time.ts";

/** One process of the app: a part of it, or all of it. */
export type ExaminedPart = "all" | "front" | "worker" | "sweeper";

/** What one look found. `fault` has to be put right; `warning` will be one. */
export interface CheckResult {
  /** Stable name of the check, such as `clock`. */
  readonly check: string;
  readonly result: "fine" | "warning" | "fault";
  /** What, in words; never a secret. */
  readonly text: string;
  /** What to do; `""` where nothing is to be done. */
  readonly next: string;
}

/** Something that could be read, or why not. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

export interface Reached {
  readonly name: string;
  /** `undefined`: it answers. */
  readonly problem: string | undefined;
}

export const fine = (check: string, text: string): CheckResult => ({ check, result: "fine", text, next: "" });
export const fault = (check: string, text: string, next: string): CheckResult => ({
  check,
  result: "fault",
  text,
  next,
});
export const warning = (check: string, text: string, next: string): CheckResult => ({
  check,
  result: "warning",
  text,
  next,
});

/** All faults, or one line that says that there is none. */
const unless = (faults: readonly CheckResult[], otherwise: CheckResult): readonly CheckResult[] =>
  faults.length > 0 ? faults : [otherwise];

const CLOCK_FAULT_MS = 5 * MINUTE_MS;
const CLOCK_WARNING_MS = MINUTE_MS;

/** @param skewMs how far our clock is ahead of the directory's */
export function judgeClock(skew: Read<number>): readonly CheckResult[] {
  if ("problem" in skew)
    return [fault("clock", `The clock was not compared with the directory's: ${skew.problem}.`, REACH_GRAPH)];
  const distanceMs = Math.abs(skew.value);
  const text = `The clock is ${lengthText(distanceMs)} ${skew.value < 0 ? "behind" : "ahead of"} the directory's.`;
  const next = "Set the clock of the machine by a time server: sign-ins, links and windows of tickets go by it.";
  if (distanceMs >= CLOCK_FAULT_MS) return [fault("clock", text, next)];
  if (distanceMs >= CLOCK_WARNING_MS) return [warning("clock", text, next)];
  return [fine("clock", "The clock agrees with the directory's.")];
}

const REACH_GRAPH = "Check GRAPH_URL and that the app can reach it.";

export function judgeTables(tables: readonly Reached[]): readonly CheckResult[] {
  const faults = tables.flatMap(({ name, problem }) =>
    problem === undefined
      ? []
      : [
          fault(
            "storage",
            `The table ${name} cannot be read: ${problem}.`,
            "Deploy infra anew: it gives the identity the right that infra/permissions.yaml names. A table that is gone is made at the next start, empty: restore it first.",
          ),
        ],
  );
  return unless(faults, fine("storage", `All ${tables.length} tables can be read.`));
}

export interface QueueFacts extends Reached {
  /** Counted up to a page; 0 where they cannot be read. */
  readonly deadLetters: number;
}

/** @param queues `undefined`: there is no bus */
export function judgeQueues(queues: readonly QueueFacts[] | undefined): readonly CheckResult[] {
  if (!queues) return [fine("queues", "There is no bus: no system asks by message, nobody is told of events.")];
  const faults = queues.flatMap(({ name, problem, deadLetters }) => [
    ...(problem === undefined
      ? []
      : [
          fault(
            "queues",
            `The queue or topic ${name} cannot be used: ${problem}.`,
            "Deploy infra anew: it makes what is not there and gives the identity the rights that infra/permissions.yaml names.",
          ),
        ]),
    ...(deadLetters === 0
      ? []
      : [
          fault(
            "queues",
            `${deadLetters} dead ${deadLetters === 1 ? "letter waits" : "letters wait"} in ${name}: messages that crashed their handler ten times.`,
            "Look for the error in the log, then: zs queue dead-letters list, and resubmit or discard each.",
          ),
        ]),
  ]);
  return unless(faults, fine("queues", `All ${queues.length} queues and topics can be used; no dead letter waits.`));
}

export interface TicketFacts extends Reached {
  /** As whom the system knows us, where it says so. */
  readonly account: string | undefined;
}

/** @param unset systems that the policy reads tickets from and that have no settings */
export function judgeTickets(systems: readonly TicketFacts[], unset: readonly string[]): readonly CheckResult[] {
  return [
    ...unset.map((name) =>
      fault(
        "tickets",
        `The policy takes tickets of ${name}, and there are no settings for it: nobody can ask with one.`,
        `Set the settings ${name.toUpperCase()}_… (docs/configuration.md), or take ${name} out of the policy.`,
      ),
    ),
    ...systems.map(({ name, problem, account }) =>
      problem === undefined
        ? fine("tickets", `${name} knows us${account === undefined ? "" : ` as ${account}`}.`)
        : fault(
            "tickets",
            `${name} cannot be used: ${problem}.`,
            `Sign in there as the integration's account; set ${name === "jira" ? "JIRA_API_TOKEN" : "SERVICENOW_CLIENT_SECRET"} anew, and give it back the right to read tickets.`,
          ),
    ),
  ];
}

export interface PolicyFacts {
  readonly policyTenant: string;
  readonly settingTenant: string;
  /** Of the token that the identity provider gave our identity; `undefined`: none. */
  readonly identityTenant: string | undefined;
  readonly hash: string;
  readonly accepted: Read<boolean>;
}

export function judgePolicy(facts: PolicyFacts): readonly CheckResult[] {
  const { policyTenant, settingTenant, identityTenant, hash, accepted } = facts;
  const name = hash.slice(0, 12);
  const other = (what: string, tenant: string): CheckResult =>
    fault(
      "policy",
      `The policy is for tenant ${policyTenant}, ${what} is tenant ${tenant}.`,
      "Deploy the policy of this tenant: its first line, `tenant`, names the tenant that it was written for.",
    );
  const tenants = [
    ...(policyTenant === settingTenant ? [] : [other("the setting TENANT_ID", settingTenant)]),
    ...(identityTenant === undefined || identityTenant === policyTenant
      ? []
      : [other("the identity of the app", identityTenant)]),
  ];
  if ("problem" in accepted)
    return [
      ...tenants,
      fault("policy", `Whether policy ${name} was accepted cannot be read: ${accepted.problem}.`, "See storage."),
    ];
  return [
    ...tenants,
    accepted.value
      ? fine("policy", `Policy ${name} is in force.`)
      : fault(
          "policy",
          `Policy ${name} was not accepted by two persons: nothing is granted under it.`,
          'See what it changes with zs policy diff, then ask for it: zs policy accept --because "…".',
        ),
  ];
}

export interface SettingFacts {
  /** Names of settings that hold a connection string with a key where an identity could be used. */
  readonly keyed: readonly string[];
  readonly signsCheckpoints: boolean;
  readonly policyOverridden: boolean;
}

export function judgeSettings({ keyed, signsCheckpoints, policyOverridden }: SettingFacts): readonly CheckResult[] {
  return unless(
    [
      ...keyed.map((name) =>
        fault(
          "settings",
          `${name} carries a shared key: whoever reads the setting can write everything behind it.`,
          `Use the app's identity instead (docs/configuration.md), then take the key away from the account.`,
        ),
      ),
      ...(signsCheckpoints
        ? []
        : [
            fault(
              "settings",
              "Nothing signs checkpoints: an audit trail whose end was cut off looks whole.",
              "Name the key that signs them (docs/configuration.md).",
            ),
          ]),
      ...(policyOverridden
        ? [
            warning(
              "settings",
              "POLICY_OVERRIDE is set: it accepts a policy without two persons.",
              "Remove it as soon as the emergency is over.",
            ),
          ]
        : []),
    ],
    fine("settings", "All settings are there and have their form."),
  );
}

/** A timer, and how long it may be silent before somebody has to look. */
export interface TimerFacts {
  readonly name: string;
  readonly silentMs: number;
  /** `undefined`: never. */
  readonly lastRanAt: Instant | undefined;
}

/** @param startedAt of the process that looks: before that long, a timer that never ran need not have run */
export function judgeTimers(
  timers: Read<readonly TimerFacts[]>,
  { now, startedAt }: { readonly now: Instant; readonly startedAt: Instant },
): readonly CheckResult[] {
  if ("problem" in timers)
    return [fault("timers", `When timers last ran cannot be read: ${timers.problem}.`, "See storage.")];
  const next =
    "Look whether the sweeper's app runs, and for the timer's error in its log. Until it runs, ends of access are left to the directory alone.";
  const faults = timers.value.flatMap(({ name, silentMs, lastRanAt }) => {
    const silent = msOf(now) - msOf(lastRanAt ?? startedAt);
    if (silent <= silentMs) return [];
    return [
      fault(
        "timers",
        lastRanAt === undefined
          ? `The timer ${name} never ran; it should have within ${lengthText(silentMs)}.`
          : `The timer ${name} last ran ${lengthText(silent)} ago; it should within ${lengthText(silentMs)}.`,
        next,
      ),
    ];
  });
  return unless(faults, fine("timers", `All ${timers.value.length} timers ran when they should, or are not due yet.`));
}

/** `7 min`, `3 h`, `2 days`: whole units, for people. */
export function lengthText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.round(ms / 1_000)} s`;
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return ms < 2 * DAY_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / DAY_MS)} days`;
}
