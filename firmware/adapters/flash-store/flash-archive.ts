/**
 * Reads records of the ledger's log again by their ids. Where they stand is in memory for segments that are being
 * written, and in a file beside each that is full (`segment-index.ts`): so neither memory nor the time of a start grows
 * with the age of the log.
 */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import type { RecordArchive, RecordPlace } from "#core/ledger/record-archive.ts";
import { FlashError, type Flash } from "#hal/ports/flash.ts";
import { FRAME_HEAD_BYTES, frameKeys, isIntact, recordLength, type FrameKeys } from "./frame.ts";
import { partsOf, PlaceIndex, placeOf, type PlaceParts } from "./place-index.ts";
import { encodeIndex, indexName, SegmentIndex, soughtKey, type IndexEntry, type SoughtKey } from "./segment-index.ts";
import { decodeHeader, framesEnd, HEADER_BYTES, segmentName } from "./segment-format.ts";
import { scanSegment } from "./segment-scan.ts";

/** The ids by which a record is to be found. */
export type KeysOf = (record: Uint8Array) => readonly string[];

export class FlashArchive implements RecordArchive {
  readonly #flash: Flash;
  readonly #keysOf: KeysOf;
  #older: RecordArchive | undefined;
  #recent = new PlaceIndex();
  #first: number;
  /** What is in segments before this one is no longer relied on. */
  #leaving: number;
  /** Of segments that are full, from the first on. */
  #full: readonly SegmentIndex[] = [];
  /** Where a record was found to have rotted: it counts as not here, until it is appended again elsewhere. */
  readonly #rotten = new Set<RecordPlace>();
  readonly #frameKeys = new Map<number, FrameKeys>();

  constructor(flash: Flash, keysOf: KeysOf = () => [], { first = 0, older }: DroppedSegments = {}) {
    this.#flash = flash;
    this.#keysOf = keysOf;
    this.#older = older;
    this.#first = first;
    this.#leaving = first;
  }

  /** What outlives dropped segments from now on is found there. */
  lookFurtherIn(older: RecordArchive): void {
    this.#older = older;
  }

  /** Of the segments that are there. */
  get firstSegment(): number {
    return this.#first;
  }

  /** The segments from the first up to this one need not be read at a start. */
  get endOfFull(): number {
    return this.#first + this.#full.length;
  }

  /** Salt of the log, as far as a full segment tells. */
  get salt(): Uint8Array | undefined {
    return this.#full[0]?.about.salt;
  }

  note(key: string, place: RecordPlace): void {
    const { segment, offset } = partsOf(place);
    this.#recent.set(key, segment, offset);
  }

  has(key: string): boolean {
    const place = this.#placeOf(key);
    return (place !== undefined && place.segment >= this.#leaving) || this.#older?.has(key) === true;
  }

  hasRotten(key: string): boolean {
    const place = this.#rotten.size === 0 ? undefined : this.#notedPlaceOf(key);
    return (place !== undefined && this.#isRotten(place)) || this.#older?.hasRotten(key) === true;
  }

  /** Where the newest record with the id stands; undefined when it is not in this log. */
  find(key: string): RecordPlace | undefined {
    const place = this.#placeOf(key);
    return place === undefined ? undefined : placeOf(place.segment, place.offset);
  }

  read(key: string): Uint8Array | undefined {
    const place = this.#placeOf(key);
    const record = place === undefined ? undefined : this.readAt(placeOf(place.segment, place.offset));
    return record ?? this.#older?.read(key);
  }

  /** Undefined when it is not what was written: from then on it counts as not here. */
  readAt(place: RecordPlace): Uint8Array | undefined {
    const { segment, offset } = partsOf(place);
    const name = segmentName(segment);
    const keys = this.#keysOfFrames(segment);
    const head = this.#flash.readNow(name, offset, FRAME_HEAD_BYTES);
    const length = keys && recordLength(head, offset, keys);
    const frame = length && this.#flash.readNow(name, offset, FRAME_HEAD_BYTES + length);
    if (keys && frame && isIntact(frame, keys)) return frame.subarray(FRAME_HEAD_BYTES);
    this.#rotten.add(place);
    return undefined;
  }

  /** Takes the indexes of the segments before this one; makes those again from their segment that do not hold. */
  async takeFull(before: number): Promise<void> {
    for (let segment = this.endOfFull; segment < before; segment += 1) {
      const index = (await this.#open(segment)) ?? (await this.#make(segment, this.#scan(segment)));
      if (index === undefined) return;
      this.#full = [...this.#full, index];
    }
  }

  /** Moves what is in memory of the segments before this one, none of which is written to any more, to flash. */
  async keepFull(before: number): Promise<void> {
    if (before <= this.endOfFull) return;
    const entries = [...this.#recent.entries()];
    for (let segment = this.endOfFull; segment < before; segment += 1) {
      const own = entries.filter((entry) => entry.segment === segment);
      const index = await this.#make(segment, { salt: this.#saltOf(segment), entries: own });
      if (index === undefined) return;
      this.#full = [...this.#full, index];
    }
    const recent = new PlaceIndex();
    // What was noted while the files were written is there as well.
    for (const { key, segment, offset } of this.#recent.entries()) {
      if (segment >= this.endOfFull) recent.set(key, segment, offset);
    }
    this.#recent = recent;
  }

  /**
   * From now on nobody is told that something is here that only segments before this one hold: whoever needs it appends
   * it again. It can still be read.
   */
  leave(before: number): void {
    this.#leaving = before;
  }

  /** Forgets the segments before this one, all of them full: their files may be removed. */
  drop(before: number): void {
    assert(before <= this.endOfFull && before <= this.#leaving, "only what was left is dropped");
    this.#full = this.#full.slice(before - this.#first);
    this.#first = before;
  }

  /** The records of a full segment, in their order, without those that have rotted. */
  async recordsOf(segment: number): Promise<readonly Uint8Array[]> {
    const keys = this.#keysOfFrames(segment);
    const file = await this.#flash.open(segmentName(segment));
    try {
      const bytes = await file.read(0, file.sizeBytes);
      const frames = keys === undefined ? [] : scanSegment(bytes, keys).frames;
      const records = frames.filter(({ kind }) => kind === "record");
      return records.map(({ offset, end }) => bytes.slice(offset + FRAME_HEAD_BYTES, end));
    } finally {
      await file.close();
    }
  }

  #placeOf(key: string): PlaceParts | undefined {
    const place = this.#notedPlaceOf(key);
    return place === undefined || this.#isRotten(place) ? undefined : place;
  }

  #isRotten({ segment, offset }: PlaceParts): boolean {
    return this.#rotten.has(placeOf(segment, offset));
  }

  #notedPlaceOf(key: string): PlaceParts | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    // Newest first: an id that is given to several records is that of the last.
    const sought = soughtKey(key);
    for (let segment = this.endOfFull - 1; segment >= this.#first; segment -= 1) {
      const offset = this.#find(segment, key, sought);
      if (offset !== undefined) return { segment, offset };
    }
    return undefined;
  }

  #keysOfFrames(segment: number): FrameKeys | undefined {
    const known = this.#frameKeys.get(segment);
    const salt = known === undefined ? this.#saltOf(segment) : undefined;
    if (salt === undefined) return known;
    const keys = frameKeys(salt, segment);
    this.#frameKeys.set(segment, keys);
    return keys;
  }

  #find(segment: number, key: string, sought: SoughtKey): number | undefined {
    const found = this.#full[segment - this.#first]?.find(sought);
    if (found !== "damaged") return found;
    // The file has rotted; what it said is in the segment, and the next start makes it again.
    return this.#scan(segment)?.entries.findLast((entry) => entry.key.slice(0, 32) === key.slice(0, 32))?.offset;
  }

