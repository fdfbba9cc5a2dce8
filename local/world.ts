import { runChild } from "./child.ts";
import { createAzure } from "./azure/service.ts";
import { createDirectory } from "./entra/graph-server.ts";
import { createLogin } from "./entra/login-server.ts";
import { DirectoryState } from "./entra/state.ts";
import { createTokenAuthority } from "./entra/tokens.ts";
import { createMailbox } from "./mailbox/mailbox.ts";
import type { LocalService, StackSettings } from "./service.ts";
import { createJira } from "./tickets/jira/service.ts";
import { createServicenow } from "./tickets/servicenow/service.ts";

/** The outside world in the order of its start; the directory hands its mail to the mailbox. */
function world(settings: StackSettings): readonly LocalService[] {
  const mailbox = createMailbox(settings);
  const tokens = createTokenAuthority(settings);
  const directory = createDirectory(settings, new DirectoryState(settings.dataDirectory), {
    authenticate: (header) => tokens.authenticate(header, settings.addresses.graph),
    deliver: (mail) => void mailbox.deliver(mail),
  });
  const azure = createAzure(settings, (header) => tokens.authenticate(header, settings.addresses.azure)?.userObjectId);
  return [azure, mailbox, directory, createLogin(settings), createServicenow(settings), createJira(settings)];
}

runChild(async ({ settings, options }) => {
  const only = options["parts"] as readonly string[] | undefined;
  return world(settings).filter(({ name }) => only?.includes(name) ?? true);
});
