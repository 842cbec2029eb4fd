/**
 * What stands where in a segment that is full, as a file beside it, so that a start need not read the segment: a filter
 * that says of most ids that they are not in it, and the ids in their order, in pages of which one is read for an id.
 *
 *     head (64) | filter | first id of each page (16 each) | CRC-32C of all before it (4) | zeros to 4096 | pages
 *     page      = entries (16 bytes of an id, offset in 4), at most 203, zeros | count (4) | CRC-32C of the page (4)
 *
 * It follows from the segment, and is made again from it when it does not hold.
 */
import { crc32c } from "./crc32c.ts";
import { SALT_BYTES } from "./segment-format.ts";

export interface IndexEntry {
  /** At least 16 bytes of it, in hex. */
  readonly key: string;
  readonly offset: number;
}

export interface IndexAbout {
  readonly segment: number;
  /** Of the log: without it no frame can be told from chance. */
  readonly salt: Uint8Array;
}

export const PAGE_BYTES = 4096;
const HEAD_BYTES = 64;
const SALT_AT = 24;
const KEY_BYTES = 16;
const ENTRY_BYTES = KEY_BYTES + 4;
const PAGE_ENTRIES = Math.floor((PAGE_BYTES - 8) / ENTRY_BYTES);
const FILTER_BITS_PER_ENTRY = 10;
const FILTER_PROBES = 5;
const MAGIC = new TextEncoder().encode("TALLYIDX");
const VERSION = 1;

export function indexName(segment: number): string {
  return `index-${segment.toString().padStart(8, "0")}`;
}

