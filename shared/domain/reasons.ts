/**
 * Why something was refused, ended or failed. The code is stable and public; the sentence is for people and may be
 * improved at any time.
 */
export const REASONS = {
  RoleNotAllowed: "This role is not on the list of roles that can be activated here.",
  NotEligible: "The account is not eligible for this role at this scope.",
  ScopeAmbiguous: "The account is eligible for this role at more than one scope: name the scope.",
  PersonUnknown: "The account belongs to no person of the people map.",
  PersonBlocked: "New requests of this person are blocked, because a request was reported as not theirs.",
  PrincipalNotAllowed: "Only enabled member users of the home tenant may hold a role.",
  BreakGlassAccount: "Break-glass accounts never go through this system.",
  DurationTooShort: "The duration is below the shortest that the directory accepts, five minutes.",
  DurationTooLong: "The duration is longer than this role allows.",
  OutsideHours: "This role can be activated only within the hours that the policy names.",
  TooManyOpenRequests: "This person has too many open requests.",
  TooManyFromTicketCreator: "Too many open requests come from tickets of the same creator.",
  TooManyFromSender: "Too many open requests come from this system.",
  SenderNotAllowed: "This system may not ask for this person or this role.",
  AlreadyActive: "The account holds this role at this scope already, or another activation of it is under way.",
  NoApprover: "Nobody who may approve this request can be found.",
  TicketSystemNotAllowed: "This ticket system or ticket type may not open this role.",
  TicketNumberInvalid: "The ticket number does not have the form that this ticket system uses.",
  TicketNotFound: "The ticket does not exist, or may not be read by this system.",
  TicketTypeNotAllowed: "A ticket of this type may not open this role.",
  TicketNotOpen: "The ticket is not open.",
  TicketCancelled: "The ticket was cancelled or rejected.",
  TicketOnHold: "The ticket is on hold.",
  TicketNotApproved: "The ticket is not approved, or its approval cannot be verified.",
  TicketWindowMissing: "The ticket has no planned window, and this role needs one.",
  OutsideTicketWindow: "The requested time does not fit into the planned window of the ticket.",
  TicketNotYours: "The ticket is not assigned to the person who asks.",
  TicketAmbiguous: "The ticket does not name exactly one person, role and duration.",
  TicketNamesAnotherRole: "The ticket names another role, scope or duration.",
  TicketSelfMade: "The person made this ticket for themselves, and the policy names nobody else to approve it.",
  TicketUsedUp: "This ticket has been used as often as the policy allows.",
  TicketChanged: "The ticket changed after the decisions were made.",
  TicketClosed: "The ticket was closed while the role was held.",
  TicketReassigned: "The ticket was assigned to somebody else while the role was held.",
  TicketSystemUnavailable: "The ticket system did not answer in time.",
  Frozen: "All grants are frozen.",
  BreakerOpen: "Too many roles were granted within a short time: grants stop until two persons resume them.",
  StepUpTimedOut: "Nobody proved the request with a fresh sign-in in time.",
  NotRequestedByPerson: "The person said that they did not ask for this.",
  ApprovalTimedOut: "No sufficient approval came in time.",
  RejectedByApprover: "An approver denied the request.",
  WindowLapsed: "The window passed before the activation was started.",
  CancelledByRequester: "The person withdrew the request.",
  StoppedByOther: "An approver or the identity team stopped the request.",
  PolicyChanged: "The policy changed, and the request no longer fits it.",
  ApproverNotEntitled: "A person who approved is not entitled to approve any more.",
  RecordTampered: "A stored record does not carry a valid seal: somebody changed it.",
  DirectoryRefused: "The directory refused the assignment.",
  DirectoryMisconfigured: "The directory refused this system's own rights or settings.",
  DirectoryUnavailable: "The directory did not answer in time.",
  EndTimeReached: "The granted time is over.",
  EndedByPerson: "The access was ended early.",
  GrantOutOfBounds: "The directory granted something other than was asked; it was removed.",
  ObserveOnly:
    "This tenant is only being watched, and nothing is changed in it. The identity team can change that: `mode` in the policy.",
  ContextGap:
    "Conditional Access behind the step-up is not as it must be, and by policy nothing is granted until it is.",
  PolicyNotAccepted: "The policy was changed, and two persons have not accepted the change yet.",
  NotOwner: "Only the owners that the policy names and the identity team may ask for this.",
  PlanEdited: "The plan was changed after it was made: make it again.",
  PlanOfOtherTenant: "The plan was made for another tenant.",
  PlanOutdated: "The plan does not match the directory any more: make it again.",
  WaveOutOfOrder: "An earlier wave has to be converted first.",
  NothingToDo: "There is nothing to change.",
  ChangeUnderWay: "Another change of standing access is under way.",
  PreflightFailed: "A condition that must hold before anything is changed does not.",
  AlreadyEligible: "The account is eligible for this role at this scope already: renew it instead.",
  EligibilityTooLong: "The eligibility is longer than the policy or the role's settings allow.",
  DirectorySurprise: "The directory was not as expected: the rest was left alone.",
  ConfirmationTimedOut: "Whoever asked did not confirm it with a fresh sign-in in time.",
  InternalFault: "An unexpected fault stopped the request.",
} as const;

export type ReasonCode = keyof typeof REASONS;

/** A refusal is a value, not an exception. `detail` names the thing and the value, never a secret. */
export interface Refusal {
  readonly reason: ReasonCode;
  readonly detail?: string;
}

export const refusal = (reason: ReasonCode, detail?: string): Refusal =>
  detail === undefined ? { reason } : { reason, detail };
