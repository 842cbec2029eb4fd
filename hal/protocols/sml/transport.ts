/**
 * The transport of SML, version 1: Smart Message Language 1.04 (annex IV of BSI TR-03109-1), section 8.
 *
 *     1b1b1b1b 01010101 | contents, padded with 0..3 zeros to whole groups of four | 1b1b1b1b 1a pp cc cc
 *
 * pp is the number of zeros, cc the CRC over everything before it. Four bytes 1b in the contents are sent twice.
 *
 *     between --start--> inside --1b1b1b1b--> escaped --1b1b1b1b--> inside
 *                          ^                     |--01010101--> inside (the one before was cut short)
 *                          `------start----------|--1a pp cc cc, or anything else--> between
 */
import type { TelegramProblem } from "../telegram.ts";
import { findSum, type Sum } from "./sums.ts";

/** Everything between one start and what ended it. */
export interface TransportFrame {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly outcome: FrameContents | TelegramProblem;
}

export interface FrameContents {
  /** Without escapes, padding and transport. */
  readonly bytes: Uint8Array;
  /** The one that fits: meters with another than the standard's are known. */
  readonly sum: Sum;
}

/** The longest recorded telegram has 528 bytes; one with a signature and every value a meter has stays under 2 kB. */
export const SML_TELEGRAM_BYTES_MAX = 8 * 1024;

export class SmlTransport {
  readonly #raw = new Uint8Array(SML_TELEGRAM_BYTES_MAX);
  /** Bytes of the telegram so far, its start included; 0 between telegrams. */
  #length = 0;
  /** Offset of the next byte in the stream. */
  #offset = 0;
  /** Bytes 1b in a row, at most four of one escape. */
  #escapes = 0;
  /** Bytes behind a full escape. */
  #command: number[] = [];

  get heldBytes(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): readonly TransportFrame[] {
    const frames: TransportFrame[] = [];
    for (const byte of bytes) {
      frames.push(...this.#take(byte));
    }
    return frames;
  }

  /** The next byte pushed is the first of another stream. */
  end(): readonly TransportFrame[] {
    const reason = "the stream ended before the telegram did";
    const frames = this.#length === 0 ? [] : [this.#finish({ code: "TELEGRAM_CUT_SHORT", reason })];
    this.#await(0);
    this.#offset = 0;
    return frames;
  }

  #take(byte: number): readonly TransportFrame[] {
    this.#offset += 1;
    if (this.#length === 0) {
      this.#search(byte);
      return NONE;
    }
    this.#raw[this.#length] = byte;
    this.#length += 1;
    const frames = this.#escapes < ESCAPE_BYTES ? this.#contents(byte) : this.#escaped(byte);
    if (this.#length < SML_TELEGRAM_BYTES_MAX) return frames;
    const reason = `no end within ${SML_TELEGRAM_BYTES_MAX} bytes`;
    this.#await(0);
    return [...frames, this.#finish({ code: "TELEGRAM_TOO_LONG", reason })];
  }

  /** Between telegrams: any four 1b in a row before four 01, however many 1b came before them. */
  #search(byte: number): void {
    if (byte === ESCAPE) {
      this.#await(this.#command.length > 0 ? 1 : Math.min(ESCAPE_BYTES, this.#escapes + 1));
    } else if (byte === START && this.#escapes === ESCAPE_BYTES) {
      this.#command.push(byte);
      if (this.#command.length === COMMAND_BYTES) this.#begin();
    } else {
      this.#await(0);
    }
  }

  #contents(byte: number): readonly TransportFrame[] {
    this.#escapes = byte === ESCAPE ? this.#escapes + 1 : 0;
    return NONE;
  }

  #escaped(byte: number): readonly TransportFrame[] {
    this.#command.push(byte);
    if (this.#command.length < COMMAND_BYTES) return NONE;
    const command = this.#command;
    this.#await(0);
    if (command.every((each) => each === ESCAPE)) return NONE;
    if (command.every((each) => each === START)) return [this.#restart()];
    if (command[0] === END) return this.#close();
    const reason = "an escape sequence that is neither start nor end";
    const frame = this.#finish({ code: "TELEGRAM_MALFORMED", reason });
    // The escape may be what is left of the end, with a start directly behind.
    this.#escapes = ESCAPE_BYTES;
    for (const each of command) this.#search(each);
    return [frame];
  }

  #restart(): TransportFrame {
    this.#length -= START_BYTES;
    const frame = this.#finish(ANOTHER_BEGAN, this.#offset - START_BYTES);
    this.#begin();
    return frame;
  }

  #close(): readonly TransportFrame[] {
    const raw = this.#raw.subarray(0, this.#length);
    const outcome = readContents(raw);
    const restartAt = "code" in outcome ? lastStart(raw) : 0;
    const restarted = restartAt === 0 ? outcome : readContents(raw.subarray(restartAt));
    if (restartAt === 0 || "code" in restarted) {
      const frame = this.#finish(outcome);
      // Cut off inside of its end, a telegram takes the first bytes of the next start for its sum.
      if ("code" in outcome) for (const byte of raw.subarray(-END_ARGUMENT_BYTES)) this.#search(byte);
      return [frame];
    }
    // Cut off right behind the escape of its end, the first telegram and the start of this one looked like an escape
    // that was sent twice.
    const offset = this.#offset - raw.length;
    this.#length = 0;
    return [
      { offset, lengthBytes: restartAt, outcome: ANOTHER_BEGAN },
      { offset: offset + restartAt, lengthBytes: raw.length - restartAt, outcome: restarted },
    ];
  }

