/**
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4): the check of what is on flash. `node:zlib` only has the other
 * polynomial.
 *
 * Eight bytes a step over eight tables ("slicing by 8"), because a start reads and checks the whole ledger: the check
 * must not be slower than the card.
 */

/** The standard check of some bytes. */
export function crc32c(bytes: Uint8Array): number {
  return ~advanceCrc32c(-1, bytes, 0, bytes.length) >>> 0;
}

/**
 * Carries the bare register (no inversion before or after) over `bytes[from, to)`. Started from a secret it makes a
 * check that a stranger cannot compute, as long as he sees none of its values.
 */
export function advanceCrc32c(register: number, bytes: Uint8Array, from: number, to: number): number {
  let state = register | 0;
  let offset = from;
  for (const bulkEnd = to - 7; offset < bulkEnd; offset += 8) {
    const low =
      state ^
      (byteAt(bytes, offset) |
        (byteAt(bytes, offset + 1) << 8) |
        (byteAt(bytes, offset + 2) << 16) |
        (byteAt(bytes, offset + 3) << 24));
    state =
      entry(TABLE, 1792 + (low & 0xff)) ^
      entry(TABLE, 1536 + ((low >>> 8) & 0xff)) ^
      entry(TABLE, 1280 + ((low >>> 16) & 0xff)) ^
      entry(TABLE, 1024 + (low >>> 24)) ^
      entry(TABLE, 768 + byteAt(bytes, offset + 4)) ^
      entry(TABLE, 512 + byteAt(bytes, offset + 5)) ^
      entry(TABLE, 256 + byteAt(bytes, offset + 6)) ^
      entry(TABLE, byteAt(bytes, offset + 7));
  }
  for (; offset < to; offset += 1) state = entry(TABLE, (state ^ byteAt(bytes, offset)) & 0xff) ^ (state >>> 8);
  return state;
}

/**
 * The element, without the compiler's doubt about its being there. One function a type of array, so that V8 inlines
 * both.
 */
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function entry(tables: Int32Array, index: number): number {
  return tables[index] ?? 0;
}

/** 0x1EDC6F41, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** Table k (at 256 k) carries a byte over itself and k zero bytes behind it. */
const TABLE = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let state = byte;
    for (let bit = 0; bit < 8; bit += 1) state = (state & 1) === 1 ? (state >>> 1) ^ POLYNOMIAL : state >>> 1;
    tables[byte] = state;
  }
  for (let index = 256; index < tables.length; index += 1) {
    const shorter = entry(tables, index - 256);
    tables[index] = entry(tables, shorter & 0xff) ^ (shorter >>> 8);
  }
  return tables;
}