  async #open(segment: number): Promise<SegmentIndex | undefined> {
    const name = indexName(segment);
    try {
      const file = await this.#flash.open(name);
      const { sizeBytes } = file;
      await file.close();
      return this.#indexIn(segment, name, sizeBytes);
    } catch (failure) {
      if (failure instanceof FlashError && failure.code === "FLASH_MISSING") return undefined;
      throw failure;
    }
  }

  /** Undefined when there is no room for it: then a start has to read the segment. */
  async #make(segment: number, from: Content | undefined): Promise<SegmentIndex | undefined> {
    if (from?.salt === undefined) return undefined;
    const name = indexName(segment);
    const bytes = encodeIndex({ segment, salt: from.salt }, from.entries);
    try {
      if (await this.#isThere(name, bytes)) return this.#indexIn(segment, name, bytes.length);
      const file = await this.#flash.create(name, bytes.length);
      await file.write(0, bytes);
      await file.sync();
      await file.close();
    } catch (failure) {
      if (failure instanceof FlashError && failure.code === "FLASH_FULL") return undefined;
      throw failure;
    }
    return this.#indexIn(segment, name, bytes.length);
  }

  #indexIn(segment: number, name: string, sizeBytes: number): SegmentIndex | undefined {
    return SegmentIndex.open(segment, sizeBytes, (offset, length) => this.#flash.readNow(name, offset, length));
  }

  /** Whether an earlier start has written the same; what else has the name is removed. */
  async #isThere(name: string, bytes: Uint8Array): Promise<boolean> {
    if (!(await this.#flash.list()).includes(name)) return false;
    const file = await this.#flash.open(name);
    const isSame = file.sizeBytes === bytes.length && equalBytes(await file.read(0, bytes.length), bytes);
    await file.close();
    if (!isSame) await this.#flash.remove(name);
    return isSame;
  }

  #saltOf(segment: number): Uint8Array | undefined {
    const header = decodeHeader(this.#flash.readNow(segmentName(segment), 0, HEADER_BYTES));
    return header.ok ? header.value.salt : this.salt;
  }

  /** The frames of a whole segment, read at once. */
  #scan(segment: number): Content | undefined {
    const salt = this.#saltOf(segment);
    const header = decodeHeader(this.#flash.readNow(segmentName(segment), 0, HEADER_BYTES));
    if (salt === undefined || !header.ok) return undefined;
    const bytes = this.#flash.readNow(segmentName(segment), 0, header.value.sizeBytes);
    const scan = scanSegment(bytes, frameKeys(salt, segment));
    if (scan.holes.length > 0 || framesEnd(bytes.length) < scan.end) return undefined;
    const entries = scan.frames.flatMap(({ kind, offset, end }): readonly IndexEntry[] => {
      const keys = kind === "mark" ? [] : this.#keysOf(bytes.slice(offset + FRAME_HEAD_BYTES, end));
      return keys.map((key) => ({ key, offset }));
    });
    return { salt, entries };
  }
}

/** What is no longer in the log. */
export interface DroppedSegments {
  /** The first segment that is there. */
  readonly first?: number;
  /** Where some of the records from before it are kept. */
  readonly older?: RecordArchive | undefined;
}

interface Content {
  readonly salt: Uint8Array | undefined;
  readonly entries: readonly IndexEntry[];
}
