import type { ChangeAct } from "../../shared/domain/next-change-step.ts";
import type { ChangeEffect } from "./change-activity.ts";
import { changeStateOf } from "./change-state.ts";
import { openChange } from "./open-change.ts";
import { recordChange } from "./record-change.ts";
import { closeChange, remindChange } from "./remind-change.ts";
import { workChange } from "./work-change.ts";

/** What every act of the story of a change does. */
export const CHANGE_EFFECTS: Readonly<Record<ChangeAct | "readChange", ChangeEffect>> = {
  readChange: async (_worker, record) => changeStateOf(record),
  openChange,
  recordChange,
  remindChange,
  workChange,
  closeChange,
};
