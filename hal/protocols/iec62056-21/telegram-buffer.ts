/**
 * The bytes of one readable telegram, from its identification on. D0 and P1 begin alike: a slash, three letters of the
 * manufacturer, and the character of the speed (IEC 62056-21, 6.3.2). A slash may not stand anywhere else, so the same
 * five characters inside a telegram mean that its end was lost and another one has begun. Some meters have a slash in a
 * unit all the same (`imp/kWh`); there a bracket follows, which stands for no speed.
 */

/** A telegram or its begin, cut out of the stream. */
export interface Segment {
  /** Of its first byte, from the beginning of the stream. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Why it is cut out, when nobody asked for it. */
  readonly reason: "closed" | "another began" | "full";
}

export class TelegramBuffer {
  readonly #bytes: Uint8Array;
  #length = 0;
  #position = 0;

  constructor(bytesMax: number) {
    this.#bytes = new Uint8Array(bytesMax);
  }

  /** Whether a telegram has begun; before, bytes are looked at and forgotten. */
  get isCollecting(): boolean {
    return this.#length >= START_BYTES;
  }

  /** What has been collected; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes one byte. Returns the telegram that it ends by beginning another, or by being one too many. */
  add(byte: number): Segment | undefined {
    this.#position += 1;
    const wasCollecting = this.isCollecting;
    this.#bytes[this.#length] = byte;
    this.#length += 1;
    if (!wasCollecting) {
      this.#forgetUnlessStart();
      return undefined;
    }
    const before = this.#length - START_BYTES;
    if (before > 0 && isStart(this.#bytes, before, this.#length)) return this.#restart(before);
    return this.#length === this.#bytes.length ? this.close(this.#length, "full") : undefined;
  }

  /** Ends the telegram after so many bytes and forgets the rest. */
  close(length = this.#length, reason: Segment["reason"] = "closed"): Segment {
    const segment = { offset: this.#position - this.#length, bytes: this.#bytes.slice(0, length), reason };
    this.#length = 0;
    return segment;
  }

  /** Ends the stream: what was begun, if anything was. The next byte is the first of another stream. */
  end(): Segment | undefined {
    const segment = this.isCollecting ? this.close() : undefined;
    this.#length = 0;
    this.#position = 0;
    return segment;
  }

  #restart(before: number): Segment {
    const start = this.#bytes.slice(before, this.#length);
    const segment: Segment = {
      offset: this.#position - this.#length,
      bytes: this.#bytes.slice(0, before),
      reason: "another began",
    };
    this.#bytes.set(start);
    this.#length = start.length;
    return segment;
  }

  /** While searching, at most START_BYTES are held; the last slash among them may be the right one. */
  #forgetUnlessStart(): void {
    if (isStart(this.#bytes, 0, this.#length)) return;
    const last = this.#length - 1;
    this.#bytes.copyWithin(0, last, this.#length);
    this.#length = this.#bytes[0] === SLASH ? 1 : 0;
  }
}

const START_BYTES = 5;
const SLASH = 0x2f;

/** Whether the bytes from `from` to `to` are, as far as they go, the begin of an identification. */
function isStart(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from] !== SLASH) return false;
  for (let index = from + 1; index < to; index += 1) {
    const byte = bytes[index] ?? 0;
    if (!(index - from < START_BYTES - 1 ? isLetter(byte) : isSpeed(byte))) return false;
  }
  return true;
}

function isLetter(byte: number): boolean {
  const lowerCase = byte | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x7a;
}

/** Mode A allows any printable character but those that mean something else. */
function isSpeed(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e && !NO_SPEEDS.includes(byte);
}

/** ! ( ) * / */
const NO_SPEEDS: readonly number[] = [0x21, 0x28, 0x29, 0x2a, SLASH];
