/** The journal as the ledger writes it: what has been appended can be read again by its id. */
import type { RecordArchive, StoredKeys } from "#core/ledger/record-archive.ts";
import type { RecordLog } from "#core/ledger/record-log.ts";
import type { SegmentLog } from "./segment-log.ts";

export class ArchivedLog implements RecordLog, StoredKeys {
  readonly #log: Pick<SegmentLog, "append">;
  readonly #archive: RecordArchive;
  /** Ids of records on their way to flash. */
  readonly #underWay = new Set<string>();

  constructor(log: Pick<SegmentLog, "append">, archive: RecordArchive) {
    this.#log = log;
    this.#archive = archive;
  }

  has(key: string): boolean {
    return this.#underWay.has(key) || this.#archive.has(key);
  }

  add(key: string): void {
    this.#underWay.add(key);
  }

  /** @param others further ids by which the record is to be found; a later record takes them over */
  async append(record: Uint8Array, key?: string, others: readonly string[] = []): Promise<void> {
    const place = await this.#log.append(record);
    if (key === undefined) return;
    for (const each of [key, ...others]) this.#archive.note(each, place);
    this.#underWay.delete(key);
  }
}
