import type { ExaminedPart, QueueFacts, Reached } from "../domain/doctor.ts";
import type { Credential } from "../domain/application-credentials.ts";
import type { RegistrationSecret } from "../domain/doctor-keys.ts";
import type { PrincipalId } from "../domain/ids.ts";
import type { Principal } from "../domain/posture.ts";
import type { Instant } from "../domain/time.ts";

/** What this process's identity is, and which application permissions of Microsoft Graph it has. */
export interface OwnIdentity {
  readonly principalId: PrincipalId;
  readonly clientId: string;
  readonly tenantId: string;
  /** In its token: what it may do now. A token is up to a day older than what was granted. */
  readonly inToken: readonly string[];
  /** As the directory has them; `undefined`: the identity may not read them. */
  readonly granted: readonly string[] | undefined;
}

/** Whoever may act as a group or an application. */
export interface Behind {
  readonly principal: Principal;
  readonly as: "member" | "owner";
  /** Has to activate that first (PIM for groups). */
  readonly eligible: boolean;
}

/** An object of the directory, and whoever may act as it. */
export interface PrincipalBehind {
  readonly principal: Principal;
  readonly behind: readonly Behind[];
  /** Not everybody behind it was shown. */
  readonly more: boolean;
  /** Of a group: the identity may not read who can activate membership. */
  readonly eligibleUnread: boolean;
  /** Of a group: it is not role-assignable, so many may change who is in it; or a rule does. */
  readonly open: boolean;
  /** Of an application: how anybody signs in as it, by its registration here and by itself. */
  readonly credentials: readonly Credential[];
  /** Of a managed identity: its resource in Azure, which may trust other issuers. */
  readonly resourceId: string | undefined;
}

export interface Registration {
  readonly clientId: string;
  readonly name: string;
  readonly secrets: readonly RegistrationSecret[];
  /** All of them, the secrets too. */
  readonly credentials: readonly Credential[];
  /** Where sign-ins may be answered to, whichever platform they are for. */
  readonly redirectUris: readonly string[];
  /** Tokens are also given out in the front channel, without a code. */
  readonly implicit: boolean;
  /** Whoever owns it can add a secret and sign in as it. */
  readonly owners: readonly Principal[];
  readonly moreOwners: boolean;
}

/** What the directory says about ourselves. Reads only. @throws DependencyError */
export interface SelfDirectory {
  identity(): Promise<OwnIdentity>;
  /** The directory's clock, to the second. Needs no permission. */
  time(): Promise<Instant>;
  registrations(clientIds: readonly string[]): Promise<readonly Registration[]>;
  /** Those ids that the directory knows. A member or owner that is a group stands for its members. */
  principals(ids: readonly PrincipalId[]): Promise<readonly PrincipalBehind[]>;
}

/** Which of the tables that a part has rights on answer. Never throws for a table. */
export interface TableProbe {
  reach(part: ExaminedPart): Promise<readonly Reached[]>;
}

/** Which of a part's queues and topics answer, and what nobody works on any more. Never throws for a queue. */
export interface QueueProbe {
  reach(part: ExaminedPart): Promise<readonly QueueFacts[]>;
}
