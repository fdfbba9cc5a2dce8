import { describe, expect, it } from "vitest";
import { postureHtml } from "../../cli/standing/posture-html.ts";
import type { PostureView } from "../../shared/contracts/standing.ts";
import { useBrowser } from "../support/browser.ts";

const LONG = "Authentication Extensibility Administrator";
const ROLES = Array.from({ length: 80 }, (_, index) => ({
  roleDefinitionId: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
  role: index === 0 ? LONG : `Role ${index}`,
  risk: index,
  builtIn: true,
  brokered: true,
  standing: index === 0 ? 1 : 20,
  eligible: 900 - index,
  activeNow: 1,
  timeBoundOutside: 0,
}));
const VIEW: PostureView = {
  tenantId: "10000000-0000-4000-8000-000000000001",
  readAt: "2026-03-02T09:00:00.000Z",
  policyHash: "a".repeat(64),
  roles: ROLES,
  groups: [],
  servicePrincipals: [],
  applications: { read: false },
  delegated: { read: false },
  guests: [],
  ownIdentities: [],
  exceptions: [],
};

describe("the page of zs standing report in a real browser", () => {
  const browser = useBrowser();

  it.each([
    ["a desk", { width: 1280, height: 900 }],
    ["a phone", { width: 390, height: 844 }],
  ])(
    "shows every role's name whole and as large as other text on %s, and one among hundreds",
    async (_what, viewport) => {
      const page = await browser().newPage({ viewport });
      await page.setContent(postureHtml(VIEW, ROLES));
      const name = await page.getByText(LONG).first().boundingBox();
      expect(name?.x).toBeGreaterThanOrEqual(0);
      expect(name?.height).toBeGreaterThan(12);
      expect((name?.x ?? 0) + (name?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
      const one = await page.getByTitle("1 standing (now)").boundingBox();
      expect(one?.width).toBeGreaterThanOrEqual(3);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(viewport.width);
    },
  );

  it("cuts no role's bars between two sheets of paper, and prints their colours", async () => {
    const page = await browser().newPage({ viewport: { width: 794, height: 1123 } });
    await page.setContent(postureHtml(VIEW, ROLES));
    await page.emulateMedia({ media: "print" });
    const bars = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll("[title$='(now)']")].map((bar) => getComputedStyle(bar.closest("div.role") ?? bar).breakInside)`,
    );
    expect(bars.length).toBeGreaterThan(200);
    expect(new Set(bars)).toEqual(new Set(["avoid"]));
    const colours = await page.evaluate(
      `getComputedStyle(document.querySelector("[title='1 standing (now)']")).getPropertyValue("print-color-adjust")`,
    );
    expect(colours).toBe("exact");
  });
});
