/** What deterministic CBOR is made of: its values, and the bytes that writer and reader share. */
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from "#core/limits.ts";

export type CborValue = number | Uint8Array | string | boolean | null | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<number, CborValue>;

export function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

export function isMap(value: CborValue): value is CborMap {
  return value instanceof Map;
}

export const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
export const FALSE = 0xf4;
export const TRUE = 0xf5;
export const NULL = 0xf6;

export const TOO_DEEP = `nested deeper than ${CBOR_DEPTH_MAX}`;
export const TOO_MANY = `more than ${CBOR_ITEMS_MAX} items`;