  #begin(): void {
    this.#raw.set(START_SEQUENCE);
    this.#length = START_BYTES;
    this.#await(0);
  }

  #finish(outcome: TransportFrame["outcome"], endsAt = this.#offset): TransportFrame {
    const lengthBytes = this.#length;
    this.#length = 0;
    return { offset: endsAt - lengthBytes, lengthBytes, outcome };
  }

  #await(escapes: number): void {
    this.#escapes = escapes;
    this.#command = [];
  }
}

const ESCAPE = 0x1b;
const START = 0x01;
const END = 0x1a;
const ESCAPE_BYTES = 4;
const COMMAND_BYTES = 4;
const START_SEQUENCE = [ESCAPE, ESCAPE, ESCAPE, ESCAPE, START, START, START, START];
const START_BYTES = START_SEQUENCE.length;
const SUM_BYTES = 2;
/** Padding and sum. */
const END_ARGUMENT_BYTES = 1 + SUM_BYTES;
const NONE: readonly TransportFrame[] = [];
const ANOTHER_BEGAN: TelegramProblem = {
  code: "TELEGRAM_CUT_SHORT",
  reason: "another telegram began before the end of this one",
};
const GROUP_BYTES = 4;
const PADDING_MAX = GROUP_BYTES - 1;

function readContents(raw: Uint8Array): FrameContents | TelegramProblem {
  const sumAt = raw.length - SUM_BYTES;
  const sum = findSum(raw.subarray(0, sumAt), raw.subarray(sumAt));
  if (sum === undefined) return { code: "TELEGRAM_BAD_SUM", reason: "the CRC of the transport does not fit" };
  const padded = withoutEscapes(raw.subarray(START_BYTES, raw.length - START_BYTES));
  const paddingBytes = raw[sumAt - 1] ?? 0;
  const end = padded.length - paddingBytes;
  const isPadded = raw.length % GROUP_BYTES === 0 && paddingBytes <= PADDING_MAX && end >= 0;
  if (!isPadded || padded.subarray(end).some((byte) => byte !== 0)) {
    return { code: "TELEGRAM_MALFORMED", reason: "padded with something else than 0 to 3 zeros to groups of four" };
  }
  return { bytes: padded.subarray(0, end), sum };
}

/** Where the last start sequence is, escaped or not; 0 for the one that every telegram begins with. */
function lastStart(raw: Uint8Array): number {
  let at = raw.length - START_BYTES;
  while (at > 0 && !START_SEQUENCE.every((byte, index) => raw[at + index] === byte)) at -= 1;
  return at;
}

/** A copy. Escapes come in pairs here: a single one would have ended the telegram. */
function withoutEscapes(raw: Uint8Array): Uint8Array {
  const contents = new Uint8Array(raw.length);
  let length = 0;
  let escapes = 0;
  for (let at = 0; at < raw.length; at += 1) {
    const byte = raw[at] ?? 0;
    contents[length] = byte;
    length += 1;
    escapes = byte === ESCAPE ? escapes + 1 : 0;
    if (escapes < ESCAPE_BYTES) continue;
    at += COMMAND_BYTES;
    escapes = 0;
  }
  return contents.subarray(0, length);
}
