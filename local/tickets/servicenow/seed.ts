import { DOMAIN, PEOPLE, snowUserId } from "../../seed.ts";
import type { Records } from "./records.ts";
import { INTEGRATION_USER } from "./tokens.ts";

const HOUR_MS = 3_600_000;
const GROUP = "9a00000000000000000000000000000";
const ITEM = "c100000000000000000000000000000";

type Fields = Readonly<Record<string, string>>;

/** Fills a new instance: users, groups, configuration items, and tickets in every condition that matters. */
export function seedServicenow(records: Records): void {
  seedPeople(records);
  const groups = ["Identity Operations", "Service Desk", "Messaging", "Network"];
  groups.forEach((name, index) =>
    records.insert("sys_user_group", { sys_id: GROUP + String(index + 1), name }, "system"),
  );
  const items = ["Entra ID contoso.example", "Exchange Online", "Core network"];
  items.forEach((name, index) => records.insert("cmdb_ci", { sys_id: ITEM + String(index + 1), name }, "system"));
  seedChanges(records);
  seedIncidents(records);
  seedOthers(records);
}

function seedPeople(records: Records): void {
  for (const { n, key, name } of PEOPLE) records.insert("sys_user", user(snowUserId(n), key, name, n), "system");
  const former = { ...user(snowUserId(900), "former.colleague", "Former Colleague", 900), active: "false" };
  records.insert("sys_user", former, "system");
  records.insert("sys_user", user(snowUserId(901), INTEGRATION_USER, "Zero Standing", 901), "system");
}

const user = (sysId: string, userName: string, name: string, n: number): Fields => ({
  sys_id: sysId,
  user_name: userName,
  name,
  email: `${userName}@${DOMAIN}`,
  employee_number: `E${String(n).padStart(5, "0")}`,
  active: "true",
});

const hoursFromNow = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();

function seedChanges(records: Records): void {
  let next = 30_192;
  const change = (fields: Fields): void => {
    records.insert(
      "change_request",
      {
        number: `CHG${String(next++).padStart(7, "0")}`,
        state: "-1",
        approval: "approved",
        type: "normal",
        priority: "3",
        on_hold: "false",
        requested_by: "eva.marek",
        opened_by: "eva.marek",
        assignment_group: "Identity Operations",
        cmdb_ci: "Entra ID contoso.example",
        conflict_status: "No Conflict",
        u_scope: "/",
        start_date: hoursFromNow(-1),
        end_date: hoursFromNow(8),
        ...fields,
      },
      "eva.marek",
    );
  };
  const ada = (short_description: string, u_role: string, u_duration: string, more: Fields = {}): void =>
    change({ short_description, assigned_to: "ada.byron", u_role, u_duration, ...more });

  ada("Rotate the federation signing certificate", "Global Administrator", "PT2H");
  change({
    short_description: "Move shared mailboxes to the new retention policy",
    assigned_to: "hugo.brandt",
    assignment_group: "Messaging",
    cmdb_ci: "Exchange Online",
    u_role: "Exchange Administrator",
    u_duration: "PT4H",
    state: "-2",
    start_date: hoursFromNow(24),
    end_date: hoursFromNow(32),
  });
  ada("Clean up leavers of the third quarter", "User Administrator", "PT1H", { state: "3" });
  ada("Change the transport rules", "Exchange Administrator", "PT2H", { state: "-3", approval: "requested" });
  ada("Merge the second tenant", "Global Administrator", "PT4H", { state: "4", approval: "cancelled" });
  ada("Rename the shared calendars", "Exchange Administrator", "PT1H", { on_hold: "true" });
  change({
    short_description: "Publish the emergency access policy",
    assigned_to: "dev.patel",
    u_role: "Global Administrator",
    u_duration: "PT1H",
  });
  ada("Reset the licences of the trainees", "User Administrator", "PT1H", {
    start_date: hoursFromNow(-30),
    end_date: hoursFromNow(-20),
  });
}

function seedIncidents(records: Records): void {
  let next = 10_045;
  const incident = (fields: Fields): void => {
    records.insert(
      "incident",
      {
        number: `INC${String(next++).padStart(7, "0")}`,
        state: "2",
        approval: "not requested",
        priority: "2",
        caller_id: "tess.ward",
        opened_by: "tess.ward",
        assignment_group: "Service Desk",
        cmdb_ci: "Entra ID contoso.example",
        ...fields,
      },
      "tess.ward",
    );
  };
  incident({
    short_description: "Branch staff cannot sign in after the token rollover",
    assigned_to: "ben.okafor",
    u_role: "Helpdesk Administrator",
    u_duration: "PT1H",
  });
  incident({
    short_description: "Forty locked accounts in Lyon",
    assigned_to: "kira.sato",
    state: "1",
    u_duration: "PT1H",
  });
  incident({ short_description: "Printer driver missing", assigned_to: "ben.okafor", state: "7" });
  incident({ short_description: "Group shows no members", assigned_to: "grace.oduya", state: "3" });
  incident({ short_description: "Nobody took this yet", state: "1" });
  incident({ short_description: "Still assigned to somebody who left", assigned_to: "former.colleague" });
}

function seedOthers(records: Records): void {
  const common = { assigned_to: "ada.byron", opened_by: "eva.marek", assignment_group: "Identity Operations" };
  const add = (table: string, number: string, fields: Fields): unknown =>
    records.insert(table, { ...common, approval: "not requested", number, ...fields }, "eva.marek");
  add("sc_req_item", "RITM0020011", { short_description: "Mailbox for the works council", state: "2" });
  add("sc_task", "SCTASK0020012", {
    short_description: "Create the mailbox",
    state: "2",
    request_item: "RITM0020011",
  });
  add("change_task", "CTASK0020013", {
    short_description: "Export the old certificate",
    state: "1",
    change_request: "CHG0030192",
  });
  add("problem", "PRB0040007", { short_description: "Sign-in fails after every rollover", state: "103" });
}
