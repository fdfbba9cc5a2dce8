import { spawn } from "node:child_process";
import { platform } from "node:process";
import { isSafeAddress } from "./config/address.ts";

/** Opens a page in the person's browser, without a shell. Where that is not possible nothing happens: the link is printed too. */
export function openBrowser(url: string): void {
  if (!isSafeAddress(url)) return;
  const [program, ...words] = opener(new URL(url).href);
  const child = spawn(program, words, { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

function opener(url: string): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open", url];
  return platform === "win32" ? ["rundll32", "url.dll,FileProtocolHandler", url] : ["xdg-open", url];
}
