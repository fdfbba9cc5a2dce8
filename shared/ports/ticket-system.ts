import type { Ticket, TicketReference } from "../domain/ticket.ts";

/** One ticket system. Reads may be repeated. */
export interface TicketSystem {
  /**
   * The ticket as it is now; `undefined` when it does not exist, is hidden, moved, or is not exactly one.
   * @throws DependencyError `Unavailable` | `Throttled` (also for HTML in place of JSON), `Misconfigured` (credentials)
   */
  fetch(reference: TicketReference): Promise<Ticket | undefined>;
  /**
   * Appends a note once: a note that already carries `marker` is not written again.
   * @throws DependencyError
   */
  note(
    ticket: { readonly number: string; readonly id: string },
    note: { readonly marker: string; readonly text: string },
  ): Promise<void>;
}

/** Whether the system still knows us and lets us read tickets. Reads only. */
export interface TicketAccount {
  /** As whom, where the system says so. @throws DependencyError */
  signedInAs(): Promise<string | undefined>;
}
