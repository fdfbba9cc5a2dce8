import type { Settings } from "../../shared/config/settings.ts";
import type { AccessReviews } from "../../shared/ports/access-reviews.ts";
import type { SelfDirectory } from "../../shared/ports/doctor.ts";
import type { Notifier } from "../../shared/ports/notifier.ts";
import type { EligibilityDirectory, PostureDirectory } from "../../shared/ports/posture-directory.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";
import { lazy, once } from "../lazy.ts";
import { credential } from "./identity.ts";

/** What the directory says about the identity of this process. */
export const selfPort = (graph: GraphClient, settings: Settings): SelfDirectory =>
  lazy<SelfDirectory>(async () =>
    (await import("../../shared/adapters/graph/self-directory.ts")).createSelfDirectory(
      await graph(),
      settings.graphUrl,
      await credential(settings)(),
    ),
  );

export function graphPorts(graph: GraphClient): {
  readonly directory: RoleDirectory;
  readonly posture: PostureDirectory;
  readonly eligibility: EligibilityDirectory;
} {
  return {
    directory: lazy<RoleDirectory>(async () =>
      (await import("../../shared/adapters/graph/role-directory.ts")).createRoleDirectory(await graph()),
    ),
    posture: lazy<PostureDirectory>(async () =>
      (await import("../../shared/adapters/graph/posture-directory.ts")).createPostureDirectory(await graph()),
    ),
    eligibility: lazy<EligibilityDirectory>(async () =>
      (await import("../../shared/adapters/graph/posture-directory.ts")).createEligibilityDirectory(await graph()),
    ),
  };
}

/** Reviews in Entra: for the worker alone. */
export const accessReviewsPort = (graph: GraphClient): AccessReviews =>
  lazy<AccessReviews>(async () =>
    (await import("../../shared/adapters/graph/access-reviews.ts")).createAccessReviews(await graph()),
  );

/** Graph as this part of the app, with one token for all its ports. */
export const graphClient = (settings: Settings) =>
  once(async () => {
    const { createGraph } = await import("../../shared/adapters/graph/graph-client.ts");
    return createGraph(settings.graphUrl, await credential(settings)());
  });

type GraphClient = ReturnType<typeof graphClient>;

/** Mail by the mailbox of the settings. */
export const mailPort = (graph: GraphClient, sender: string): Notifier =>
  lazy<Notifier>(async () =>
    (await import("../../shared/adapters/graph/mail-notifier.ts")).createMailNotifier(await graph(), sender),
  );
