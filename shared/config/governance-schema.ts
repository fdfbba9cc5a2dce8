import type { z } from "zod";
import { parsePersonKey } from "../domain/ids.ts";
import { DAY_MS, HOUR_MS, parseInstant } from "../domain/time.ts";
import { GROUP_NAME, SOURCE } from "./approval-schema.ts";
import { objectId } from "./people-schema.ts";
import { duration, list, map, matching, oneOf, shortText, textForm, yesNo } from "./policy-forms.ts";

const person = textForm("the key of a person in people.yaml", parsePersonKey);

/** The day after `until`, in UTC: the exception holds through the day that is named. */
const lastDay = textForm("a day, such as 2027-03-31", (text) => {
  const begins = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : undefined;
  // A day that no month has would roll over into the next one.
  return begins?.startsWith(text) ? new Date(Date.parse(begins) + DAY_MS).toISOString() : undefined;
});

/** A person's manager is one person, whom the person may have chosen. */
const decider = SOURCE.superRefine((source, context) => {
  if (source.kind === "manager") context.addIssue("must be `group: <name>` or `person: <key>`");
});

const firstDay = textForm("a day, such as 2026-10-01", (text) => {
  const begins = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : undefined;
  return begins?.startsWith(text) ? begins : undefined;
});

const REVIEWS = map({
  from: firstDay,
  every: duration(7 * DAY_MS, 366 * DAY_MS).default(90 * DAY_MS),
  within: duration(DAY_MS, 60 * DAY_MS).default(14 * DAY_MS),
  remindAfter: duration(HOUR_MS, 60 * DAY_MS).default(7 * DAY_MS),
  reviewers: list(SOURCE),
  escalateAfter: duration(HOUR_MS, 60 * DAY_MS).optional(),
  escalateTo: list(decider).optional(),
  noAnswer: oneOf("remove", "keep").default("remove"),
  where: oneOf("here", "entra").default("here"),
}).superRefine(({ within, every, remindAfter, reviewers, escalateAfter, escalateTo, where }, context) => {
  const reject = (key: string, message: string): void => context.addIssue({ code: "custom", path: [key], message });
  if (where === "entra" && reviewers.some(({ kind }) => kind === "manager"))
    reject("where", "must be `here` where managers review: Entra asks for the manager of the admin account");
  if (where === "entra" && escalateTo !== undefined)
    reject("where", "must be `here` where it escalates: Entra's own review does not");
  if (where === "entra" && within % DAY_MS !== 0) reject("within", "must be whole days where Entra holds the review");
  if (escalateTo === undefined && reviewers.every(({ kind }) => kind === "manager"))
    reject("reviewers", "must name others than `manager`, for those who have none, or there must be escalateTo");
  if (within >= every) reject("within", "must be shorter than every");
  if (remindAfter >= within) reject("remindAfter", "must be shorter than within");
  if ((escalateAfter === undefined) !== (escalateTo === undefined))
    reject("escalateTo", "and escalateAfter belong together");
  if (escalateAfter !== undefined && (escalateAfter <= remindAfter || escalateAfter >= within))
    reject("escalateAfter", "must be longer than remindAfter and shorter than within");
});

/** `governance` in `roles.yaml`. */
export const GOVERNANCE = map({
  owners: list(decider),
  approvers: list(decider),
  decideWithin: duration(HOUR_MS, 14 * DAY_MS).default(3 * DAY_MS),
  longestEligibility: duration(DAY_MS, 365 * DAY_MS).default(365 * DAY_MS),
  ownIdentities: list(objectId, 0).default([]),
  nativeDoor: matching("the name of a group", GROUP_NAME).optional(),
  reviews: REVIEWS.optional(),
  stopGrantsOnContextGap: yesNo.default(false),
  exceptions: list(
    map({ account: objectId, role: shortText(100), owner: person, until: lastDay, because: shortText(200) }),
    0,
  ).default([]),
});

export type GovernanceEntry = z.infer<typeof GOVERNANCE>;
