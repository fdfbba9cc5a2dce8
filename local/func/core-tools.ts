import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = process.platform === "win32" ? ["func.exe", "func.cmd"] : ["func"];

/** The `func` of Azure Functions Core Tools that a shell would run. @throws Error with one line that says what to install */
export function findCoreTools(path = process.env["PATH"] ?? ""): string {
  const candidates = path
    .split(delimiter)
    .filter((directory) => directory !== "")
    .flatMap((directory) => NAMES.map((name) => join(directory, name)));
  const found = candidates.find(isProgram);
  if (found !== undefined) return found;
  throw new Error(
    "there is no func on the PATH: install Azure Functions Core Tools 4 (npm install -g azure-functions-core-tools@4); npm start runs the app without it",
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
