import { LocalServer } from "../../http/server.ts";
import type { LocalService, StackSettings } from "../../service.ts";
import { servicenowControl } from "./control.ts";
import { Instance } from "./instance.ts";
import { mountPages } from "./pages.ts";
import { mountTableApi } from "./table-api.ts";

/** The simulated ServiceNow instance: Table API, OAuth, signed webhooks and pages. See ../README.md. */
export function createServicenow(settings: StackSettings): LocalService {
  const instance = new Instance(settings);
  const server = new LocalServer(settings.addresses.servicenow);
  mountTableApi(server.app, instance);
  mountPages(server.app, instance);
  return {
    name: "servicenow",
    control: { ...server.control, ...servicenowControl(instance) },
    start: async () => {
      await server.start();
      instance.deliveries.start();
    },
    settle: () => instance.deliveries.settle(),
    stop: async () => {
      await instance.deliveries.stop();
      await server.stop();
      instance.close();
    },
  };
}
