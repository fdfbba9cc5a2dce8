import { execFileSync } from "node:child_process";

/** The end-to-end tests run the app as it is deployed: built, once for all of them, unless it runs already. */
export function setup(): void {
  if (process.env["ZS_BASE_URL"] !== undefined) return;
  execFileSync("npm", ["run", "-s", "build"], { stdio: "inherit", shell: process.platform === "win32" });
}
