import { runChild } from "./child.ts";
import { createLogin } from "./entra/login-server.ts";
import { createMailbox } from "./mailbox/mailbox.ts";
import type { LocalService, StackSettings } from "./service.ts";
import { createJira } from "./tickets/jira/service.ts";
import { createServicenow } from "./tickets/servicenow/service.ts";

/** The outside world: one maker for each part, in the order of their start. */
const PARTS: Readonly<Record<string, (settings: StackSettings) => LocalService>> = {
  mailbox: createMailbox,
  login: createLogin,
  servicenow: createServicenow,
  jira: createJira,
};

runChild(async ({ settings, options }) => {
  const only = options["parts"] as readonly string[] | undefined;
  return Object.entries(PARTS)
    .filter(([name]) => only?.includes(name) ?? true)
    .map(([, make]) => make(settings));
});
