type Asynchronous<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...args: never[]) => Promise<unknown> ? Port[Name] : never;
};

/**
 * A port whose adapter, and the SDK behind it, is loaded at the first call: what a start does not need costs it nothing.
 * Only for ports all of whose methods answer promises. A load that failed is tried again by the next call.
 */
export function lazy<Port extends object & Asynchronous<Port>>(load: () => Promise<Port>): Port {
  let loading: Promise<Port> | undefined;
  const loaded = (): Promise<Port> =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  return new Proxy({} as Port, {
    get:
      (_target, name) =>
      async (...args: readonly unknown[]): Promise<unknown> => {
        const port = await loaded();
        return (Reflect.get(port, name) as (...args: readonly unknown[]) => unknown).call(port, ...args);
      },
  });
}

/** Runs once, at the first call; a failure is tried again. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}
