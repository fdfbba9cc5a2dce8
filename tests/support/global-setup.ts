import { execFileSync } from "node:child_process";

/** The end-to-end tests run the app as it is deployed: built, once for all of them. */
export function setup(): void {
  execFileSync("npm", ["run", "-s", "build"], { stdio: "inherit", shell: process.platform === "win32" });
}
