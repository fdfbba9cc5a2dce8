import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import type { AuditCopy } from "../../shared/ports/audit-copy.ts";

/** A copy in memory whose lines stay, wherever the writer is interrupted. */
export class MemoryCopy implements AuditCopy {
  readonly lines: (AuditRecord | { readonly checkpoint: Checkpoint })[] = [];
  /** So many lines are taken, then every call fails until this is set anew. */
  room = Infinity;

  async last(): Promise<Pick<Checkpoint, "sequence" | "hash"> | undefined> {
    if (this.room <= 0) throw new Error("the copy is away");
    const line = this.lines.findLast((one) => "checkpoint" in one);
    return line && "checkpoint" in line ? line.checkpoint : undefined;
  }

  async append(records: AsyncIterable<AuditRecord>, checkpoint: Checkpoint): Promise<void> {
    for await (const record of records) this.#add(record);
    this.#add({ checkpoint });
  }

  /** Subject and number of each record, number of each checkpoint. */
  get story(): readonly string[] {
    return this.lines.map((line) =>
      "checkpoint" in line ? `checkpoint ${line.checkpoint.sequence}` : `${line.subject} ${line.sequence}`,
    );
  }

  get text(): string {
    return this.lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  }

  #add(line: AuditRecord | { readonly checkpoint: Checkpoint }): void {
    if (this.room <= 0) throw new Error("the copy is away");
    this.room -= 1;
    this.lines.push(line);
  }
}
