import { describe, expect, it } from "vitest";
import { postureHtml } from "../../../cli/standing/posture-html.ts";
import { postureText } from "../../../cli/standing/posture-text.ts";
import type { PostureView } from "../../../shared/contracts/standing.ts";

type Delegated = PostureView["delegated"];
const NO_DELEGATED = { read: true as const, items: [] };
const viewOf = (applications: PostureView["applications"], delegated: Delegated = NO_DELEGATED): PostureView => ({
  tenantId: "10000000-0000-4000-8000-000000000001",
  readAt: "2026-03-02T09:00:00.000Z",
  policyHash: "a".repeat(64),
  roles: [],
  groups: [],
  servicePrincipals: [],
  applications,
  delegated,
  guests: [],
  ownIdentities: [],
  exceptions: [],
});
const APPLICATION = {
  name: "<b>Sync</b>",
  principalId: "e8000000-0000-4000-8000-000000000008",
  own: false,
  enabled: true,
  permissions: ["Directory.ReadWrite.All"],
  roles: ["Global Reader"],
  owners: ["Nora Dahl"],
  registrationOwners: [],
  moreOwners: false,
};
const both = (applications: PostureView["applications"], delegated: Delegated = NO_DELEGATED): readonly string[] => [
  postureText(viewOf(applications, delegated), undefined).join("\n"),
  postureHtml(viewOf(applications, delegated), undefined),
];

describe("the page of the posture", () => {
  it("says when in words, fits a phone, and lets wide tables move by themselves", () => {
    const page = postureHtml(viewOf({ read: true, items: [APPLICATION] }), undefined);
    expect(page).toContain("read at 2026-03-02 09:00 UTC");
    expect(page).toContain('name="viewport"');
    expect(page).toMatch(
      /<div class="wide" role="region" aria-label="Applications with tier-0[^"]*" tabindex="0">\s*<table>/,
    );
  });
});

describe("the chart of the posture", () => {
  const counts = { standing: 2, eligible: 6, activeNow: 1, timeBoundOutside: 0 };
  const role = { roleDefinitionId: "62e90394-69f5-4237-9190-012177145e10", role: "Global <b>", risk: 1, builtIn: true, brokered: true, ...counts }; // prettier-ignore
  const view = { ...viewOf({ read: false }), roles: [role] };

  it("says each bar in words, before and now, and draws nothing for nothing", () => {
    const page = postureHtml(view, [{ ...role, standing: 14, eligible: 0, activeNow: 0 }]);
    expect(page).toContain('aria-label="before: 14 standing, 0 eligible, 0 active now, 0 time-bound outside"');
    expect(page).toContain('aria-label="now: 2 standing, 6 eligible, 1 active now, 0 time-bound outside"');
    expect(page.match(/title="\d+ [^"]*"/g)).toEqual([
      'title="14 standing (before)"',
      'title="2 standing (now)"',
      'title="6 eligible (now)"',
      'title="1 active now (now)"',
    ]);
    expect(page).toContain("<span>Global &lt;b&gt;</span>");
    expect(postureHtml(view, undefined)).not.toContain("(before)");
  });

  it("needs nothing else: no script, no address", () => {
    const page = postureHtml(view, [role]);
    expect(page).not.toMatch(/<script|<link|<img|https?:|url\(/);
  });

  it("says of an exception that nothing stands for it any more", () => {
    const exception = { role: "Global Reader", holder: "Monitoring", owner: "Dev", until: "2027-03-31T00:00:00.000Z", because: "old", stands: false, inForce: false }; // prettier-ignore
    const page = postureHtml({ ...view, exceptions: [exception] }, undefined);
    expect(page).toContain("<td>Monitoring (does not stand)</td>");
    expect(page).toContain("<td>2027-03-31 (over)</td>");
  });
});

