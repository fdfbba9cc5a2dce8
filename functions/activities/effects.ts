import type { ACTIVATION_ACTIVITIES } from "../../orchestrations/catalog.ts";
import { deliver } from "../activation/delivery.ts";
import type { Effect } from "./activity.ts";
import { closeActivation } from "./close-activation.ts";
import { grantRole } from "./grant-role.ts";
import { openActivation } from "./open-activation.ts";
import { recordAsks } from "./record-asks.ts";
import { remindApprovers } from "./remind-approvers.ts";
import { removeRole } from "./remove-role.ts";

/** Every act of the story with its effect; each is one activity. */
export const EFFECTS: Readonly<Record<(typeof ACTIVATION_ACTIVITIES)[number], Effect>> = {
  readFacts: async (_worker, record) => record,
  openActivation,
  recordAsks,
  remindApprovers,
  grantRole,
  removeRole,
  closeActivation,
  deliverMessages: deliver,
};
