import type { ActivationFacts } from "../shared/domain/activation.ts";
import type { ChangeFacts } from "../shared/domain/change.ts";
import type { ChangeAct } from "../shared/domain/next-change-step.ts";
import type { ActivationAct } from "../shared/domain/next-step.ts";
import type { TicketSystemName } from "../shared/domain/ticket.ts";
import type { Instant } from "../shared/domain/time.ts";

/** Names of the orchestrators; a name is never given another meaning while instances of the old one may live. */
export const ORCHESTRATORS = {
  activation: "activationOrchestrator",
  ticketEvent: "ticketEventOrchestrator",
  resume: "resumeOrchestrator",
  change: "changeOrchestrator",
  campaign: "campaignOrchestrator",
} as const;

/** The one bell: something was asked, look at the rows. It may be lost; the rows stay. */
export const BELL = "AskArrived";

export interface ActivationInput {
  readonly id: string;
}

export interface TicketEventInput {
  readonly system: TicketSystemName;
  readonly number: string;
  readonly deliveryId: string;
  readonly receivedAt: Instant;
}

/** Whether a delivery was worked through; if not, it became too old to matter. */
export interface TicketEventFacts {
  readonly handled: boolean;
}

export interface ResumeInput {
  /** Of the freeze. */
  readonly id: string;
}

/** Whether a freeze is still in force, and what there is to do about it. */
export interface ResumeFacts {
  readonly inForce: boolean;
  /** Names the sign-ins that nobody recorded yet; `""`: none. */
  readonly waiting: string;
  /** How many persons agreed and still may. */
  readonly agreed: number;
}

/** The activities of the activation: its facts, and an effect for every act of the story. */
export const ACTIVATION_ACTIVITIES = [
  "readFacts",
  "openActivation",
  "recordAsks",
  "remindApprovers",
  "grantRole",
  "removeRole",
  "closeActivation",
  "deliverMessages",
] as const satisfies readonly (ActivationAct | "readFacts")[];

/** The activities of a change: its facts, and an effect for every act of the story. */
export const CHANGE_ACTIVITIES = [
  "readChange",
  "openChange",
  "recordChange",
  "remindChange",
  "workChange",
  "closeChange",
] as const satisfies readonly (ChangeAct | "readChange")[];

type ChangeActivity = { readonly input: ActivationInput & { readonly key: string }; readonly output: ChangeFacts };

/** The reviews of a campaign, and whether it is over. */
export interface CampaignFacts {
  readonly reviews: readonly string[];
  readonly closed: boolean;
}

type CampaignActivity = { readonly input: ActivationInput & { readonly key: string }; readonly output: CampaignFacts };

type ResumeActivity = { readonly input: ResumeInput & { readonly key: string }; readonly output: ResumeFacts };

type ActivationActivity = {
  readonly input: ActivationInput & { readonly key: string };
  readonly output: ActivationFacts;
};

/** Every activity with what goes in and comes out: plain JSON, nothing secret, because it lives in the history. */
export type Activities = Readonly<Record<(typeof ACTIVATION_ACTIVITIES)[number], ActivationActivity>> &
  Readonly<Record<(typeof CHANGE_ACTIVITIES)[number], ChangeActivity>> & {
    readonly readCampaign: CampaignActivity;
    readonly closeCampaign: CampaignActivity;
    readonly readResume: ResumeActivity;
    readonly recordResume: ResumeActivity;
    readonly handleTicketEvent: {
      readonly input: TicketEventInput & { readonly key: string };
      readonly output: TicketEventFacts;
    };
  };
