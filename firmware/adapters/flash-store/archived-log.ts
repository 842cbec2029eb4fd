/** The log of the ledger with an index of its records: what has been appended can be read again by its id. */
import type { RecordArchive, RecordPlace, StoredKeys } from "#core/ledger/record-archive.ts";
import type { RecordLog } from "#core/ledger/record-log.ts";
import type { Flash } from "#hal/ports/flash.ts";
import { FRAME_HEAD_BYTES, recordLength } from "./frame.ts";
import { partsOf, PlaceIndex } from "./place-index.ts";
import type { SegmentLog } from "./segment-log.ts";
import { segmentName } from "./segment-format.ts";

/** Of the folder in which the log is. */
export class FlashArchive implements RecordArchive {
  readonly #flash: Pick<Flash, "readNow">;
  readonly #index = new PlaceIndex();

  constructor(flash: Pick<Flash, "readNow">) {
    this.#flash = flash;
  }

  note(key: string, place: RecordPlace): void {
    const { segment, offset } = partsOf(place);
    this.#index.set(key, segment, offset);
  }

  has(key: string): boolean {
    return this.#index.get(key) !== undefined;
  }

  /** What a frame's check would say is said by the id, which whoever asks holds against the record. */
  read(key: string): Uint8Array | undefined {
    const place = this.#index.get(key);
    if (place === undefined) return undefined;
    const name = segmentName(place.segment);
    const head = this.#flash.readNow(name, place.offset, FRAME_HEAD_BYTES);
    return this.#flash.readNow(name, place.offset + FRAME_HEAD_BYTES, recordLength(head));
  }
}

/** The journal as the ledger writes it. */
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

  async append(record: Uint8Array, key?: string): Promise<void> {
    const place = await this.#log.append(record);
    if (key === undefined) return;
    this.#archive.note(key, place);
    this.#underWay.delete(key);
  }
}
