import type { Scene } from "../scene.ts";
import { accessReview } from "./access-review.ts";
import { auditTrail } from "./audit-trail.ts";
import { badTickets } from "./bad-tickets.ts";
import { brokerAway } from "./broker-away.ts";
import { fiftyCopies } from "./fifty-copies.ts";
import { forgedApproval } from "./forged-approval.ts";
import { fourEyes } from "./four-eyes.ts";
import { globalAdministrator } from "./global-administrator.ts";
import { killedHost } from "./killed-host.ts";
import { linkScanner } from "./link-scanner.ts";
import { messageRequest } from "./message-request.ts";
import { poisonMessages } from "./poison-messages.ts";
import { tenThousandCopies } from "./ten-thousand-copies.ts";
import { standingAccess } from "./standing-access.ts";
import { ticketClosed } from "./ticket-closed.ts";

/** In the order they are told. */
export const SCENES: readonly Scene[] = [
  globalAdministrator,
  ticketClosed,
  fourEyes,
  badTickets,
  fiftyCopies,
  forgedApproval,
  linkScanner,
  killedHost,
  messageRequest,
  tenThousandCopies,
  poisonMessages,
  brokerAway,
  standingAccess,
  accessReview,
  auditTrail,
];
