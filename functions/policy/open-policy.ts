import { policyDifferences, type StatedPolicy } from "../../shared/domain/policy-change.ts";
import { gainingPersons, policyGains } from "../../shared/domain/policy-gains.ts";
import type { ChangeBody } from "../../shared/domain/change.ts";
import type { Governance, Policy } from "../../shared/domain/policy.ts";
import { DAY_MS } from "../../shared/domain/time.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import type { Opening, OpeningResult } from "../changes/contents.ts";
import { gainWords } from "./gain-words.ts";

/** A line is some hundred characters, and all are kept in one row. */
const MOST_LINES = 400;
const MOST_CHARACTERS = 500;

/** A changed policy is to take effect: who gains what, and what changes, in words, for the second person, who gains nothing. */
export async function openPolicy(worker: ChangeWorker, { change, policy }: Opening<"policy">): Promise<OpeningResult> {
  if (change.body.hash !== policy.hash) return { refusal: refusal("PolicyChanged", "the service runs another policy") };
  if (await worker.acceptance.isAccepted()) return { refusal: refusal("NothingToDo", "the policy is accepted") };
  const last = await worker.acceptance.last();
  const { hash, ...running } = worker.policies.policy;
  const stated: StatedPolicy = { policy: running, persons: worker.policies.people.all() };
  const gains = last ? policyGains(last, stated) : [];
  const differences = last ? policyDifferences(last, stated) : [];
  const lines = [...(await gainWords(worker, gains, stated)), ...differences];
  const words = [
    `The policy ${hash.slice(0, 12)} takes effect: ${differences.length} differences, ${gains.length} gains.`,
    ...(last ? [] : ["What it changes is not known: no accepted policy can be read."]),
    ...(isShort(lines) ? [] : ["Not everything is shown here: read zs policy diff before you agree."]),
    ...lines.slice(0, MOST_LINES).map((line) => line.slice(0, MOST_CHARACTERS)),
  ];
  return { contents: { items: [], words, needsApproval: true, gains: gainingPersons(gains, stated.persons) } };
}

const isShort = (lines: readonly string[]): boolean =>
  lines.length <= MOST_LINES && lines.every(({ length }) => length <= MOST_CHARACTERS);

/**
 * What the policy says about changes. One that says nothing changes no eligibility and no settings, but can be accepted and
 * replaced all the same: its identity team decides then.
 */
export function governanceFor(
  { governance, identityTeamGroup }: Policy,
  { kind }: Pick<ChangeBody, "kind">,
): Governance | undefined {
  if (governance || kind !== "policy") return governance;
  const team = [{ kind: "group", group: identityTeamGroup }] as const;
  return {
    owners: [],
    approvers: team,
    decideWithinMs: 3 * DAY_MS,
    longestEligibilityMs: 0,
    ownIdentities: [],
    nativeDoorGroup: undefined,
    stopGrantsOnContextGap: false,
    exceptions: [],
    reviews: undefined,
  };
}

/**
 * Who may be the second person is said by the policy that was accepted last, not by the one that wants to be; where that
 * one said nothing, its identity team is.
 */
export function decidersOf(last: StatedPolicy | undefined, governance: Governance): Governance {
  if (!last) return governance;
  const { policy } = last;
  return policy.governance ?? { ...governance, approvers: [{ kind: "group", group: policy.identityTeamGroup }] };
}