export function indexSegment(name: string): number | undefined {
  const digits = /^index-(\d{8})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The whole file. Of entries with one key the last one counts. */
export function encodeIndex(about: IndexAbout, entries: readonly IndexEntry[]): Uint8Array {
  const newest = new Map(entries.map(({ key, offset }) => [key.slice(0, 2 * KEY_BYTES), offset]));
  const sorted = [...newest].sort(([left], [right]) => (left < right ? -1 : 1));
  const pages = Math.ceil(sorted.length / PAGE_ENTRIES);
  const filterBytes = Math.ceil((sorted.length * FILTER_BITS_PER_ENTRY) / 8) + 8;
  const pagesAt = pagesStart(filterBytes, pages);
  const file = new Uint8Array(pagesAt + pages * PAGE_BYTES);
  const view = new DataView(file.buffer);
  file.set(MAGIC, 0);
  for (const [place, field] of [VERSION, about.segment, filterBytes, pages].entries()) {
    view.setUint32(8 + 4 * place, field);
  }
  file.set(about.salt, SALT_AT);
  const filter = file.subarray(HEAD_BYTES, HEAD_BYTES + filterBytes);
  for (const [index, [key, offset]] of sorted.entries()) {
    const page = Math.floor(index / PAGE_ENTRIES);
    const at = pagesAt + page * PAGE_BYTES + (index % PAGE_ENTRIES) * ENTRY_BYTES;
    const sought = soughtKey(key);
    const { bytes } = sought;
    file.set(bytes, at);
    view.setUint32(at + KEY_BYTES, offset);
    if (index % PAGE_ENTRIES === 0) file.set(bytes, HEAD_BYTES + filterBytes + page * KEY_BYTES);
    for (let probe = 0; probe < FILTER_PROBES; probe += 1) {
      const bit = bitAt(sought, probe, filterBytes);
      filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  }
  for (let page = 0; page < pages; page += 1) {
    const from = pagesAt + page * PAGE_BYTES;
    view.setUint32(from + PAGE_BYTES - 8, Math.min(PAGE_ENTRIES, sorted.length - page * PAGE_ENTRIES));
    view.setUint32(from + PAGE_BYTES - 4, crc32c(file.subarray(from, from + PAGE_BYTES - 4)));
  }
  const headEnd = HEAD_BYTES + filterBytes + pages * KEY_BYTES;
  view.setUint32(headEnd, crc32c(file.subarray(0, headEnd)));
  return file;
}

/** Reads parts of the file at once; throws what the flash throws. */
export type ReadIndex = (offset: number, length: number) => Uint8Array;

/** An id as the indexes of all segments look for it: read once, however many segments there are. */
export interface SoughtKey {
  /** The first 16 of the id. */
  readonly bytes: Uint8Array;
  /** Where the filter is looked at first, and from one look to the next. */
  readonly from: number;
  readonly step: number;
}

/** Ids are hashes already, so their own words spread them. */
export function soughtKey(key: string): SoughtKey {
  const bytes = new Uint8Array(KEY_BYTES);
  for (let index = 0; index < KEY_BYTES; index += 1) {
    bytes[index] = Number.parseInt(key.slice(2 * index, 2 * index + 2), 16);
  }
  const view = new DataView(bytes.buffer);
  return { bytes, from: view.getUint32(4), step: (view.getUint32(8) | 1) >>> 0 };
}

export class SegmentIndex {
  readonly about: IndexAbout;
  readonly #filter: Uint8Array;
  readonly #fences: Uint8Array;
  readonly #pagesAt: number;
  readonly #read: ReadIndex;

  private constructor(head: Uint8Array, about: IndexAbout, sizes: Sizes, read: ReadIndex) {
    this.about = about;
    this.#filter = head.slice(HEAD_BYTES, HEAD_BYTES + sizes.filterBytes);
    this.#fences = head.slice(HEAD_BYTES + sizes.filterBytes, sizes.headEnd);
    this.#pagesAt = pagesStart(sizes.filterBytes, sizes.pages);
    this.#read = read;
  }

  /** Undefined when the head of the file does not hold, or is about another segment. */
  static open(segment: number, sizeBytes: number, read: ReadIndex): SegmentIndex | undefined {
    if (sizeBytes < PAGE_BYTES) return undefined;
    const first = read(0, HEAD_BYTES);
    const view = new DataView(first.buffer, first.byteOffset, HEAD_BYTES);
    const [version, own, filterBytes = 0, pages = 0] = [8, 12, 16, 20].map((at) => view.getUint32(at));
    const headEnd = HEAD_BYTES + filterBytes + pages * KEY_BYTES;
    const isForm = MAGIC.every((byte, place) => first[place] === byte) && version === VERSION && own === segment;
    if (!isForm || pagesStart(filterBytes, pages) + pages * PAGE_BYTES !== sizeBytes) return undefined;
    const head = read(0, headEnd + 4);
    const check = new DataView(head.buffer, head.byteOffset, head.length).getUint32(headEnd);
    if (check !== crc32c(head.subarray(0, headEnd))) return undefined;
    const salt = head.slice(SALT_AT, SALT_AT + SALT_BYTES);
    return new SegmentIndex(head, { segment, salt }, { filterBytes, pages, headEnd }, read);
  }

  /** Offset of the record with that id; "damaged" when the page that would say it does not hold. */
  find(sought: SoughtKey): number | "damaged" | undefined {
    const { bytes } = sought;
    for (let probe = 0; probe < FILTER_PROBES; probe += 1) {
      const bit = bitAt(sought, probe, this.#filter.length);
      if (((this.#filter[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return undefined;
    }
    const number = this.#pageOf(bytes);
    if (number < 0) return undefined;
    const page = this.#read(this.#pagesAt + number * PAGE_BYTES, PAGE_BYTES);
    const view = new DataView(page.buffer, page.byteOffset, PAGE_BYTES);
    if (view.getUint32(PAGE_BYTES - 4) !== crc32c(page.subarray(0, PAGE_BYTES - 4))) return "damaged";
    const last = lastUpTo({ bytes: page, step: ENTRY_BYTES, count: view.getUint32(PAGE_BYTES - 8) }, bytes);
    const isThere = last >= 0 && compareAt(page, last * ENTRY_BYTES, bytes) === 0;
    return isThere ? view.getUint32(last * ENTRY_BYTES + KEY_BYTES) : undefined;
  }

  /** The last page whose first id is not above this one; -1 when it is before all of them. */
  #pageOf(key: Uint8Array): number {
    return lastUpTo({ bytes: this.#fences, step: KEY_BYTES, count: this.#fences.length / KEY_BYTES }, key);
  }
}

interface Sizes {
  readonly filterBytes: number;
  readonly pages: number;
  readonly headEnd: number;
}

interface Sorted {
  readonly bytes: Uint8Array;
  readonly step: number;
  readonly count: number;
}

function lastUpTo({ bytes, step, count }: Sorted, key: Uint8Array): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareAt(bytes, middle * step, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function compareAt(bytes: Uint8Array, offset: number, key: Uint8Array): number {
  for (let index = 0; index < KEY_BYTES; index += 1) {
    const difference = (bytes[offset + index] ?? 0) - (key[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function pagesStart(filterBytes: number, pages: number): number {
  return Math.ceil((HEAD_BYTES + filterBytes + pages * KEY_BYTES + 4) / PAGE_BYTES) * PAGE_BYTES;
}

function bitAt({ from, step }: SoughtKey, probe: number, filterBytes: number): number {
  return (from + probe * step) % (8 * filterBytes);
}
