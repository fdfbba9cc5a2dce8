import { z } from "zod";

const LONGEST_WAIT_MS = 30_000;
const MOST_PAGES = 200;

/** Why something of Azure could not be read. `status` is 0 where nothing was answered. */
export class AzureProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Azure Resource Manager; nothing here changes anything. Paths begin with `/`. @throws AzureProblem */
export interface ResourceManager {
  get<T extends z.ZodType>(path: string, version: string, answer: T): Promise<z.output<T>>;
  /** Like `get`; `undefined` for 404. */
  find<T extends z.ZodType>(path: string, version: string, answer: T): Promise<z.output<T> | undefined>;
  /** Like `get`, by a POST that changes nothing: lists of what is secret are asked for that way. */
  ask<T extends z.ZodType>(path: string, version: string, answer: T): Promise<z.output<T>>;
  /** All pages. */
  list<T extends z.ZodType>(path: string, version: string, item: T): Promise<readonly z.output<T>[]>;
}

/** @param address the only origin that the token goes to */
export function createResourceManager(address: string, token: string): ResourceManager {
  const { origin } = new URL(address);

  async function read<T extends z.ZodType>(url: URL, answer: T, method: "GET" | "POST" = "GET"): Promise<z.output<T>> {
    if (url.origin !== origin) throw new AzureProblem(0, "Azure names a next page at another address");
    const body = await bodyOf(url, token, method);
    const parsed = answer.safeParse(body);
    if (!parsed.success) throw new AzureProblem(200, `${url.pathname} has an unknown form`);
    return parsed.data;
  }
  const urlOf = (path: string, version: string): URL => {
    const url = new URL(origin + path);
    url.searchParams.set("api-version", version);
    return url;
  };
  return {
    get: (path, version, answer) => read(urlOf(path, version), answer),
    ask: (path, version, answer) => read(urlOf(path, version), answer, "POST"),
    find: async (path, version, answer) => {
      try {
        return await read(urlOf(path, version), answer);
      } catch (error) {
        if (error instanceof AzureProblem && error.status === 404) return undefined;
        throw error;
      }
    },
    list: async (path, version, item) => {
      const page = z.object({ value: z.array(item), nextLink: z.string().nullish() });
      const found: z.output<typeof item>[] = [];
      let next: URL | undefined = urlOf(path, version);
      for (let pages = 0; next; pages += 1) {
        if (pages === MOST_PAGES) throw new AzureProblem(200, `${path} has too many pages`);
        const answer: z.output<typeof page> = await read(next, page);
        found.push(...answer.value);
        next = answer.nextLink ? nextPage(answer.nextLink) : undefined;
      }
      return found;
    },
  };
}

/** What follows a page that cannot be found was not read. */
function nextPage(link: string): URL {
  const url = URL.parse(link);
  if (!url) throw new AzureProblem(0, "Azure names a next page without an address");
  return url;
}

async function bodyOf(url: URL, token: string, method: string): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method,
      headers: { accept: "application/json", authorization: `Bearer ${token}` },
      redirect: "error",
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    });
  } catch {
    throw new AzureProblem(0, `${url.origin} does not answer`);
  }
  if (!answer.ok) throw new AzureProblem(answer.status, `${url.pathname} answers ${answer.status}`);
  try {
    return await answer.json();
  } catch {
    throw new AzureProblem(answer.status, `${url.pathname} is not JSON`);
  }
}
