import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const PROJECT = resolve(import.meta.dirname, "../..");

/** The folder of an app under `tests/fixtures/apps`. */
export const fixtureApp = (name: string): string => join(PROJECT, "tests/fixtures/apps", name);

export interface WrittenApp {
  readonly source?: string;
  readonly main?: string;
  readonly type?: "module" | "commonjs";
  /** `undefined` = the app has no host.json. */
  readonly hostJson?: object | undefined;
  readonly localSettings?: Readonly<Record<string, string>>;
}

/** Writes an app of one file, `app.js`, into a new folder below `parent`. It finds this project's packages. */
export function writeApp(parent: string, app: WrittenApp): string {
  const { source, main = "app.js", type = "commonjs", localSettings } = app;
  const hostJson = "hostJson" in app ? app.hostJson : { version: "2.0" };
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, "app-"));
  const write = (file: string, content: unknown): void => writeFileSync(join(directory, file), JSON.stringify(content));
  write("package.json", { name: "written", main, type });
  if (hostJson) write("host.json", hostJson);
  if (localSettings) write("local.settings.json", { IsEncrypted: false, Values: localSettings });
  if (source !== undefined) writeFileSync(join(directory, "app.js"), source);
  symlinkSync(join(PROJECT, "node_modules"), join(directory, "node_modules"), "junction");
  return directory;
}
