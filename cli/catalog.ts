import type { Command } from "./command.ts";
import { auditExport } from "./commands/audit-export.ts";
import { auditVerify } from "./commands/audit-verify.ts";
import { approve, deny } from "./commands/decide.ts";
import { doctor } from "./commands/doctor.ts";
import { ELIGIBILITY_COMMANDS } from "./commands/eligibility.ts";
import { end } from "./commands/end.ts";
import { FINDING_COMMANDS } from "./commands/findings.ts";
import { freeze } from "./commands/freeze.ts";
import { list } from "./commands/list.ts";
import { login, logout } from "./commands/login.ts";
import { QUEUE_COMMANDS } from "./commands/queue.ts";
import { request } from "./commands/request.ts";
import { STANDING_COMMANDS } from "./commands/standing.ts";
import { REVIEW_COMMANDS } from "./commands/review.ts";
import { show } from "./commands/show.ts";
import { withdraw } from "./commands/withdraw.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  login,
  logout,
  request,
  list,
  show,
  approve,
  deny,
  end,
  freeze,
  withdraw,
  ...ELIGIBILITY_COMMANDS,
  ...STANDING_COMMANDS,
  ...FINDING_COMMANDS,
  ...REVIEW_COMMANDS,
  ...QUEUE_COMMANDS,
  doctor,
  auditExport,
  auditVerify,
];