describe("groups in the terminal and on the page", () => {
  const group = { role: "Global Reader", holder: "Owners", principalId: APPLICATION.principalId, how: "standing" as const, members: ["Ada"], owners: [] }; // prettier-ignore
  const shown = (eligible: readonly string[] | null): readonly string[] => {
    const view = { ...viewOf({ read: false }), groups: [{ ...group, eligible: eligible && [...eligible] }] };
    return [postureText(view, undefined).join("\n"), postureHtml(view, undefined)];
  };

  it("say who can activate membership, and tell nobody from not read", () => {
    for (const one of shown(["Eva (as owner)"])) expect(one).toMatch(/(can activate that: |<td>)Eva \(as owner\)/);
    for (const one of shown([])) expect(one).toMatch(/(can activate that: none|<td>none<\/td>)/);
    for (const one of shown(null)) expect(one).toContain("not read (PrivilegedEligibilitySchedule.Read.AzureADGroup)");
  });
});

describe("applications in the terminal and on the page", () => {
  it("say what each can do and who can use it", () => {
    const [text, page] = both({ read: true, items: [APPLICATION] });
    expect(text).toContain(
      "<b>Sync</b>: permissions: Directory.ReadWrite.All; roles: Global Reader; owners, who can add a secret: Nora Dahl",
    );
    expect(page).toContain("&lt;b&gt;Sync&lt;/b&gt;");
    expect(page).toContain("<td>Directory.ReadWrite.All</td>");
  });

  it("mark what is ours, what is disabled and owners that may be missing", () => {
    const items = [{ ...APPLICATION, name: "worker", own: true, enabled: false, owners: ["Ada"], moreOwners: true }];
    for (const shown of both({ read: true, items })) {
      expect(shown).toContain("worker (of this system) (disabled)");
      expect(shown).toContain("Ada, perhaps more");
    }
  });

  it("tell owners of the app registration from those of the application", () => {
    const items = [{ ...APPLICATION, registrationOwners: ["Eva Marek"] }];
    for (const shown of both({ read: true, items })) expect(shown).toContain("Nora Dahl, Eva Marek (app registration)");
  });

  it("tell none from not read, and say whose owners are never read", () => {
    for (const shown of both({ read: true, items: [] })) {
      expect(shown).toContain("None.");
      expect(shown).toContain("Where an application is registered in another tenant");
    }
    for (const shown of both({ read: false })) {
      const section = shown.slice(shown.indexOf("Applications with tier-0"));
      expect(section).toMatch(
        /^Applications with tier-0[^<]*(<\/h2>\s*<p>|\n {2})Not read: this system lacks the permission/,
      );
    }
  });
});

describe("delegated permissions in the terminal and on the page", () => {
  const GRANT = { ...APPLICATION, permissions: ["Directory.AccessAsUser.All"], person: null };
  const NONE: PostureView["applications"] = { read: true, items: [] };

  it("say what an application may do, and in whose name", () => {
    const items = [GRANT, { ...GRANT, name: "Portal", person: "Nora <b>Dahl</b>" }];
    const [text, page] = both(NONE, { read: true, items });
    expect(text).toContain("<b>Sync</b>, for everybody: Directory.AccessAsUser.All");
    expect(text).toContain("Portal, for Nora <b>Dahl</b>: Directory.AccessAsUser.All");
    expect(page).toContain("<td>everybody</td>");
    expect(page).toContain("<td>Nora &lt;b&gt;Dahl&lt;/b&gt;</td>");
  });

  it("tell none from not read", () => {
    const section = (shown = ""): string => shown.slice(shown.indexOf("Delegated tier-0 permissions")).slice(0, 250);
    for (const shown of both(NONE)) expect(section(shown)).toContain("None.");
    for (const shown of both(NONE, { read: false })) {
      expect(section(shown)).toContain("Not read: this system lacks the permission DelegatedPermissionGrant.Read.All");
      expect(section(shown)).not.toContain("None.");
    }
  });
});
