import type { InvocationContext } from "@azure/functions";
import type { Permissions } from "../shared/domain/standing-plan.ts";
import type { ActivationStore } from "../shared/ports/activation-store.ts";
import type { AuditLog } from "../shared/ports/audit-log.ts";
import type { ChangeStore } from "../shared/ports/change-store.ts";
import type { Checkpoints } from "../shared/ports/checkpoints.ts";
import type { Clock } from "../shared/ports/clock.ts";
import type { Controls, Deliveries, Holders } from "../shared/ports/controls.ts";
import type { Findings } from "../shared/ports/findings.ts";
import type { KeptMessages } from "../shared/ports/kept-messages.ts";
import type { AcceptedPolicies } from "../shared/ports/policy-acceptance.ts";
import type { PolicyStore } from "../shared/ports/policy-store.ts";
import type { PostureDirectory } from "../shared/ports/posture-directory.ts";
import type { RoleDirectory } from "../shared/ports/role-directory.ts";
import type { CallerVerifier } from "../shared/ports/sign-in.ts";
import type { Signer } from "../shared/ports/signer.ts";
import type { WorkflowGateway } from "../shared/ports/workflow-gateway.ts";
import type { Noise } from "./http/noise.ts";
import type { LinkWriter } from "./links.ts";
import type { Log } from "./worker.ts";

/** What the HTTP doors work with: they read, claim and ask; they decide nothing and hold no key of the worker. */
export interface Door {
  readonly clock: Clock;
  readonly policies: PolicyStore;
  readonly store: ActivationStore;
  readonly audit: AuditLog;
  readonly checkpoints: Pick<Checkpoints, "read">;
  /** The key that signs checkpoints; `undefined` = there are none. */
  readonly signer: Pick<Signer, "publicKey"> | undefined;
  readonly controls: Controls;
  readonly deliveries: Deliveries;
  readonly directory: Pick<RoleDirectory, "eligibilities" | "group" | "account" | "manager">;
  readonly changes: ChangeStore;
  readonly findings: Findings;
  readonly accepted: Pick<AcceptedPolicies, "list">;
  readonly posture: PostureDirectory;
  /** @throws DependencyError */
  readonly workerPermissions: () => Promise<Permissions>;
  readonly holders: Pick<Holders, "holder">;
  readonly callers: CallerVerifier;
  readonly links: LinkWriter;
  /** `undefined` = there is no bus. */
  readonly kept: KeptMessages | undefined;
  readonly noise: Noise;
  readonly log: Log;
  readonly gatewayOf: (context: InvocationContext) => WorkflowGateway;
}
