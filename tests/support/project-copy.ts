import { cpSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROJECT, bundleApp } from "../../packaging/bundle.ts";

const SOURCES = [
  ...["package.ts", "packaging", "functions", "orchestrations", "shared", "policy"],
  ...["host.json", "package.json", "package-lock.json", "tsconfig.json"],
];
const TOOLS = ["node_modules/esbuild", "node_modules/@esbuild", "node_modules/fflate"];
/** Read by the build itself, to check the policy. */
const RUN_BY_THE_BUILD = ["node_modules/zod", "node_modules/yaml", "node_modules/canonicalize"];

/**
 * Copies into the folder what a package is made of: the sources, the tools, and of the other packages only the files that
 * are bundled, so that nothing else that is installed can have a part in it.
 */
export async function copyProject(directory: string): Promise<void> {
  const copy = (path: string): void => {
    if (existsSync(join(PROJECT, path))) cpSync(join(PROJECT, path), join(directory, path), { recursive: true });
  };
  [...SOURCES, ...TOOLS, ...RUN_BY_THE_BUILD].forEach(copy);
  const bundled = [...(await bundleApp()).modules.keys()].filter((file) => file.startsWith("node_modules/"));
  const manifests = bundled.flatMap(foldersOf).map((folder) => join(folder, "package.json"));
  for (const file of new Set([...bundled, ...bundled.flatMap(sourceMapOf), ...manifests])) copy(file);
}

const sourceMapOf = (file: string): readonly string[] => {
  const name = /\/\/# sourceMappingURL=([^\s:]+)\s*$/.exec(readFileSync(join(PROJECT, file), "utf8"))?.[1];
  return name === undefined ? [] : [join(dirname(file), name)];
};

const foldersOf = (file: string): readonly string[] => {
  const folder = dirname(file);
  return folder === "node_modules" ? [] : [folder, ...foldersOf(folder)];
};
