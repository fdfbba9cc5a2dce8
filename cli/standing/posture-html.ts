import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { PostureView } from "../../shared/contracts/standing.ts";
import {
  applicationName,
  APPLICATIONS_NOT_READ,
  APPLICATIONS_TITLE,
  compared,
  DELEGATED_MEANING,
  DELEGATED_NOT_READ,
  DELEGATED_TITLE,
  forWhom,
  GROUP_ELIGIBILITIES_NOT_READ,
  ownersText,
  REGISTRATIONS_ELSEWHERE,
  type ComparedRole,
  type RoleCounts,
} from "./posture-text.ts";
import { utcText } from "../output/times.ts";
import { htmlTable, TABLE_STYLE } from "./html-table.ts";
import { chart, CHART_STYLE, SERIES } from "./posture-chart.ts";

type Html = ReturnType<typeof html>;

/** The posture as one page that needs nothing else: charts without script or picture, good on paper and on a phone. */
export function postureHtml(view: PostureView, before: readonly RoleCounts[] | undefined): string {
  const roles = compared(view.roles, before);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Standing access, ${view.readAt.slice(0, 10)}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>Who holds what, permanently and otherwise</h1>
        <p>Tenant ${view.tenantId}, read at ${utcText(view.readAt)}. Policy ${view.policyHash.slice(0, 12)}.</p>
        <ul class="totals">
          ${SERIES.map(({ count, label }) => html`<li><b>${total(view.roles, count)}</b> ${label}${before ? html` <span>(before: ${total(before, count)})</span>` : ""}</li>`)}
        </ul>
        <h2>By role, the most dangerous first</h2>
        ${chart(roles, before !== undefined)} ${roleTable(roles, before !== undefined)}
        ${listing(
          "Groups that hold roles",
          ["Role", "Group", "How", "Members", "Owners, who can add anybody", "Can activate that"],
          view.groups.map(({ role, holder, how, members, owners, eligible }) => [
            role,
            holder,
            how,
            members.join(", "),
            owners.join(", ") || "none",
            eligible ? eligible.join(", ") || "none" : GROUP_ELIGIBILITIES_NOT_READ,
          ]),
        )}
        ${holders("Service principals with roles", view.servicePrincipals)} ${applicationsHtml(view.applications)}
        ${delegatedHtml(view.delegated)} ${holders("Guests", view.guests)}
        ${holders("Identities of this system", view.ownIdentities)}
        ${listing(
          "Exceptions of the policy",
          ["Role", "Holder", "Answers for it", "Until", "Why"],
          view.exceptions.map(({ role, holder, owner, until, because, stands, inForce }) => [
            role,
            `${holder}${stands ? "" : " (does not stand)"}`,
            owner,
            `${until.slice(0, 10)}${inForce ? "" : " (over)"}`,
            because,
          ]),
        )}
        ${listing(
          "Custom roles",
          ["Role", "Standing", "Eligible"],
          view.roles
            .filter(({ builtIn }) => !builtIn)
            .map(({ role, standing, eligible }) => [role, `${standing}`, `${eligible}`]),
        )}
      </body>
    </html>`;
  return `${(page as HtmlEscapedString).toString()}\n`;
}

const total = (roles: readonly RoleCounts[], count: (typeof SERIES)[number]["count"]): number =>
  roles.reduce((sum, role) => sum + role[count], 0);

const roleTable = (roles: readonly ComparedRole[], compares: boolean): Html =>
  listing(
    "The same in numbers",
    ["Role", ...SERIES.map(({ label }) => label)],
    roles.map(({ role, now, before }) => [
      role,
      ...SERIES.map(({ count }) =>
        compares && (now?.[count] ?? 0) !== (before?.[count] ?? 0)
          ? `${before?.[count] ?? 0} → ${now?.[count] ?? 0}`
          : `${now?.[count] ?? 0}`,
      ),
    ]),
  );

const holders = (title: string, some: PostureView["guests"]): Html =>
  listing(
    title,
    ["Role", "Holder", "How"],
    some.map(({ role, holder, how }) => [role, holder, how]),
  );

const applicationsHtml = (applications: PostureView["applications"]): Html =>
  applications.read
    ? html`${listing(
          APPLICATIONS_TITLE,
          ["Application", "Permissions", "Roles", "Owners, who can add a secret"],
          applications.items.map((one) => [
            applicationName(one),
            one.permissions.join(", "),
            one.roles.join(", "),
            ownersText(one),
          ]),
        )}
        <p>${REGISTRATIONS_ELSEWHERE}</p>`
    : html`<h2>${APPLICATIONS_TITLE}</h2>
        <p>${APPLICATIONS_NOT_READ}</p>`;

const delegatedHtml = (delegated: PostureView["delegated"]): Html =>
  delegated.read
    ? html`${listing(
          DELEGATED_TITLE,
          ["Application", "Permissions", "In whose name"],
          delegated.items.map((one) => [applicationName(one), one.permissions.join(", "), forWhom(one)]),
        )}
        <p>${DELEGATED_MEANING}</p>`
    : html`<h2>${DELEGATED_TITLE}</h2>
        <p>${DELEGATED_NOT_READ}</p>`;

const listing = (title: string, heading: readonly string[], rows: readonly (readonly string[])[]): Html =>
  html`<h2>${title}</h2>
    ${rows.length === 0 ? html`<p>None.</p>` : htmlTable(title, heading, rows)}`;

const STYLE = `${TABLE_STYLE}${CHART_STYLE}
body { font: 15px/1.5 "Segoe UI", system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 800px; margin: 2rem auto; padding: 0 1rem; } p { overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; break-after: avoid; }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .5rem 1rem; list-style: none; padding: 0; }
.totals b { font-size: 1.6rem; display: block; line-height: 1.3; } .totals span { color: #57606a; display: block; }
@page { margin: 14mm 12mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 12px; } .wide { overflow: visible; } thead { display: table-header-group; } }
`;
