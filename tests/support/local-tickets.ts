import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setClock } from "../../local/clock.ts";
import { createMailbox, type Mailbox } from "../../local/mailbox/mailbox.ts";
import type { LocalService, StackSettings } from "../../local/service.ts";
import { createJira } from "../../local/tickets/jira/service.ts";
import { createServicenow } from "../../local/tickets/servicenow/service.ts";

/** A webhook as the app got it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The ticket systems and the mailbox in this process, and an app that only takes notes. */
export interface LocalTickets {
  readonly settings: StackSettings;
  readonly received: Received[];
  readonly mailbox: Mailbox;
  /** The statuses that the app answers with, one a webhook, 0 for no answer at all; then 202. */
  readonly answers: number[];
  /** A control operation, as the control API would call it. */
  control(part: "servicenow" | "jira" | "mailbox", operation: string, parameters?: object): Promise<unknown>;
  /** Takes back clock, habits and what was received: for after each test. */
  behave(): Promise<void>;
  /** Stops the ticket systems and starts them on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLocalTickets(): Promise<LocalTickets> {
  const received: Received[] = [];
  const answers: number[] = [];
  const app = await noteTaker(received, answers);
  const settings = await settingsFor(app);
  let services: readonly LocalService[] = [];
  const start = async (): Promise<Mailbox> => {
    const mailbox = createMailbox(settings);
    services = [createServicenow(settings), createJira(settings), mailbox];
    for (const service of services) await service.start();
    return mailbox;
  };
  const stop = async (): Promise<void> => {
    for (const service of services) await service.stop();
  };
  const mailbox = await start();
  const control: LocalTickets["control"] = async (part, operation, parameters = {}) => {
    const run = services.find(({ name }) => name === part)?.control[operation];
    if (!run) throw new Error(`no operation ${part}/${operation}`);
    return run(parameters as Record<string, unknown>);
  };
  return {
    settings,
    received,
    answers,
    mailbox,
    control,
    behave: async () => {
      setClock({ mode: "real", offsetMs: 0 });
      for (const part of ["servicenow", "jira"] as const) await control(part, "clearHabits");
      received.length = 0;
      answers.length = 0;
    },
    restart: async () => {
      await stop();
      await start();
    },
    stop: async () => {
      await stop();
      await new Promise((resolve) => app.close(resolve));
      rmSync(settings.dataDirectory, { recursive: true });
    },
  };
}

async function noteTaker(received: Received[], answers: number[]): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      });
      const status = answers.shift() ?? 202;
      if (status !== 0) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function settingsFor(app: Server): Promise<StackSettings> {
  const unused = "http://127.0.0.1:9";
  return {
    dataDirectory: mkdtempSync(join(tmpdir(), "local-tickets-")),
    addresses: {
      app: addressOf(app),
      graph: unused,
      login: unused,
      servicenow: await freeAddress(),
      jira: await freeAddress(),
      mailbox: await freeAddress(),
      azure: unused,
      control: unused,
      storage: "",
      serviceBus: "",
    },
    secrets: {
      identityHeader: "",
      frontIdentityHeader: "front",
      sweeperIdentityHeader: "sweeper",
      signInClientSecret: "",
      servicenowClientSecret: "client-secret",
      servicenowWebhookSecret: "servicenow-webhook-secret",
      jiraApiToken: "api-token",
      jiraWebhookSecret: "jira-webhook-secret",
      jiraAutomationSecret: "jira-automation-secret",
    },
  };
}

async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = addressOf(server);
  await new Promise((resolve) => server.close(resolve));
  return address;
}
