import { once } from "../lazy.ts";

const handlers = once(() => import("../handlers.ts"));
export type Handlers = Awaited<ReturnType<typeof handlers>>;

/** A handler that is made, and whose code is loaded, at its first call: a start loads what registers and no more. */
export function later<Args extends readonly unknown[], Answer>(make: (from: Handlers) => (...args: Args) => Answer) {
  const made = once(async () => make(await handlers()));
  return async (...args: Args): Promise<Awaited<Answer>> => await (await made())(...args);
}
