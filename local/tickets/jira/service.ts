import { LocalServer } from "../../http/server.ts";
import type { LocalService, StackSettings } from "../../service.ts";
import { jiraControl } from "./control.ts";
import { mountPages } from "./pages.ts";
import { mountRestApi } from "./rest-api.ts";
import { Site } from "./site.ts";

/** The simulated Jira Cloud site: REST v3, service desk approvals, signed webhooks and pages. See ../README.md. */
export function createJira(settings: StackSettings): LocalService {
  const site = new Site(settings);
  const server = new LocalServer(settings.addresses.jira);
  mountRestApi(server.app, site);
  mountPages(server.app, site);
  return {
    name: "jira",
    control: { ...server.control, ...jiraControl(site) },
    start: async () => {
      await server.start();
      site.deliveries.start();
    },
    settle: () => site.deliveries.settle(),
    stop: async () => {
      await site.deliveries.stop();
      await server.stop();
      site.close();
    },
  };
}
