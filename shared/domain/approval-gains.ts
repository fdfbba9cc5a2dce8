import { addedSources, type PolicyGain } from "./policy-gain.ts";
import type { ApprovalPolicy, ApproverSource, ManualApproval, RolePolicy } from "./policy.ts";

const SELF_MADE = " for a ticket that they made themselves";

/** Who may approve what they could not, and who needs fewer others than before. @param gain of those who get the role */
export function approvalGains(
  was: ApprovalPolicy | undefined,
  { approval: is, name }: Pick<RolePolicy, "approval" | "name">,
  gain: (what: string) => PolicyGain,
): readonly PolicyGain[] {
  const normal = normalGains(was, is, name, gain);
  const [oldOwn, own] = [was && ofSelfMade(was), ofSelfMade(is)];
  if (!own || (was?.mode === "manual" && is.mode === "manual")) return normal; // the same approval as for other tickets
  if (!oldOwn) {
    const mayNow = was ? [gain(`get it${SELF_MADE}, if somebody approves`)] : [];
    return [...normal, ...mayNow, ...(is.mode === "manual" ? [] : mayApprove(undefined, own, name))];
  }
  return [...normal, ...weaker(oldOwn, own, gain, SELF_MADE), ...mayApprove(oldOwn, own, name)];
}

function normalGains(
  was: ApprovalPolicy | undefined,
  is: ApprovalPolicy,
  name: string,
  gain: (what: string) => PolicyGain,
): readonly PolicyGain[] {
  if (is.mode === "automatic") return was?.mode === "automatic" ? [] : [gain("get it without a second person")];
  if (was?.mode !== "manual") return mayApprove(undefined, is, name);
  return [...weaker(was, is, gain, ""), ...mayApprove(was, is, name)];
}

const ofSelfMade = (approval: ApprovalPolicy): ManualApproval | undefined =>
  approval.mode === "manual" ? approval : approval.unlessSelfMade;

function weaker(
  was: ManualApproval,
  is: ManualApproval,
  gain: (what: string) => PolicyGain,
  when: string,
): readonly PolicyGain[] {
  return was.requirements.flatMap(({ name, count }) => {
    const now = is.requirements.find((one) => one.name === name)?.count ?? 0;
    if (now >= count) return [];
    return [
      gain(
        now === 0
          ? `get it without the approval "${name}"${when}`
          : `get it with ${now} instead of ${count} of "${name}"${when}`,
      ),
    ];
  });
}

/** Those who are asked now and were not, for the same requirement. */
function mayApprove(was: ManualApproval | undefined, is: ManualApproval, role: string): readonly PolicyGain[] {
  const fresh = (from: readonly ApproverSource[], old: readonly ApproverSource[] | undefined, as: string) =>
    addedSources(old, from).map((who): PolicyGain => ({ who, what: `may approve ${role} (${as})` }));
  return [
    ...is.requirements.flatMap(({ name, from }) =>
      fresh(from, was?.requirements.find((one) => one.name === name)?.from, name),
    ),
    ...fresh(is.backups, was?.backups, "when nobody else answered"),
  ];
}
