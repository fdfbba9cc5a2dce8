import { addedSources, EVERYBODY, type Gainer, type PolicyGain } from "./policy-gain.ts";
import type { ApproverSource, Governance } from "./policy.ts";
import { formatDuration } from "./time.ts";

/** Who may change more of who is eligible or stands, and who is looked at less. */
export function governanceGains(was: Governance | undefined, is: Governance | undefined): readonly PolicyGain[] {
  const gain = (applies: boolean, what: string, who: Gainer = EVERYBODY): readonly PolicyGain[] =>
    applies ? [{ who, what }] : [];
  if (!is) return gain(was !== undefined, "nobody looks for drift, reviews, or changes anything through this system");
  const fresh = (
    sources: readonly ApproverSource[],
    old: readonly ApproverSource[] | undefined,
    what: string,
  ): readonly PolicyGain[] => addedSources(old, sources).map((who) => ({ who, what }));
  return [
    ...fresh(is.owners, was?.owners, "may ask for changes of eligibility"),
    ...fresh(is.approvers, was?.approvers, "may be the second person for every change, also of the policy"),
    ...fresh(is.reviews?.reviewers ?? [], was?.reviews?.reviewers, "answers in the access reviews"),
    ...fresh(is.reviews?.escalation?.to ?? [], was?.reviews?.escalation?.to, "answers in reviews that nobody answers"),
    ...is.ownIdentities
      .filter((account) => !was?.ownIdentities.includes(account))
      .map((account) => ({ who: { kind: "user", account } as const, what: "is never touched, as one of our own" })),
    ...exceptionGains(was, is),
    ...(was ? looserGains(was, is, gain) : []),
  ];
}

function exceptionGains(was: Governance | undefined, is: Governance): readonly PolicyGain[] {
  return is.exceptions.flatMap(({ principalId, roleDefinitionId, until, because }) => {
    const old = was?.exceptions.find(
      (one) => one.principalId === principalId && one.roleDefinitionId === roleDefinitionId,
    );
    if (old && old.until >= until) return [];
    const what = `may hold the role ${roleDefinitionId} permanently until ${until}: ${because}`;
    return [{ who: { kind: "user", account: principalId }, what }];
  });
}

function looserGains(
  was: Governance,
  is: Governance,
  gain: (applies: boolean, what: string, who?: Gainer) => readonly PolicyGain[],
): readonly PolicyGain[] {
  const { nativeDoorGroup: door, reviews } = is;
  return [
    ...gain(
      is.longestEligibilityMs > was.longestEligibilityMs,
      `may be eligible for ${formatDuration(is.longestEligibilityMs)} at a time`,
    ),
    ...(door === undefined
      ? gain(was.nativeDoorGroup !== undefined, "any approver in PIM itself will do to go past this system")
      : gain(door !== was.nativeDoorGroup, "alone approves activations in PIM itself", { kind: "group", group: door })),
    ...gain(
      was.stopGrantsOnContextGap && !is.stopGrantsOnContextGap,
      "get roles also while Conditional Access behind the step-up falls short",
    ),
    ...gain(was.reviews !== undefined && reviews === undefined, "keep eligibility that nobody reviews"),
    ...gain(
      was.reviews?.noAnswer === "remove" && reviews?.noAnswer === "keep",
      "keep eligibility that no reviewer answers for",
    ),
    ...gain(
      was.reviews !== undefined &&
        reviews !== undefined &&
        (reviews.everyMs > was.reviews.everyMs || reviews.from > was.reviews.from),
      "keep eligibility longer before it is reviewed",
    ),
  ];
}
