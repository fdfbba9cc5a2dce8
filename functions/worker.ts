import type { TicketSystemName } from "../shared/domain/ticket.ts";
import type { ActivationStore } from "../shared/ports/activation-store.ts";
import type { AuditLog } from "../shared/ports/audit-log.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { Controls, Deliveries, Holders } from "../shared/ports/controls.ts";
import type { EventPublisher } from "../shared/ports/event-publisher.ts";
import type { Notifier } from "../shared/ports/notifier.ts";
import type { PolicyStore } from "../shared/ports/policy-store.ts";
import type { RoleDirectory } from "../shared/ports/role-directory.ts";
import type { ProofOpener, Sealing } from "../shared/ports/sealing.ts";
import type { IdTokenVerifier } from "../shared/ports/sign-in.ts";
import type { TicketSystem } from "../shared/ports/ticket-system.ts";
import type { PolicyAcceptance } from "../shared/ports/policy-acceptance.ts";
import type { LinkWriter } from "./links.ts";

/** Everything the worker's activities work with. Only the worker can read the keys behind `sealing` and `proofs`. */
export interface Worker {
  readonly clock: Clock;
  readonly policies: PolicyStore;
  readonly store: ActivationStore;
  readonly audit: AuditLog;
  readonly controls: Controls;
  readonly holders: Holders;
  readonly deliveries: Deliveries;
  readonly directory: RoleDirectory;
  readonly tickets: Readonly<Partial<Record<TicketSystemName, TicketSystem>>>;
  readonly acceptance: PolicyAcceptance;
  /** What of Conditional Access stops grants now, if the policy says that it does. @throws DependencyError */
  readonly contextGuard: { gap(): Promise<string | undefined> };
  readonly sealing: Sealing;
  readonly proofs: ProofOpener;
  readonly idTokens: IdTokenVerifier;
  readonly notifier: Notifier;
  /** `undefined`: nobody is told. */
  readonly events: EventPublisher | undefined;
  readonly links: LinkWriter;
  readonly log: Log;
}

/** Structured log; never tokens, links or free text of people. */
export type Log = (
  level: "info" | "warn" | "error",
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;
