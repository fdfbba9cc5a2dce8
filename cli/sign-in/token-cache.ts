import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { configFolder } from "../config/sources.ts";
import { notSignedIn } from "../exit-code.ts";

const cachedTokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  expiresAt: z.iso.datetime(),
  userName: z.string(),
});
const cacheFile = z.record(z.string(), cachedTokens);

/** Tokens of one sign-in. Never shown. */
export type CachedTokens = z.output<typeof cachedTokens>;

/** Tokens by service and tenant, in a file that only its owner can read. */
export interface TokenCache {
  /** @throws CliError when others could have read or written the file */
  read(key: string): CachedTokens | undefined;
  write(key: string, tokens: CachedTokens): void;
  /** Whether there was something to remove. */
  remove(key: string): boolean;
}

export const cacheKey = ({ apiUrl, tenantId }: { readonly apiUrl: string; readonly tenantId: string }): string =>
  `${apiUrl} ${tenantId}`;

export function openTokenCache(env: Readonly<Record<string, string | undefined>>): TokenCache {
  const path = join(configFolder(env), "tokens.json");
  const all = () => readOwn(path);
  return {
    read: (key) => all()[key],
    write: (key, tokens) => replace(path, { ...all(), [key]: tokens }),
    remove: (key) => {
      const { [key]: removed, ...others } = all();
      if (Object.keys(others).length > 0) replace(path, others);
      else rmSync(path, { force: true });
      return removed !== undefined;
    },
  };
}

function readOwn(path: string): Readonly<Record<string, CachedTokens>> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return {};
  const foreign = process.getuid !== undefined && (stat.uid !== process.getuid() || (stat.mode & 0o077) !== 0);
  if (foreign)
    throw notSignedIn(`others than you can read or write ${path}: remove it, and sign in again with zs login`);
  const parsed = cacheFile.safeParse(parseJson(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : {};
}

/** A cache that cannot be read is an empty one: the person signs in again. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Another `zs` at the same time sees the old file or the new one, never half of it. */
function replace(path: string, content: Readonly<Record<string, CachedTokens>>): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}.new`;
  rmSync(next, { force: true });
  writeFileSync(next, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  renameSync(next, path);
}
