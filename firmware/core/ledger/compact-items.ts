/**
 * CBOR as text that takes less memory: of ids that many entries name, or one entry names twice, only a short reference
 * is kept. No tag is ever written (`../wire/cbor.ts`), so first bytes of tags are free to say "here stands an id".
 *
 *     c1 and 3 bytes    the id with this number in the dictionary
 *     c2 and 1 byte     the id that stood as the so manieth one before
 */
import { assert } from "#base/assert.ts";
import { joinedText, packBytes, unpackBytes } from "./packed-bytes.ts";

/** Ids that entries of all kinds may share: of devices, and of the genesis. It only grows, up to a limit. */
const NUMBERS = new Map<string, number>();
const IDS: string[] = [];
const IDS_MAX = 65_536;

const ID_BYTES = 32;
/** Head of a byte string of 32 bytes. */
const ID_HEAD = "\x58\x20";
const ENTRY = "\xc1";
const BEFORE = "\xc2";

/**
 * @param encoded one canonical item
 * @param shared which of its ids, counted from the first, other entries name as well
 */
export function compactItems(encoded: Uint8Array, shared: ReadonlySet<number>): string {
  const text = packBytes(encoded);
  const before = new Map<string, number>();
  let compact = "";
  let from = 0;
  let count = 0;
  for (let at = 0; at < text.length; at = endOfHeadAt(text, at)) {
    if (!text.startsWith(ID_HEAD, at)) continue;
    const id = text.slice(at + ID_HEAD.length, at + ID_HEAD.length + ID_BYTES);
    const reference = referenceTo(id, before, shared.has(count));
    count += 1;
    if (reference === undefined) {
      if (before.size < 256) before.set(id, before.size);
      continue;
    }
    compact += text.slice(from, at) + reference;
    from = at + ID_HEAD.length + ID_BYTES;
  }
  return joinedText(compact, text.slice(from));
}

export function expandItems(compact: string): Uint8Array {
  const before: string[] = [];
  let text = "";
  let from = 0;
  for (let at = 0; at < compact.length;) {
    const kind = compact.charAt(at);
    if (kind !== ENTRY && kind !== BEFORE) {
      if (compact.startsWith(ID_HEAD, at))
        before.push(compact.slice(at + ID_HEAD.length, at + ID_HEAD.length + ID_BYTES));
      at = endOfHeadAt(compact, at);
      continue;
    }
    const width = kind === ENTRY ? 3 : 1;
    const number = numberAt(compact, at + 1, width);
    const id = kind === ENTRY ? IDS[number] : before[number];
    assert(id !== undefined, "a reference names an id");
    text += compact.slice(from, at) + ID_HEAD + id;
    at += 1 + width;
    from = at;
  }
  return unpackBytes(text + compact.slice(from));
}

function referenceTo(id: string, before: ReadonlyMap<string, number>, isShared: boolean): string | undefined {
  const number = isShared ? numberOf(id) : undefined;
  if (number !== undefined) {
    return ENTRY + String.fromCharCode(number >>> 16, (number >>> 8) & 0xff, number & 0xff);
  }
  const place = before.get(id);
  return place === undefined ? undefined : BEFORE + String.fromCharCode(place);
}

function numberOf(id: string): number | undefined {
  const known = NUMBERS.get(id);
  if (known !== undefined || IDS.length >= IDS_MAX) return known;
  const own = joinedText(id);
  NUMBERS.set(own, IDS.length);
  IDS.push(own);
  return IDS.length - 1;
}

/** Behind the head of the item at a place, and behind its content where that is bytes or text. */
function endOfHeadAt(text: string, at: number): number {
  const initial = text.charCodeAt(at);
  const [major, low] = [initial >>> 5, initial & 0x1f];
  const width = low < 24 ? 0 : 1 << (low - 24);
  const argument = width === 0 ? low : numberAt(text, at + 1, width);
  const hasContent = major === 2 || major === 3;
  return at + 1 + width + (hasContent ? argument : 0);
}

function numberAt(text: string, at: number, width: number): number {
  let number = 0;
  for (let place = at; place < at + width; place += 1) number = number * 256 + text.charCodeAt(place);
  return number;
}
