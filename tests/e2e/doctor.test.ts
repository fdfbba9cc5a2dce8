import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import { TableClient } from "@azure/data-tables";
import { describe, expect, it } from "vitest";
import { APPS } from "../../local/seed.ts";
import { doctorOf, during, grantOf, HUGO } from "../support/doctor.ts";
import { RETRY_OPTIONS } from "../support/service-bus.ts";
import { useStack } from "../support/stack.ts";
import { overwriteRow } from "../support/stored-rows.ts";

const MINUTE_MS = 60_000;

describe("zs doctor", () => {
  // Nobody receives from ticket-events here: the app would take the message that is to become a dead letter.
  const stack = useStack({ split: false, settings: { HANDOVER: "direct" } });
  const { zs, found } = doctorOf(stack);
  const grant = grantOf(stack);
  const control = (part: string, operation: string, parameters = {}): Promise<unknown> =>
    stack().call(part, operation, parameters);

  const granted = (): Promise<void> => grant((held) => held);

  it("finds a fresh stack well, and says who can take it over", async () => {
    expect(await found()).toEqual([]);
    expect(await found("warning")).toEqual([]);
    const { exitCode, stdout } = await zs();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^0 faults, 0 warnings; \d+ checks are fine\.\n/);
    expect(stdout).toContain("Liam Dorsey");
    expect(stdout).toContain("holds Global Administrator");
  });

  it("is for the identity team only", async () => {
    expect(await zs([], HUGO)).toMatchObject({ exitCode: 1, stderr: "zs: You may not do this.\n" });
  });

  it("names a permission of Graph that the identity lacks, with the command that grants it", async () => {
    await during(
      () => grant((held) => held.filter((name) => name !== "AuditLog.Read.All")),
      granted,
      async () => {
        expect(await found()).toEqual([
          `permissions: The app's identity (${APPS.worker.objectId}) lacks AuditLog.Read.All: what was done with a role, for its reviewers.`,
        ]);
        expect(await found("warning")).toEqual([expect.stringContaining("AuditLog.Read.All was taken away since")]);
        const { stdout } = await zs(["--fix-permissions"]);
        const commands = stdout.split("\n").filter((line) => line.startsWith("api="));
        expect(commands).toHaveLength(1);
        expect(commands[0]).toContain("appRoles[?value=='AuditLog.Read.All' &&");
        expect(commands[0]).toContain(`{\\"principalId\\":\\"${APPS.worker.objectId}\\",\\"resourceId\\":\\"$api\\"`);
      },
    );
    expect((await zs(["--fix-permissions"])).stdout).toMatch(/^# Nothing to do/);
  });

  it("names the permission even where its lack keeps the service from knowing who asks", async () => {
    await during(
      () => grant((held) => held.filter((name) => name !== "GroupMember.Read.All"), true),
      () => grant((held) => held, true),
      async () => {
        const faults = await found();
        expect(faults[0]).toMatch(/lacks GroupMember\.Read\.All/);
        expect(faults[1]).toMatch(/Who is in the identity team cannot be read/);
        expect(await found("warning")).toEqual([
          expect.stringMatching(/^resources: Who is behind the object ids/),
          "credentials: Who owns applications that can take over, and how to sign in as them, is not known.",
        ]);
        expect((await zs(["--json"], HUGO)).stdout).not.toContain("Global Administrator");
        expect((await zs(["--json"], 40)).stdout).toBe(""); // no person of the policy
      },
    );
  });

  it("names a tier-0 permission that nobody gave", async () => {
    const faults = await during(() => grant((held) => [...held, "AppRoleAssignment.ReadWrite.All"]), granted, found);
    expect(faults).toEqual([
      `permissions: The app's identity (${APPS.worker.objectId}) has AppRoleAssignment.ReadWrite.All (tier 0), which infra/permissions.yaml does not give it.`,
    ]);
  });

  it("names a clock that is five minutes off, and warns of a minute", async () => {
    const skewed = <T>(dateSkewMs: number, look: () => Promise<T>): Promise<T> =>
      during(
        () => control("graph", "settings", { dateSkewMs }),
        () => control("graph", "settings", { dateSkewMs: 0 }),
        look,
      );
    expect(await skewed(5 * MINUTE_MS + 1_000, found)).toEqual(["clock: The clock is 5 min behind the directory's."]);
    expect(await skewed(-90_000, found)).toEqual([]);
    expect(await skewed(-90_000, () => found("warning"))).toEqual([
      expect.stringMatching(/^clock: The clock is 2 min ahead/),
    ]);
  });

  it("names a ticket system that does not know us any more", async () => {
    const file = join(stack().dataDirectory, "secrets.json");
    const { secrets } = JSON.parse(readFileSync(file, "utf8")) as { secrets: Readonly<Record<string, string>> };
    const faults = await during(
      async () => {
        await control("jira", "setSecret", { apiToken: "another" });
        await control("servicenow", "setSecret", { client: "another" });
        await control("servicenow", "habits", { revokeTokens: true });
      },
      async () => {
        await control("jira", "setSecret", { apiToken: secrets["jiraApiToken"] });
        await control("servicenow", "setSecret", { client: secrets["servicenowClientSecret"] });
      },
      found,
    );
    expect(faults).toEqual([
      "tickets: servicenow cannot be used: [Misconfigured] ServiceNow refuses our credentials.",
      "tickets: jira cannot be used: [Misconfigured] Jira refuses our credentials.",
    ]);
  });

  it("names dead letters that wait", async () => {
    const faults = await during(
      async () => {
        const client = new ServiceBusClient(stack().addresses.serviceBus, { retryOptions: RETRY_OPTIONS });
        await client.createSender("ticket-events").sendMessages({ messageId: "ticket-1", body: Buffer.from("{}") });
        const receiver = client.createReceiver("ticket-events");
        const [message] = await receiver.receiveMessages(1);
        if (message) await receiver.deadLetterMessage(message);
        await client.close();
      },
      () => control("broker", "purge", { entity: "ticket-events/$DeadLetterQueue" }),
      found,
    );
    expect(faults).toEqual([
      "queues: 1 dead letter waits in ticket-events: messages that crashed their handler ten times.",
    ]);
  });

  it("names a timer that did not run", async () => {
    await stack().clock.advance(6 * MINUTE_MS);
    await stack().settle();
    expect(await found()).toEqual([]);
    const at = new Date(stack().clock.now() - 9 * MINUTE_MS).toISOString();
    const faults = await during(
      () => overwriteRow(stack(), "findings", { partitionKey: "timer", rowKey: "sweep", timer: "sweep", at }),
      async () => {
        await stack().clock.advance(5 * MINUTE_MS);
        await stack().settle();
      },
      found,
    );
    expect(faults).toEqual(["timers: The timer sweep last ran 9 min ago; it should within 8 min."]);
    expect(await found()).toEqual([]);
  });

  it("names a table that is gone", async () => {
    const insecure = { allowInsecureConnection: true };
    const table = TableClient.fromConnectionString(stack().addresses.storage, "deliveries", insecure);
    const faults = await during(
      () => table.deleteTable(),
      () => table.createTable(),
      found,
    );
    expect(faults).toEqual([expect.stringMatching(/^storage: The table deliveries cannot be read: .*404\.$/)]);
    expect(await found()).toEqual([]);
  });
});

/** Changes in Azure, each found and named. */
