export const RIGHTS = ["Send", "Listen", "Manage"] as const;
export type Right = (typeof RIGHTS)[number];

/** What a verified token allows, and where: the entity and everything below it, "" = the namespace. */
export interface Grant {
  readonly path: string;
  readonly rights: readonly Right[];
  readonly expiresAt: number;
}

/** A token's verdict; `reason` is for the client. */
export type Verdict =
  { readonly kind: "granted"; readonly grant: Grant } | { readonly kind: "refused"; readonly reason: string };

export const refused = (reason: string): Verdict => ({ kind: "refused", reason });

/** The grants of one connection. A newer token for the same audience takes the place of the older. */
export class Grants {
  readonly #byPath = new Map<string, Grant>();

  add(grant: Grant): void {
    this.#byPath.set(grant.path.toLowerCase(), grant);
  }

  /** Whether something in force allows this. Manage includes the two others. */
  allow(path: string, right: Right, now: number): boolean {
    const wanted = path.toLowerCase();
    for (const [granted, { rights, expiresAt }] of this.#byPath)
      if (expiresAt > now && covers(granted, wanted) && (rights.includes(right) || rights.includes("Manage")))
        return true;
    return false;
  }
}

export const covers = (granted: string, wanted: string): boolean =>
  granted === "" || wanted === granted || wanted.startsWith(`${granted}/`);
