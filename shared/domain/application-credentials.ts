import type { Instant } from "./time.ts";

/** One way to sign in as an application. */
export interface Credential {
  readonly kind: "secret" | "certificate" | "federated";
  readonly name: string;
  readonly endsAt?: Instant | undefined;
  /** Of a federated one: whose tokens are taken, and for whom. */
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
}
