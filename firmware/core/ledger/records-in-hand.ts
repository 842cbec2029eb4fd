/** The records of a journal that is in memory as a whole, to be found again by what was noted while they were read. */
import { assert } from "#base/assert.ts";
import type { RecordArchive, RecordPlace } from "./record-archive.ts";

export class RecordsInHand implements RecordArchive {
  readonly #records: readonly Uint8Array[];
  readonly #places = new Map<string, RecordPlace>();

  /** A place is the index of a record. */
  constructor(records: readonly Uint8Array[]) {
    this.#records = records;
  }

  note(key: string, place: RecordPlace): void {
    this.#places.set(key, place);
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  read(key: string): Uint8Array | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#records[place];
  }

  /** The index of a record that was noted. */
  placeOf(key: string): RecordPlace {
    const place = this.#places.get(key);
    assert(place !== undefined, "what was noted has a place");
    return place;
  }

  /** Nothing rots in memory. */
  hasRotten(): boolean {
    return false;
  }
}
