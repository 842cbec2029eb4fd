/**
 * What outlives the records that are dropped from the log: a second log beside it, to which nothing is added but while
 * some are dropped. Its newest mark says up to which place that has been done; it is written when all that is kept from
 * before it is durable, and before the first segment is removed. So a power cut leaves a segment, or what is kept of
 * it, or both.
 */
import { assert } from "#base/assert.ts";
import { readDroppedMark, type DroppedMark } from "#core/ledger/journal-record.ts";
import type { RecordArchive, RecordPlace } from "#core/ledger/record-archive.ts";
import { DROPPED_MARK_KEY } from "#core/ledger/record-keys.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { Finding } from "./finding.ts";
import { FlashArchive, type KeysOf } from "./flash-archive.ts";
import { FlashPart } from "./flash-part.ts";
import { openSegmentLog, SEGMENT_BYTES } from "./open-segment-log.ts";
import { partsOf, placeOf } from "./place-index.ts";
import { indexSegment } from "./segment-index.ts";
import { segmentIndex } from "./segment-format.ts";
import type { SegmentLog } from "./segment-log.ts";

/** Names of its files begin so, and go on as those of the log. */
export const KEPT_PREFIX = "kept-";

/** What is kept of a segment is a small part of it. */
const KEPT_SEGMENT_BYTES = 1024 * 1024;

export interface KeptStoreParts {
  readonly randomness: Randomness;
  readonly keysOf: KeysOf;
  /** Of the log beside it. */
  readonly segmentBytes?: number | undefined;
}

export class KeptStore {
  readonly #flash: FlashPart;
  readonly #parts: KeptStoreParts;
  readonly #archive: FlashArchive;
  #log: SegmentLog | undefined;
  #isSound = true;

  private constructor(flash: Flash, parts: KeptStoreParts) {
    this.#flash = new FlashPart(flash, KEPT_PREFIX);
    this.#parts = parts;
    this.#archive = new FlashArchive(this.#flash, parts.keysOf);
  }

  /** Reads what is there; nothing is written where there is none. Rejects with a FlashError. */
  static async open(
    flash: Flash,
    parts: KeptStoreParts,
  ): Promise<{ readonly kept: KeptStore; readonly damages: readonly Finding[] }> {
    const kept = new KeptStore(flash, parts);
    const names = await kept.#flash.list();
    if (!names.some((name) => segmentIndex(name) !== undefined)) return { kept, damages: [] };
    const indexed = new Set(names.map(indexSegment));
    let full = 0;
    while (indexed.has(full)) full += 1;
    await kept.#archive.takeFull(full);
    const damages = await kept.begin();
    await kept.end();
    return { kept, damages };
  }

  get archive(): RecordArchive {
    return this.#archive;
  }

  /** Undefined as long as nothing was dropped. */
  get mark(): DroppedMark | undefined {
    const record = this.#archive.read(DROPPED_MARK_KEY);
    return record && readDroppedMark(record);
  }

  /** Lets records be added until `end`. Says what cannot be read of those that are there; then none may be. */
  async begin(): Promise<readonly Finding[]> {
    const { salt, endOfFull: segment } = this.#archive;
    const { randomness, keysOf, segmentBytes = SEGMENT_BYTES } = this.#parts;
    const { log, damages } = await openSegmentLog(this.#flash, {
      randomness,
      segmentBytes: Math.min(KEPT_SEGMENT_BYTES, segmentBytes),
      ...(salt === undefined ? {} : { from: { segment, salt } }),
      visit: ({ bytes, segment: at, offset }) => {
        for (const key of keysOf(bytes)) this.#archive.note(key, placeOf(at, offset));
      },
    });
    this.#log = log;
    this.#isSound = damages.length === 0;
    return damages;
  }

  /** Resolves when the record, and every one added before it, survives a power cut. */
  async append(record: Uint8Array): Promise<void> {
    assert(this.#log !== undefined, "records are added between a begin and its end");
    const place: RecordPlace = await this.#log.append(record);
    for (const key of this.#parts.keysOf(record)) this.#archive.note(key, place);
  }

  /** Also after an append was rejected: the next `begin` reads what is there. */
  async end(): Promise<void> {
    const log = this.#log;
    this.#log = undefined;
    if (log === undefined) return;
    const { segment } = partsOf(log.end);
    await log.close();
    if (this.#isSound) await this.#archive.keepFull(segment);
  }
}
