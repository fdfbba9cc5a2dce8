import { once } from "../lazy.ts";

/** A handler that is made, and whose code is loaded, at its first call: a start loads what registers and no more. */
export function laterFrom<Handlers>(load: () => Promise<Handlers>) {
  const handlers = once(load);
  return <Args extends readonly unknown[], Answer>(make: (from: Handlers) => (...args: Args) => Answer) => {
    const made = once(async () => make(await handlers()));
    return async (...args: Args): Promise<Awaited<Answer>> => await (await made())(...args);
  };
}
