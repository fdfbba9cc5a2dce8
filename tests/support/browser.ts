import chromium from "@sparticuz/chromium";
import { chromium as playwright, type Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

/** A real Chromium for one suite, from the npm package; nothing is downloaded. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await playwright.launch({
      executablePath: await chromium.executablePath(),
      args: chromium.args,
      headless: true,
    });
  });
  afterAll(() => browser?.close());
  return () => {
    if (!browser) throw new Error("the browser is not there before the first test");
    return browser;
  };
}
