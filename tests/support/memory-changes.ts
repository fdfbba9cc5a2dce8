import type { Change, ChangeId, ChangeItem, ChangeState } from "../../shared/domain/change.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import {
  DEEDS_STRETCH,
  subjectOf,
  type AnswerSheet,
  type ChangeStore,
  type DeedsSheet,
} from "../../shared/ports/change-store.ts";

interface Stored {
  readonly change: Change;
  items: readonly ChangeItem[];
  row: { readonly state: ChangeState; readonly etag: string } | undefined;
  readonly verdicts: Map<string, SealedRow>;
  readonly progress: Map<number, SealedRow>;
  readonly answers: Map<string, AnswerSheet>;
}

/** Changes in memory, with the same promises as the table. */
export class MemoryChanges implements ChangeStore {
  readonly stored = new Map<ChangeId, Stored>();
  readonly frozenRows = new Map<ChangeId, SealedRow>();
  readonly early = new Map<ChangeId, readonly ChangeItem[]>();
  readonly locks = new Map<string, ChangeId>();
  #etag = 0;

  async ask(change: Change, items: readonly ChangeItem[]): Promise<void> {
    if (this.stored.has(change.id)) return;
    this.stored.set(change.id, {
      change,
      items: items.length > 0 ? items : (this.early.get(change.id) ?? []),
      row: undefined,
      verdicts: new Map(),
      progress: new Map(),
      answers: new Map(),
    });
  }

  async load(id: ChangeId): ReturnType<ChangeStore["load"]> {
    const found = this.stored.get(id);
    return (
      found && {
        change: found.change,
        row: found.row,
        frozen: this.frozenRows.get(id),
        verdicts: [...found.verdicts.values()],
      }
    );
  }

  async putState(id: ChangeId, state: ChangeState, etag: string | undefined): Promise<boolean> {
    const found = this.#found(id);
    if (found.row?.etag !== etag) return false;
    found.row = { state, etag: String((this.#etag += 1)) };
    return true;
  }

  freeze = async (id: ChangeId, frozen: SealedRow): Promise<void> => void this.frozenRows.set(id, frozen);
  frozen = async (id: ChangeId): Promise<SealedRow | undefined> => this.frozenRows.get(id);
  keepVerdict = async (id: ChangeId, key: string, verdict: SealedRow): Promise<void> =>
    void this.#found(id).verdicts.set(key, verdict);
  putItems = async (id: ChangeId, first: number, items: readonly ChangeItem[]): Promise<void> => {
    this.early.set(id, [...(this.early.get(id) ?? []).slice(0, first - 1), ...items]);
  };
  items = async (id: ChangeId, from = 1, count = Infinity): Promise<readonly ChangeItem[]> =>
    this.#found(id).items.slice(from - 1, from - 1 + count);
  readonly shares = new Map<string, readonly number[]>();
  keepShare = async (id: ChangeId, of: string, numbers: readonly number[], begins: boolean): Promise<void> => {
    for (const key of begins ? [...this.shares.keys()] : [])
      if (key.startsWith(`${id} ${of} `)) this.shares.delete(key);
    this.shares.set(`${id} ${of} ${String(numbers[0]).padStart(9, "0")}`, numbers);
  };
  share = async (id: ChangeId, of: string): Promise<readonly number[]> =>
    [...this.shares.keys()]
      .filter((key) => key.startsWith(`${id} ${of} `))
      .toSorted()
      .flatMap((key) => this.shares.get(key) ?? []);
  answers = async (id: ChangeId, slot: number, signed = ""): Promise<AnswerSheet> =>
    this.#found(id).answers.get(`${slot} ${signed}`) ?? {};
  keepAnswers = async (id: ChangeId, slot: number, answers: AnswerSheet, signed = ""): Promise<void> =>
    void this.#found(id).answers.set(`${slot} ${signed}`, { ...(await this.answers(id, slot, signed)), ...answers });
  progress = async (id: ChangeId, n: number): Promise<SealedRow | undefined> => this.#found(id).progress.get(n);
  allProgress = async (id: ChangeId, from = 1, count = Infinity): Promise<readonly SealedRow[]> =>
    [...this.#found(id).progress]
      .toSorted(([a], [b]) => a - b)
      .map(([, row]) => row)
      .slice(from - 1, from - 1 + count);

  async beginProgress(id: ChangeId, rows: readonly (SealedRow & { readonly n: number })[]): Promise<void> {
    const known = this.#found(id).progress;
    await this.putProgress(
      id,
      rows.filter(({ n }) => !known.has(n)),
    );
  }

  async putProgress(id: ChangeId, rows: readonly (SealedRow & { readonly n: number })[]): Promise<void> {
    for (const { n, body, mac } of rows) this.#found(id).progress.set(n, { body, mac });
  }

  readonly partsRows = new Map<string, string>();
  keepParts = async (id: ChangeId, digest: string, text: string): Promise<void> =>
    void this.partsRows.set(`${id} ${digest}`, text);
  parts = async (id: ChangeId, digest: string): Promise<string | undefined> => this.partsRows.get(`${id} ${digest}`);

  readonly mailClaims = new Map<string, SealedRow>();
  claimMail = async (campaign: ChangeId, key: string, claim: SealedRow): Promise<SealedRow> => {
    const stands = this.mailClaims.get(`${campaign} ${key}`) ?? claim;
    this.mailClaims.set(`${campaign} ${key}`, stands);
    return stands;
  };
  mailClaim = async (campaign: ChangeId, key: string): Promise<SealedRow | undefined> =>
    this.mailClaims.get(`${campaign} ${key}`);
  putMailClaim = async (campaign: ChangeId, key: string, claim: SealedRow): Promise<void> =>
    void this.mailClaims.set(`${campaign} ${key}`, claim);
  dropMailClaim = async (campaign: ChangeId, key: string, { body, mac }: SealedRow): Promise<void> => {
    const stands = this.mailClaims.get(`${campaign} ${key}`);
    if (stands?.body === body && stands.mac === mac) this.mailClaims.delete(`${campaign} ${key}`);
  };

  readonly deedsSheets = new Map<string, DeedsSheet>();
  deeds = async (id: ChangeId, n: number): Promise<DeedsSheet | undefined> =>
    this.deedsSheets.get(`${id} ${Math.ceil(n / DEEDS_STRETCH)}`);
  keepDeeds = async (id: ChangeId, n: number, sheet: DeedsSheet): Promise<void> =>
    void this.deedsSheets.set(`${id} ${Math.ceil(n / DEEDS_STRETCH)}`, sheet);

  about = async (subject: string): Promise<readonly ChangeId[]> =>
    [...this.stored.values()]
      .filter(({ change }) => subjectOf(change) === subject)
      .map(({ change }) => change.id)
      .toReversed();

  async lock(name: string, id: ChangeId): Promise<ChangeId> {
    if (!this.locks.has(name)) this.locks.set(name, id);
    return this.locks.get(name) ?? id;
  }

  async unlock(name: string, id: ChangeId): Promise<void> {
    if (this.locks.get(name) === id) this.locks.delete(name);
  }

  #found(id: ChangeId): Stored {
    const found = this.stored.get(id);
    if (!found) throw new Error("no such change");
    return found;
  }
}
