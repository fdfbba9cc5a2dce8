import type { Settings } from "../../shared/config/settings.ts";
import type { TicketSystemName } from "../../shared/domain/ticket.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { TicketAccount, TicketSystem } from "../../shared/ports/ticket-system.ts";
import { lazy } from "../lazy.ts";
import type { Worker } from "../worker.ts";

export function ticketPorts(
  settings: Settings,
  systems: Worker["policies"]["policy"]["ticketSystems"],
  clock: Clock,
): Partial<Record<TicketSystemName, TicketSystem & TicketAccount>> {
  const { servicenow, jira } = settings;
  return {
    ...(servicenow && systems.servicenow
      ? { servicenow: lazy<TicketSystem & TicketAccount>(serviceNow(servicenow, systems.servicenow, clock)) }
      : {}),
    ...(jira && systems.jira ? { jira: lazy<TicketSystem & TicketAccount>(jiraSystem(jira, systems.jira)) } : {}),
  };
}

type Policies = Worker["policies"]["policy"]["ticketSystems"];

const serviceNow =
  (settings: NonNullable<Settings["servicenow"]>, policy: NonNullable<Policies["servicenow"]>, clock: Clock) =>
  async () =>
    (await import("../../shared/adapters/tickets/servicenow.ts")).createServiceNow({
      url: settings.url,
      clientId: settings.clientId,
      clientSecret: () => settings.clientSecret.reveal(),
      policy,
      clock,
    });

const jiraSystem = (settings: NonNullable<Settings["jira"]>, policy: NonNullable<Policies["jira"]>) => async () =>
  (await import("../../shared/adapters/tickets/jira.ts")).createJira({
    url: settings.url,
    user: settings.user,
    apiToken: () => settings.apiToken.reveal(),
    policy,
  });
