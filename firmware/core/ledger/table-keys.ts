/** How the keys of the state's tables are written as bytes; in memory they are text in hex. */
import { assert } from "#base/assert.ts";
import { concatBytes, fromHex, toHex } from "#base/bytes.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import type { TableForm } from "./authenticated-map.ts";

export type KeyForm = Pick<TableForm<unknown>, "digitAt" | "keyBytes" | "keyOf">;

/** A device id, an address, a code hash: hashes already. */
export const HASH_KEY: KeyForm = {
  digitAt: (key, level) => digitOf(key.charCodeAt(level)),
  keyBytes: bytesOf,
  keyOf: (bytes) => (bytes.length === HASH_BYTES ? toHex(bytes) : undefined),
};

/**
 * `did:did`, as the bytes of the two in turn: the first of one, the first of the other, the second of one. One after
 * the other would put all pairs of one device on one long path.
 */
export const PAIR_KEY: KeyForm = {
  digitAt: (key, level) => {
    const isOther = (level >> 1) % 2 === 1;
    return digitOf(key.charCodeAt((isOther ? HEX_DIGITS + 1 : 0) + 2 * (level >> 2) + (level % 2)));
  },
  keyBytes: (key) => {
    const [one, other] = key.split(":").map(bytesOf);
    const bytes = new Uint8Array(2 * HASH_BYTES);
    for (let index = 0; index < HASH_BYTES; index += 1) bytes.set([one?.[index] ?? 0, other?.[index] ?? 0], 2 * index);
    return bytes;
  },
  keyOf: (bytes) => {
    if (bytes.length !== 2 * HASH_BYTES) return undefined;
    const side = (from: number): string => toHex(bytes.filter((_, index) => index % 2 === from));
    return `${side(0)}:${side(1)}`;
  },
};

/** `did:number`, as one byte with the number and the device id. */
export const SLOT_KEY: KeyForm = {
  digitAt: (key, level) => {
    const number = Number(key.slice(HEX_DIGITS + 1));
    return level < 2 ? (number >> (4 * (1 - level))) % 16 : digitOf(key.charCodeAt(level - 2));
  },
  keyBytes: (key) => concatBytes(Uint8Array.of(Number(key.slice(HEX_DIGITS + 1))), bytesOf(key.slice(0, HEX_DIGITS))),
  keyOf: (bytes) => (bytes.length === 1 + HASH_BYTES ? `${toHex(bytes.subarray(1))}:${bytes[0] ?? 0}` : undefined),
};

const HEX_DIGITS = 2 * HASH_BYTES;

/** The value of a lower-case hex digit by its character code: `0` is 48, `a` is 97. */
function digitOf(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  assert(bytes?.length === HASH_BYTES, "a key of the state is a hash in hex");
  return bytes;
}
