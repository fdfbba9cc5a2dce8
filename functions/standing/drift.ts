import { baselineDifferences } from "../../shared/domain/baseline.ts";
import type { Assignment, Eligibility } from "../../shared/domain/directory.ts";
import {
  compareFindings,
  endlessFinding,
  nativeFinding,
  settingFinding,
  signInFinding,
  standingFinding,
  type Finding,
  type FindingKind,
  type OpenFinding,
} from "../../shared/domain/finding.ts";
import { judgeNative } from "../../shared/domain/native-activation.ts";
import type { Governance, Policy } from "../../shared/domain/policy.ts";
import { isDirect, type DirectoryPosture } from "../../shared/domain/posture.ts";
import { planConversion } from "../../shared/domain/standing-plan.ts";
import { DAY_MS, plus } from "../../shared/domain/time.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { Findings } from "../../shared/ports/findings.ts";
import { event } from "../activation/change.ts";
import { mailFindings } from "../activation/mail-findings.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import type { Tender } from "../eligibility/tend-eligibility.ts";
import { NOT_CHECKED, readContextGaps } from "../policy/context-gaps.ts";
import { readDoorGaps } from "../policy/door-gaps.ts";

/** What the daily look needs: reading, telling, and taking eligibility away. No key, and nothing that gives. */
export type DriftChecker = Tender &
  Pick<ChangeWorker, "posture" | "eligibility" | "notifier"> & { readonly findings: Findings };

const SWEEPER = { kind: "system", part: "sweeper" } as const;
/** The log is read back so far at each look, because rows come in late. */
const SIGN_INS_BACK_MS = 7 * DAY_MS;
/** So long a finding stands about something that is over and cannot be undone. */
const NATIVE_BACK_MS = 7 * DAY_MS;

/**
 * At each look of a day: compares the tenant with the policy. What appeared is mailed once, what is gone is said to be gone, both
 * are written to the trail. May run twice. A part that cannot be read leaves its findings as they were.
 */
export async function checkDrift(
  checker: DriftChecker,
  governance: Governance,
  posture: DirectoryPosture,
): Promise<void> {
  const { policy } = checker.policies;
  const read = new Map<FindingKind, readonly Finding[]>();
  const part = async (kind: FindingKind, find: () => Promise<readonly Finding[]>): Promise<void> => {
    try {
      read.set(kind, await find());
    } catch (error) {
      checker.log("error", "drift not read", { kind, problem: error instanceof Error ? error.message : "unknown" });
    }
  };
  const governed = { ...policy, governance };
  await part("standing", () => standingFindings(checker, governed, posture));
  await part("setting", async () => [
    ...(await settingFindings(checker, governed)),
    ...(await readDoorGaps(checker)).map((gap) => ({ ...gap, kind: "setting" as const })),
  ]);
  await part("conditionalAccess", () => contextFindings(checker));
  await part("endlessEligibility", async () => endlessFindings(checker, posture));
  await part("breakGlassSignIn", async () => {
    const since = plus(checker.clock.now(), -SIGN_INS_BACK_MS);
    return (await checker.posture.signIns(policy.breakGlassAccounts, since)).map(signInFinding);
  });
  await part("nativeActivation", () => nativeFindings(checker, posture));
  await record(checker, read);
}

/** Gaps that were found before stand on while nobody may look. */
async function contextFindings(checker: DriftChecker): Promise<readonly Finding[]> {
  const kind = "conditionalAccess" as const;
  const gaps = (await readContextGaps(checker)).map((gap): Finding => ({ ...gap, kind }));
  if (!gaps.some(({ id }) => id === NOT_CHECKED.id)) return gaps;
  const before = (await checker.findings.open()).filter((one) => one.kind === kind && one.id !== NOT_CHECKED.id);
  return [...gaps, ...before.map(({ id, text }) => ({ id, kind, text }))];
}

/** The differences of every brokered role's settings. */
async function settingFindings(
  { posture }: Pick<ChangeWorker, "posture">,
  policy: Policy & { readonly governance: Governance },
): Promise<readonly Finding[]> {
  const settings = await posture.roleSettings();
  return policy.roles.flatMap((role) =>
    baselineDifferences(role, settings.get(role.roleDefinitionId)?.rules ?? [], policy.governance).map(settingFinding),
  );
}

