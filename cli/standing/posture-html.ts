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
  ownersText,
  REGISTRATIONS_ELSEWHERE,
  type ComparedRole,
  type RoleCounts,
} from "./posture-text.ts";
import { utcText } from "../output/times.ts";
import { htmlTable, TABLE_STYLE } from "./html-table.ts";

type Html = ReturnType<typeof html>;

const SERIES = [
  { count: "standing", label: "standing", colour: "#b3261e" },
  { count: "eligible", label: "eligible", colour: "#2f6f4f" },
  { count: "activeNow", label: "active now", colour: "#3b6fb6" },
  { count: "timeBoundOutside", label: "time-bound outside", colour: "#8a5a10" },
] as const;

const [LABEL, WIDTH, BAR, GAP] = [230, 760, 15, 12];

/** The posture as one page that needs nothing else: charts in SVG, no script, good on paper. */
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
          ["Role", "Group", "How", "Members", "Owners, who can add anybody"],
          view.groups.map(({ role, holder, how, members, owners }) => [
            role,
            holder,
            how,
            members.join(", "),
            owners.join(", ") || "none",
          ]),
        )}
        ${holders("Service principals with roles", view.servicePrincipals)} ${applicationsHtml(view.applications)}
        ${delegatedHtml(view.delegated)} ${holders("Guests", view.guests)}
        ${holders("Identities of this system", view.ownIdentities)}
        ${listing(
          "Exceptions of the policy",
          ["Role", "Holder", "Answers for it", "Until", "Why"],
          view.exceptions.map(({ role, holder, owner, until, because, inForce }) => [
            role,
            holder,
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

function chart(roles: readonly ComparedRole[], compares: boolean): Html {
  const most = Math.max(
    1,
    ...roles.flatMap(({ now, before }) =>
      [now, before].map((one) => (one ? SERIES.reduce((sum, { count }) => sum + one[count], 0) : 0)),
    ),
  );
  const lines = compares ? 2 : 1;
  const height = roles.length * (BAR * lines + GAP) + GAP;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Assignments by role and kind">
      ${roles.map((role, index) => {
        const top = GAP + index * (BAR * lines + GAP);
        return html`<text x="${LABEL - 8}" y="${top + (BAR * lines) / 2 + 4}" text-anchor="end">${role.role}</text>
          ${compares ? bar(role.before, top, most, 0.45, "before") : ""}
          ${bar(role.now, top + (compares ? BAR : 0), most, 1, "now")}`;
      })}
    </svg>
    <p class="legend">
      ${SERIES.map(({ label, colour }) => html`<span><i style="background:${colour}"></i>${label}</span> `)}
      ${compares ? "Upper bar: before. Lower bar: now." : ""}
    </p>`;
}

function bar(counts: RoleCounts | undefined, y: number, most: number, opacity: number, when: "before" | "now"): Html {
  let x = LABEL;
  return html`${SERIES.map(({ count, label, colour }) => {
    const value = counts?.[count] ?? 0;
    const width = (value * (WIDTH - LABEL - 40)) / most;
    const left = x;
    x += width;
    return value === 0
      ? ""
      : html`<rect x="${left}" y="${y}" width="${width}" height="${BAR - 2}" fill="${colour}" opacity="${opacity}"
            ><title>${value} ${label} (${when})</title></rect
          >
          <text class="n ${when}" x="${left + width / 2}" y="${y + BAR - 5}" text-anchor="middle">${value}</text>`;
  })}`;
}

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

const STYLE = `${TABLE_STYLE}
body { font: 15px/1.5 "Segoe UI", system-ui, sans-serif; color: #1b1f24; max-width: 800px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; break-after: avoid; }
.totals { display: flex; gap: 2rem; list-style: none; padding: 0; flex-wrap: wrap; } .totals b { font-size: 1.6rem; display: block; } .totals span { color: #57606a; }
svg { width: 100%; } svg text { font-size: 12px; fill: currentColor; } svg text.n { font-size: 10px; } svg text.now { fill: #fff; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .3em; } .legend span { margin-right: 1rem; }
@media print { body { margin: 0; max-width: none; } svg rect, .legend i { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
