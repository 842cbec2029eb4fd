/**
 * The log of the ledger on flash: appends with natural group commit. While a write and its sync run, whoever appends
 * waits and shares the next ones; nobody waits for a timer. One writer at a time on the flash, so that the order of the
 * appends is the order of the bytes, and a record is never durable before the ones it was appended after.
 *
 * After a rejected append the file is in a state that nobody knows; the log refuses everything with the same error
 * until it has been opened anew, which reads what is there.
 */
import { assert } from "#base/assert.ts";
import type { RecordPlace } from "#core/ledger/record-archive.ts";
import type { RecordLog } from "#core/ledger/record-log.ts";
import { FlashError } from "#hal/ports/flash.ts";
import type { Flash } from "#hal/ports/flash.ts";
import { BATCH_BYTES_MAX } from "./examine-log.ts";
import { FRAME_HEAD_BYTES, writeFrame } from "./frame.ts";
import { placeOf } from "./place-index.ts";
import { FRAMES_START, framesEnd } from "./segment-format.ts";
import { makeSegment } from "./segment-file.ts";
import type { LogShape, OpenSegment } from "./segment-file.ts";
import { StoreError } from "./store-error.ts";

/**
 * Records that wait for the flash. A service that awaits its appends never comes near; more means that the flash stands
 * still.
 */
export const WAITING_BYTES_MAX = 32 * 1024 * 1024;

export interface SegmentLogStart {
  readonly active: OpenSegment;
  /** Check of the last record, 0 when there is none. */
  readonly previous: number;
  /** Segments already made for later, in order. */
  readonly spares: readonly OpenSegment[];
  readonly nextIndex: number;
  readonly shape: LogShape;
}

export class SegmentLog implements RecordLog {
  readonly #flash: Flash;
  readonly #shape: LogShape;
  readonly #spares: OpenSegment[];
  #active: OpenSegment;
  #previous: number;
  #nextIndex: number;
  #making: Promise<OpenSegment> | undefined;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #draining: Promise<void> | undefined;
  #refusal: Error | undefined;

  /** Use `openSegmentLog`, which reads and repairs what is there. */
  constructor(flash: Flash, start: SegmentLogStart) {
    this.#flash = flash;
    this.#shape = start.shape;
    this.#active = start.active;
    this.#previous = start.previous;
    this.#spares = [...start.spares];
    this.#nextIndex = start.nextIndex;
  }

  /** The longest record that fits a segment of this log and a single write. */
  get recordBytesMax(): number {
    const room = framesEnd(this.#shape.sizeBytes) - FRAMES_START;
    return Math.min(room, BATCH_BYTES_MAX) - FRAME_HEAD_BYTES;
  }

  /** Behind the last durable record: whatever is appended from now on stands there or later. */
  get end(): RecordPlace {
    return placeOf(this.#active.index, this.#active.offset);
  }

  /** Resolves when all that was appended so far, and what came meanwhile, is durable or was refused. */
  async settled(): Promise<void> {
    await this.#draining;
  }

  /** Resolves to the record's place when it is durable. */
  append(record: Uint8Array): Promise<RecordPlace> {
    assert(record.length > 0 && record.length <= this.recordBytesMax, "a record fits the log");
    if (this.#refusal === undefined && this.#waitingBytes + record.length > WAITING_BYTES_MAX) {
      this.#refusal = new StoreError("STORE_OVERLOADED");
    }
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return new Promise((resolve, reject) => {
      // A copy: the caller may use its buffer again before the write starts.
      this.#waiting.push({ record: record.slice(), resolve, reject });
      this.#waitingBytes += record.length;
      this.#draining ??= this.#drain();
    });
  }

  /** Lets what was appended become durable, and gives the files up. The flash stays open. */
  async close(): Promise<void> {
    this.#refusal ??= new StoreError("STORE_CLOSED");
    await this.#draining;
    const made = await this.#making?.catch(() => undefined);
    const segments = [this.#active, ...this.#spares, ...(made === undefined ? [] : [made])];
    await Promise.all(segments.map((segment) => segment.file.close()));
  }

  async #drain(): Promise<void> {
    // Whoever appends in the same turn of the event loop shares the first write already.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      try {
        const places = await this.#writeBatch();
        for (const [index, { record, resolve }] of this.#waiting.splice(0, places.length).entries()) {
          this.#waitingBytes -= record.length;
          resolve(places[index] ?? NaN);
        }
      } catch (error) {
        this.#refuseAll(error instanceof Error ? error : new Error("the flash failed", { cause: error }));
      }
    }
    this.#draining = undefined;
  }

  /** Makes as many of the waiting records durable as fit one write, and returns where they are. */
  async #writeBatch(): Promise<readonly RecordPlace[]> {
    let fitting = this.#fitting();
    // More than once only where an old segment is smaller than the ones made now.
    for (; fitting.count === 0; fitting = this.#fitting()) await this.#advance();
    const { file, keys, index, offset: settled } = this.#active;
    const places: RecordPlace[] = [];
    const target = { bytes: new Uint8Array(fitting.lengthBytes), base: settled, keys };
    let offset = settled;
    let previous = this.#previous;
    for (const { record } of this.#waiting.slice(0, fitting.count)) {
      places.push(placeOf(index, offset));
      const frame = writeFrame(target, { kind: "record", offset, settled, previous }, record);
      offset = frame.end;
      previous = frame.check;
    }
    await file.write(settled, target.bytes);
    await file.sync();
    this.#active = { ...this.#active, offset };
    this.#previous = previous;
    this.#makeAhead();
    return places;
  }

  /** How many of the waiting records the next write takes, and their length as frames. */
  #fitting(): { readonly count: number; readonly lengthBytes: number } {
    const room = Math.min(this.#active.limit - this.#active.offset, BATCH_BYTES_MAX);
    let count = 0;
    let lengthBytes = 0;
    for (const { record } of this.#waiting) {
      const more = lengthBytes + FRAME_HEAD_BYTES + record.length;
      if (more > room) break;
      lengthBytes = more;
      count += 1;
    }
    return { count, lengthBytes };
  }

  /** Goes on in the next segment. What was written to the old one is durable by now. */
  async #advance(): Promise<void> {
    const old = this.#active;
    this.#active = this.#spares.shift() ?? (await this.#takeMade());
    await old.file.close();
  }

  async #takeMade(): Promise<OpenSegment> {
    const making = this.#making ?? makeSegment(this.#flash, this.#nextIndex, this.#shape);
    this.#making = undefined;
    const made = await making.catch((error: unknown) => {
      // Somebody may have made room since it was tried ahead. Anything else has left the file in an unknown state.
      if (!(error instanceof FlashError && error.code === "FLASH_FULL")) throw error;
      return makeSegment(this.#flash, this.#nextIndex, this.#shape);
    });
    this.#nextIndex = made.index + 1;
    return made;
  }

  /** Making a segment writes all of it: better done while the present one still has room than while records wait. */
  #makeAhead(): void {
    const isHalfFull = this.#active.offset > this.#active.limit / 2;
    if (!isHalfFull || this.#spares.length > 0 || this.#making !== undefined) return;
    this.#making = makeSegment(this.#flash, this.#nextIndex, this.#shape);
    // A failure is told to the append that needs the segment.
    this.#making.catch(() => undefined);
  }

  #refuseAll(failure: Error): void {
    this.#refusal = failure;
    this.#waitingBytes = 0;
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
  }
}

interface Waiting {
  readonly record: Uint8Array;
  readonly resolve: (place: RecordPlace) => void;
  readonly reject: (error: Error) => void;
}
