import type { ChainEnd } from "../domain/checkpoint.ts";
import { canonicalJson } from "./digest.ts";
import { leafHash, merkleRoot } from "./merkle.ts";

interface Leaf {
  readonly end: ChainEnd;
  readonly hash: Buffer;
}

/** Where the chains ended by all checkpoints so far. Ordered by subject (UTF-16 code units), as the Merkle root needs it. */
export class ChainEnds {
  readonly #leaves: Leaf[];

  private constructor(leaves: Leaf[]) {
    this.#leaves = leaves;
  }

  static none(): ChainEnds {
    return new ChainEnds([]);
  }

  get size(): number {
    return this.#leaves.length;
  }

  get(subject: string): ChainEnd | undefined {
    const leaf = this.#leaves[this.#placeOf(subject)];
    return leaf?.end.subject === subject ? leaf.end : undefined;
  }

  /** Adds a chain, or moves its end on. */
  set({ subject, sequence, hash }: ChainEnd): void {
    const place = this.#placeOf(subject);
    const end = { subject, sequence, hash };
    const isKnown = this.#leaves[place]?.end.subject === subject;
    this.#leaves.splice(place, isKnown ? 1 : 0, { end, hash: leafHash(canonicalJson(end)) });
  }

  /** Hexadecimal. */
  root(): string {
    return merkleRoot(this.#leaves.map(({ hash }) => hash)).toString("hex");
  }

  subjects(): readonly string[] {
    return this.#leaves.map(({ end }) => end.subject);
  }

  /** The same with some more, leaving this as it is. */
  with(ends: readonly ChainEnd[]): ChainEnds {
    const more = new ChainEnds([...this.#leaves]);
    for (const end of ends) more.set(end);
    return more;
  }

  /** Where the subject is, or would be. */
  #placeOf(subject: string): number {
    let [from, to] = [0, this.#leaves.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#leaves[middle]?.end.subject ?? "") < subject) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
