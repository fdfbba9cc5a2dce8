import type { Command } from "../command.ts";
import { signInSettings } from "../config/settings.ts";
import { ExitCode } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { answer } from "../output/terminal.ts";
import { timeText } from "../output/times.ts";
import { signInWithBrowser, signInWithDeviceCode } from "../sign-in/sign-in.ts";
import { cacheKey, openTokenCache } from "../sign-in/token-cache.ts";

export const login: Command = {
  name: "login",
  summary: "sign in",
  details:
    "Signs in with a browser on this machine (authorization code with PKCE), or with --device by a code that you type\ninto a browser anywhere. The tokens are kept in a file that only you can read, and renewed as long as that is allowed.",
  options: {
    device: { help: "sign in with a device code" },
    "no-browser": { help: "only print the address; open it on this machine" },
  },
  examples: ["zs login", "zs login --device"],
  run: async (input, { env, directory, terminal, openBrowser }) => {
    const settings = signInSettings(env, directory);
    const cache = openTokenCache(env);
    const key = cacheKey(settings);
    cache.read(key); // an unsafe file is found before the person signs in, not after
    const tokens = input.flag("device")
      ? await signInWithDeviceCode(settings, (page, code) =>
          terminal.note(`Open ${safeText(page)} and enter the code ${safeText(code)}`),
        )
      : await signInWithBrowser(settings, (url) => {
          terminal.note(`Sign in here: ${safeText(url)}`);
          if (!input.flag("no-browser")) openBrowser(url);
        });
    cache.write(key, tokens);
    const { userName, expiresAt } = tokens;
    answer(terminal, { signedInAs: userName, service: settings.apiUrl, expiresAt }, () => [
      `Signed in as ${safeText(userName)} for ${settings.apiUrl}, at first until ${timeText(expiresAt)}.`,
    ]);
    return ExitCode.Ok;
  },
};

export const logout: Command = {
  name: "logout",
  summary: "forget the sign-in",
  details: "Removes the kept tokens of this service from this machine. The browser's own session stays.",
  options: {},
  examples: ["zs logout"],
  run: async (_input, { env, directory, terminal }) => {
    const removed = openTokenCache(env).remove(cacheKey(signInSettings(env, directory)));
    answer(terminal, { removed }, () => [removed ? "Signed out." : "Nobody was signed in."]);
    return ExitCode.Ok;
  },
};
