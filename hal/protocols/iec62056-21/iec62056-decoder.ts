/**
 * Readouts of meters with a D0 interface, IEC 62056-21, 6.3: asked for in modes A to C, or pushed by the meter
 * (mode D).
 *
 * ```
 * asked    /identification CR LF  [ACK … CR LF]  STX  data  ! CR LF  ETX BCC
 * pushed   /identification CR LF  CR LF               data  ! CR LF
 * ```
 *
 * The line that begins with ACK is what an optical head gives back of the reader's own answer. With a BCC (the
 * exclusive or of all bytes behind STX up to and with ETX, 6.2) the readout is checked by it. Some meters end after
 * `! CR LF` even though they began with STX; such a readout and every push is only checked by its grammar, which
 * refuses most damage, but cannot see a digit that has become another digit. A BCC does not see two flips of the same
 * bit position.
 *
 * A readout without BCC is given when the next one begins or with `end`: until then ETX may still come. Whoever reads
 * such a meter calls `end` when the line has been silent for SILENCE_MS_MAX (`sign-on.ts`).
 */
import { hexDigits } from "#base/bytes.ts";
import type { DecodedTelegram, TelegramDecoder, TelegramProblemCode } from "../telegram.ts";
import { asciiText, quoted } from "../ascii.ts";
import { readReadout } from "./read-readout.ts";
import { TelegramBuffer, type Segment } from "./telegram-buffer.ts";

export interface Iec62056Options {
  /** The line carries 7 bits with parity, but is read with 8: the uppermost bit of each byte is cleared. */
  readonly clearsParityBit?: boolean;
  /** The meter is known to send a BCC: a readout without one is refused. */
  readonly requiresBlockCheck?: boolean;
}

/** The longest readout recorded (Iskra MT174 with fifteen months of history) has 9.5 kB. */
export const IEC62056_TELEGRAM_BYTES_MAX = 32 * 1024;

export class Iec62056Decoder implements TelegramDecoder {
  readonly #buffer = new TelegramBuffer(IEC62056_TELEGRAM_BYTES_MAX);
  readonly #mask: number;
  readonly #requiresBlockCheck: boolean;
  #last = 0;

  constructor(options: Iec62056Options = {}) {
    this.#mask = options.clearsParityBit === true ? 0x7f : 0xff;
    this.#requiresBlockCheck = options.requiresBlockCheck === true;
  }

  push(bytes: Uint8Array): readonly DecodedTelegram[] {
    const found: DecodedTelegram[] = [];
    for (const received of bytes) {
      const byte = received & this.#mask;
      // The block check follows ETX and may be any byte, even one that looks like the begin of a telegram.
      const isBlockCheck = this.#last === ETX && this.#buffer.isCollecting;
      this.#last = byte;
      const ended = this.#buffer.add(byte);
      if (ended !== undefined) found.push(this.#read(ended));
      else if (isBlockCheck || (byte === LINE_FEED && isPushEnd(this.#buffer.bytes))) {
        found.push(this.#read(this.#buffer.close()));
      }
    }
    return found;
  }

  end(): readonly DecodedTelegram[] {
    this.#last = 0;
    const ended = this.#buffer.end();
    return ended === undefined ? [] : [this.#read(ended)];
  }

  #read({ offset, bytes, reason }: Segment): DecodedTelegram {
    const refuse = (code: TelegramProblemCode, why: string): DecodedTelegram => {
      return { offset, lengthBytes: bytes.length, problem: { code, reason: why }, values: [] };
    };
    const readout = readReadout(asciiText(bytes));
    switch (readout.kind) {
      case "unfinished":
        if (reason === "full") {
          return refuse("TELEGRAM_TOO_LONG", `no end within ${IEC62056_TELEGRAM_BYTES_MAX} bytes`);
        }
        return refuse(
          "TELEGRAM_CUT_SHORT",
          `${reason === "another began" ? "another telegram began" : "the stream ended"} ${readout.where}`,
        );
      case "bad sum":
        return refuse(
          "TELEGRAM_BAD_SUM",
          `BCC ${hexDigits(readout.found, 2)} found, ${hexDigits(readout.expected, 2)} expected`,
        );
      case "malformed":
        return refuse("TELEGRAM_MALFORMED", `${quoted(readout.text)} ${readout.why}`);
      case "whole":
        if (this.#requiresBlockCheck && !readout.isChecked) return refuse("TELEGRAM_BAD_SUM", "there is no BCC");
        return { offset, lengthBytes: readout.length, values: readout.values };
    }
  }
}

const ETX = 0x03;
const LINE_FEED = 0x0a;
const STX = 0x02;

/**
 * Whether this line feed ends a push. A readout that has neither STX nor the empty line of a push may have lost its
 * STX: then ETX is still to come, and the telegram is not ended here.
 */
function isPushEnd(bytes: Uint8Array): boolean {
  if (!/!\r?\n$/.test(asciiText(bytes.subarray(-3))) || bytes.includes(STX)) return false;
  // Both line ends alike: STX and line feed differ in one bit.
  return /^\/[^\r\n]*(\r?\n)\1/.test(asciiText(bytes.subarray(0, IDENTIFICATION_BYTES_MAX)));
}

const IDENTIFICATION_BYTES_MAX = 128;
