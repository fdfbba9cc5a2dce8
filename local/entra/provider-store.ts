import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";
import { epochSeconds } from "./tokens.ts";

const PRUNE_ABOVE = 5_000;

/** What `oidc-provider` keeps (sessions, codes, grants…), in memory: a restart signs everybody out, as said in README.md. */
export const createProviderStore = (): AdapterFactory => () => new MemoryStore();

class MemoryStore implements Adapter {
  readonly #entries = new Map<string, AdapterPayload>();

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    if (this.#entries.size > PRUNE_ABOVE) this.#deleteWhere(({ exp = Infinity }) => exp < epochSeconds());
    this.#entries.set(id, payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#entries.get(id);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findWhere((payload) => payload.userCode === userCode);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findWhere((payload) => payload.uid === uid);
  }

  async consume(id: string): Promise<void> {
    const payload = this.#entries.get(id);
    if (payload) payload.consumed = epochSeconds();
  }

  async destroy(id: string): Promise<void> {
    this.#entries.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    this.#deleteWhere((payload) => payload.grantId === grantId);
  }

  #findWhere(matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    return [...this.#entries.values()].find(matches);
  }

  #deleteWhere(matches: (payload: AdapterPayload) => boolean): void {
    for (const [id, payload] of this.#entries) if (matches(payload)) this.#entries.delete(id);
  }
}
