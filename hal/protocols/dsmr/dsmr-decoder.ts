/**
 * P1 telegrams of DSMR 2.2 to 5 and of what was made after it (eMUCS in Belgium, Luxembourg, Hungary, Ireland, pushes
 * of EasyMeter). P1 Companion Standard 5.0.2, section 6: an identification, lines of objects, and `!` with the CRC of
 * all bytes from `/` to `!`. Versions 2.2 and 3 end with a bare `!`.
 *
 * With a CRC, 65,535 of 65,536 damages are refused, and a line that is not an object of the standard is passed over.
 * Without one every line has to keep to the grammar, which refuses most damage; it cannot see a digit that has become
 * another digit, nor a whole line that is missing. A telegram that says that it is of version 4 or later, or Belgian,
 * has a CRC or is not taken. Some old meters send no `!`: such a telegram ends where the next one begins or the stream
 * does, and is taken if its last line is whole. Nothing tells it from one whose last lines were lost, so who adds two
 * tariffs up asks for both.
 */
import { hexDigits } from "#base/bytes.ts";
import { asciiText, quoted } from "../ascii.ts";
import { TelegramBuffer, type Segment } from "../iec62056-21/telegram-buffer.ts";
import { crc16Arc } from "../crc16.ts";
import type { DecodedTelegram, TelegramDecoder, TelegramProblemCode, TelegramValue } from "../telegram.ts";
import { readObjects, requiredSum } from "./read-objects.ts";

/** The longest known are Belgian ones with thirteen months of peaks, about 2 kB; a text message adds 2 kB. */
export const DSMR_TELEGRAM_BYTES_MAX = 8 * 1024;

export class DsmrDecoder implements TelegramDecoder {
  readonly #buffer = new TelegramBuffer(DSMR_TELEGRAM_BYTES_MAX);

  push(bytes: Uint8Array): readonly DecodedTelegram[] {
    const found: DecodedTelegram[] = [];
    for (const byte of bytes) {
      const ended = this.#buffer.add(byte);
      if (ended !== undefined) found.push(readTelegram(ended));
      else if (byte === LINE_FEED && endMarkOf(this.#buffer.bytes) !== undefined) {
        found.push(readTelegram(this.#buffer.close()));
      }
    }
    return found;
  }

  end(): readonly DecodedTelegram[] {
    const ended = this.#buffer.end();
    return ended === undefined ? [] : [readTelegram(ended)];
  }
}

const LINE_FEED = 0x0a;
const END_MARK = 0x21;
/** `!`, the CRC, carriage return and line feed, and one byte too many. */
const LAST_LINE_BYTES_MAX = 8;

/**
 * Where the end mark of the telegram stands, if the last line begins with it. A damaged object may begin with it, too
 * (`1` and `!` differ in one bit), but is longer.
 */
function endMarkOf(bytes: Uint8Array): number | undefined {
  const hasLineEnd = bytes[bytes.length - 1] === LINE_FEED;
  const start = bytes.lastIndexOf(LINE_FEED, bytes.length - (hasLineEnd ? 2 : 1)) + 1;
  const line = bytes.subarray(start);
  if (line[0] !== END_MARK) return undefined;
  return line.length <= LAST_LINE_BYTES_MAX ? start : undefined;
}

function readTelegram({ offset, bytes, reason }: Segment): DecodedTelegram {
  const refuse = (code: TelegramProblemCode, why: string): DecodedTelegram => ({
    offset,
    lengthBytes: bytes.length,
    problem: { code, reason: why },
    values: [],
  });
  const endMark = endMarkOf(bytes);
  if (endMark === undefined && reason === "full") {
    return refuse("TELEGRAM_TOO_LONG", `no end within ${DSMR_TELEGRAM_BYTES_MAX} bytes`);
  }
  const why = reason === "another began" ? "another telegram began" : "the stream ended";
  if (endMark === undefined) {
    const whole = bytes[bytes.length - 1] === LINE_FEED ? asciiText(bytes) : undefined;
    const withoutMark =
      whole === undefined || requiredSum(whole) !== undefined ? undefined : readObjects(whole, "strict");
    if (withoutMark?.ok === true && withoutMark.value.length > 0) return accept(offset, bytes, withoutMark.value);
    return refuse("TELEGRAM_CUT_SHORT", `${why} before the end mark "!"`);
  }

  const text = asciiText(bytes.subarray(0, endMark));
  const lastLine = asciiText(bytes.subarray(endMark + 1));
  const found = /^[0-9A-Fa-f]{0,4}/.exec(lastLine)?.[0] ?? "";
  const hasLineEnd = bytes[bytes.length - 1] === LINE_FEED;
  if (/^[\r\n]*$/.test(lastLine)) {
    const version = requiredSum(text);
    if (version !== undefined && !hasLineEnd) return refuse("TELEGRAM_CUT_SHORT", `${why} before the CRC`);
    if (version !== undefined) return refuse("TELEGRAM_BAD_SUM", `no CRC, though ${version} always has one`);
    const objects = readObjects(text, "strict");
    return objects.ok ? accept(offset, bytes, objects.value) : refuse("TELEGRAM_MALFORMED", objects.fault.reason);
  }
  const computed = crc16Arc(bytes.subarray(0, endMark + 1));
  // Some meters leave out leading zeros.
  if (found !== "" && Number.parseInt(found, 16) === computed) {
    const objects = readObjects(text, "lenient");
    return objects.ok ? accept(offset, bytes, objects.value) : refuse("TELEGRAM_MALFORMED", objects.fault.reason);
  }
  if (!hasLineEnd && found.length < 4 && found.length === lastLine.length) {
    return refuse("TELEGRAM_CUT_SHORT", `${why} within the CRC`);
  }
  return refuse(
    "TELEGRAM_BAD_SUM",
    `CRC ${quoted(lastLine.replace(/\r?\n$/, ""))} found, ${hexDigits(computed, 4)} expected`,
  );
}

function accept(offset: number, bytes: Uint8Array, values: readonly TelegramValue[]): DecodedTelegram {
  return { offset, lengthBytes: bytes.length, values };
}