async function standingFindings(
  checker: DriftChecker,
  policy: Policy & { readonly governance: Governance },
  posture: DirectoryPosture,
): Promise<readonly Finding[]> {
  const rules = await checker.posture.eligibilityRules();
  const { items } = planConversion(posture, { policy, people: checker.policies.people, rules });
  return items.filter(({ action }) => action !== "left").map(standingFinding);
}

function endlessFindings({ policies }: DriftChecker, posture: DirectoryPosture): readonly Finding[] {
  const isBrokered = ({ roleDefinitionId }: Eligibility): boolean =>
    policies.policy.roles.some((role) => role.roleDefinitionId === roleDefinitionId);
  return posture.eligible
    .filter((row) => row.endsAt === undefined && isDirect(row) && isBrokered(row))
    .map((row) => {
      const { holder, role } = namesOf(row, policies, posture);
      return endlessFinding(row, holder, role);
    });
}

/** What was activated in PIM itself and would have been refused here. */
async function nativeFindings(
  { clock, policies, posture: directory }: DriftChecker,
  posture: DirectoryPosture,
): Promise<readonly Finding[]> {
  const activations = await directory.nativeActivations(plus(clock.now(), -NATIVE_BACK_MS));
  return activations.flatMap((one) => {
    const misses = judgeNative(one, policies);
    return misses.length > 0 ? [nativeFinding(one, misses, namesOf(one, policies, posture))] : [];
  });
}

const namesOf = (
  { principalId, roleDefinitionId }: Assignment,
  { people }: DriftChecker["policies"],
  { principals, roles }: DirectoryPosture,
): { readonly holder: string; readonly role: string } => ({
  holder: people.byAccount(principalId)?.name ?? principals.get(principalId)?.name ?? principalId,
  role: roles.get(roleDefinitionId)?.name ?? roleDefinitionId,
});

/**
 * First what is open, then the trail, the mail, and that it was told: a crash in between goes on there. Every time that
 * something appears has its own beginning, which names its record.
 */
async function record(checker: DriftChecker, read: ReadonlyMap<FindingKind, readonly Finding[]>): Promise<void> {
  const { findings, audit, clock } = checker;
  const open = await findings.open();
  const { appeared, changed, gone } = compareFindings(open, read);
  const now = clock.now();
  const fresh = appeared.map((finding): OpenFinding => ({ ...finding, since: now, untold: true }));
  const updated = new Map(changed.map((one) => [one.id, one]));
  await findings.put([...changed, ...fresh]);
  const untold = [...open.map((one) => updated.get(one.id) ?? one).filter((one) => one.untold), ...fresh];
  for (const { id, kind, since } of untold)
    await audit.append(
      "findings",
      `${kind}-${digest(`${id} ${since}`)}`,
      event("FindingReported", since, { finding: kind, id }, SWEEPER),
    );
  const news = untold.filter(({ id }) => !gone.some((one) => one.id === id));
  if (news.length > 0) await tell(checker, news);
  await findings.put(news.map(({ id, kind, text, since }) => ({ id, kind, text, since })));
  for (const { id, kind, since } of gone)
    await audit.append(
      "findings",
      `gone-${kind}-${digest(`${id} ${since}`)}`,
      event("FindingGone", now, { finding: kind, id, since }, SWEEPER),
    );
  await findings.remove(gone.map(({ id }) => id));
}

const tell = (checker: DriftChecker, news: readonly Finding[]): Promise<void> =>
  mailFindings(checker, `${news.length} new ${news.length === 1 ? "finding" : "findings"} about privileged access`, [
    ...news.slice(0, MOST_LINES).map(({ text }) => text),
    ...(news.length > MOST_LINES ? [`And ${news.length - MOST_LINES} more: zs findings lists them all.`] : []),
  ]);

const MOST_LINES = 50;
const digest = (text: string): string => sha256Hex(text).slice(0, 32);
