/** The bytes of a file that any editor of any system may have written, as text with plain line ends. */
import { fail, ok, type Result } from "#base/result.ts";
import type { CardFault } from "./card-fault.ts";

/** More is no configuration, whatever it is. */
export const CARD_FILE_BYTES_MAX = 256 * 1024;

export function decodeCardText(
  bytes: Uint8Array,
  name: string,
  bytesMax = CARD_FILE_BYTES_MAX,
): Result<string, CardFault> {
  if (bytes.length > bytesMax) {
    return unfit(name, `more than ${bytesMax / 1024} KiB`, "a text file of a few kilobytes", AGAIN);
  }
  const known = MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte));
  const decoded = decode(bytes, known?.encoding ?? "utf-8");
  if (decoded === undefined) {
    const advice = "Save it again and choose the encoding UTF-8";
    return unfit(name, "letters in an old encoding", "a text file in UTF-8", advice);
  }
  // A copy that was broken off is often of the right length and empty.
  if (decoded.includes("\0")) return unfit(name, "a file with empty stretches in it", "a whole text file", AGAIN);
  if (decoded.startsWith("{\\rtf")) {
    return unfit(name, "a formatted document (RTF)", "plain text", "In TextEdit choose Format, Make Plain Text");
  }
  const text = decoded.replaceAll(/\r\n?/g, "\n");
  if (text.trim() === "") return unfit(name, "an empty file", "a configuration", AGAIN);
  return ok(text);
}

const AGAIN =
  "Copy it onto the card once more, and take the card out only when the computer says that it may be removed; " +
  "`tallystick first-boot --print-card charger` (or vehicle) writes a fresh example";

function unfit(path: string, found: string, expected: string, advice: string): Result<never, CardFault> {
  return fail({ path, found, expected, advice });
}

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The mark is dropped by the decoder. Notepad calls the second one Unicode. */
const MARKS: readonly { readonly mark: readonly number[]; readonly encoding: string }[] = [
  { mark: [0xef, 0xbb, 0xbf], encoding: "utf-8" },
  { mark: [0xff, 0xfe], encoding: "utf-16le" },
  { mark: [0xfe, 0xff], encoding: "utf-16be" },
];
